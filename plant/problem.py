"""What is wrong in a description: a file, a line and a sentence, as many as there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from typing_extensions import override


class Problem(NamedTuple):
    """One mistake: what is wrong, where, and what to do."""

    file: str
    line: int | None
    """Counted from 1; None where there is no line, such as for the environment."""
    message: str

    @override
    def __str__(self) -> str:
        """Return `file:line: message`."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}"


class DescriptionError(ValueError):
    """A description or settings file cannot be used; its text is one problem per line."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
