"""Pieces of screens: from what is known to HTML, all pure."""
