"""A package's errors hang on one tree or on a builtin that says as much, so none is missed by `except`."""

from __future__ import annotations

import ast
import builtins

import pytest

from tests.support.repository import ROOT_PACKAGES, nodes, source_files

_SAYS_NOTHING = {"Exception", "BaseException"}


def errors_of(package: str) -> dict[str, list[str]]:
    """Return every exception class of the package with the names of its bases."""
    classes = {
        node.name: [ast.unparse(base).rpartition(".")[2] for base in node.bases]
        for path in source_files(package)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    }
    return {name: bases for name, bases in classes.items() if any(map(is_error, bases))}


def is_error(name: str) -> bool:
    """Return whether a base's name is that of an exception."""
    builtin = getattr(builtins, name, None)
    known = isinstance(builtin, type) and issubclass(builtin, BaseException)
    return known or name.endswith(("Error", "Exception"))


@pytest.mark.parametrize("package", ROOT_PACKAGES)
def test_errors_have_one_root_or_a_builtin_that_says_what_they_are(package: str) -> None:
    roots = [name for name, bases in errors_of(package).items() if _SAYS_NOTHING & set(bases)]
    assert len(roots) <= 1, f"{package} has {len(roots)} roots of errors: {', '.join(roots)}"


@pytest.mark.parametrize("package", ROOT_PACKAGES)
def test_errors_are_named_error(package: str) -> None:
    assert [name for name in errors_of(package) if not name.endswith("Error")] == []
