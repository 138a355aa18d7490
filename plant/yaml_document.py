"""A YAML file as plain values, and the line of every key and value in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from plant.problem import DescriptionError, Problem

Step = str | int
"""A mapping key or a list index, as in the location of a pydantic error."""


class Document(NamedTuple):
    """What a file says and where it says it."""

    file: str
    values: dict[str, Any]
    root: MappingNode | None
    """None where there is no file."""

    def line(self, steps: Sequence[Step], *, of_key: bool = False) -> int | None:
        """Return the line of a value, or of its key; of the nearest thing around it if it is absent."""
        if self.root is None:
            return None
        node: Node = self.root
        line = node.start_mark.line + 1
        for step in steps:
            found = _child(node, step)
            if found is None:
                continue
            key, node = found
            line = (key if of_key or not isinstance(node, ScalarNode) else node).start_mark.line + 1
        return line


def read_document(path: Path) -> Document:
    """Return the values of a YAML file with their lines.

    Raises:
        DescriptionError: the file cannot be read or is not a YAML mapping.
    """
    file = str(path)
    text = _text(path)
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        raise DescriptionError([_syntax_problem(file, text, error)]) from error
    if root is None:
        raise DescriptionError(
            [Problem(file, None, "the file is empty; write 'key: value' lines or remove it")]
        )
    if not isinstance(root, MappingNode):
        raise DescriptionError(
            [Problem(file, root.start_mark.line + 1, "the file must consist of 'key: value' lines")]
        )
    problems = [Problem(file, line, message) for line, message in _key_problems(root, set())]
    if problems:
        raise DescriptionError(problems)
    try:
        values = loader.construct_document(root)
    except yaml.YAMLError as error:
        raise DescriptionError([_syntax_problem(file, text, error)]) from error
    return Document(file, values, root)


class _PlainLoader(yaml.SafeLoader):
    """Reads scalars as YAML 1.2 does: `no`, `on` and `12:30` are text, `1e-6` is a number."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's API)


for _tag, _pattern, _first in (
    ("float", r"^0x[0-9a-fA-F]+$", "0"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _number(loader: yaml.SafeLoader, node: ScalarNode) -> int | float:
    """Return an int where the text is one, in base 10 even with leading zeros, else a float."""
    text = str(loader.construct_scalar(node))
    if text.startswith("0x"):
        return int(text, 16)
    return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else float(loader.construct_yaml_float(node))


_PlainLoader.add_constructor("tag:yaml.org,2002:float", _number)


def _text(path: Path) -> str:
    """Return the text of a file, or say why there is none."""
    file = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DescriptionError(
            [Problem(file, None, "there is no such file; check the name and the folder")]
        ) from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DescriptionError([Problem(file, None, f"the file cannot be read: {reason}")]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8 text; save the file with the encoding UTF-8"
        raise DescriptionError([Problem(file, line, message)]) from error


def _child(node: Node, step: Step) -> tuple[Node, Node] | None:
    """Return key and value node below a node; for a list item, the item twice."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if isinstance(node, MappingNode):
        wanted = str(step)
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == wanted:
                return key, value
    return None


def _key_problems(node: Node, seen: set[int]) -> Iterator[tuple[int, str]]:
    """Yield keys that stand twice in one mapping, or that are no plain words."""
    if id(node) in seen:
        return  # an alias of what was already looked at
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _key_problems(item, seen)
    if isinstance(node, MappingNode):
        yield from _mapping_problems(node, seen)


def _mapping_problems(node: MappingNode, seen: set[int]) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            yield line, "a key must be a single word or number"
            continue
        if key.value in first:
            yield (
                line,
                f"the key '{key.value}' already stands on line {first[key.value]}; keep one of the two",
            )
        first.setdefault(key.value, line)
        yield from _key_problems(value, seen)


_UNCLOSED = re.compile(r"expected ',' or|unexpected end of stream")
"""What is best looked for where it was opened."""

_SYNTAX: Mapping[str, str] = {
    r"'\t'": "a tab is not allowed here; indent with spaces",
    "mapping values are not allowed": (
        "there is a ':' too much, or the line is indented wrongly; put text that has a ':' in quotes"
    ),
    "could not find expected ':'": "a 'key: value' line is not finished; there is no ':' after the key",
    "expected <block end>": "this line is indented wrongly; align it with the lines it belongs to",
    "found unexpected end of stream": "the quote that opens here is never closed",
    "expected ',' or": "the bracket that opens here is not closed, or a comma is missing in it",
    "'<stream end>'": "the file ends too early; a bracket or a quote is not closed",
    "found undefined alias": "'*' starts the name of an anchor that does not exist; put such text in quotes",
    "expected a single document": "a second document starts here; keep only one '---'",
    "could not determine a constructor": "a tag that starts with '!' is not allowed; write plain values",
    "special characters are not allowed": "there is a control character here; remove it",
    "found character": "this character cannot start a value; put the text in quotes",
}


def _syntax_problem(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """Say in plain words what the parser stumbled over; never quote the line, it may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError):
        said = f"{error.context or ''} {error.problem or ''}"
        opened = error.context_mark if _UNCLOSED.search(said) else None
        mark = opened or error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
    else:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        said = str(getattr(error, "reason", error))
    for pattern, sentence in _SYNTAX.items():
        if pattern in said:
            return Problem(file, line, sentence)
    return Problem(file, line, f"this is not valid YAML: {said.strip()}")
