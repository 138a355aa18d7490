"""What a benchmark reports: a figure, its budget, and the conditions it was measured under."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Figure(NamedTuple):
    """One measured figure."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    """Whether the budget is a floor rather than a ceiling."""

    @property
    def within(self) -> bool | None:
        """Whether the budget is met; None without one."""
        if self.budget is None:
            return None
        return self.value >= self.budget if self.at_least else self.value <= self.budget


def print_figures(title: str, figures: Sequence[Figure], console: Console) -> None:
    """Print the figures beside their budgets."""
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("budget", justify="right")
    table.add_column("")
    words = {True: "within", False: "MISSED", None: ""}
    for figure in figures:
        budget = "" if figure.budget is None else f"{'≥' if figure.at_least else '≤'} {figure.budget:,.6g}"
        table.add_row(figure.what, f"{figure.value:,.4g} {figure.unit}", budget, words[figure.within])
    console.print(table)
