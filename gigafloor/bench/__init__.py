"""Measures what the product costs, on the product's own commands."""
