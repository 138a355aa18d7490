"""Turn each finding of pydantic into one sentence an electrician understands."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from plant.nearest import nearest
from plant.yaml_document import Step

_SECRET_WORDS = ("password", "secret", "token", "credential", "private", "api_key")

_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a finite number",
    "bool": "true or false",
    "string": "text (put it in quotes if it looks like a number)",
    "list": "a list, one '- ' line per item or [a, b]",
    "tuple": "a list, one '- ' line per item or [a, b]",
    "set": "a list, one '- ' line per item or [a, b]",
    "frozen_set": "a list, one '- ' line per item or [a, b]",
    "dict": "a block of indented 'key: value' lines",
    "model": "a block of indented 'key: value' lines",
    "model_attributes": "a block of indented 'key: value' lines",
    "path": "the path of a file or folder",
    "url": "a complete URL such as http://127.0.0.1:8086",
}

_PATTERNS: Mapping[str, str] = {
    "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": (
        "start with a letter and use lower case letters, digits and single hyphens, as in coater-1"
    ),
    "^[a-z][a-z0-9]*(_[a-z0-9]+)*$": (
        "start with a letter and use lower case letters, digits and single underscores, as in web_speed_m_min"
    ),
    "^[^+#]+$": "be one exact MQTT topic, without the wildcards + and #",
    "^[^+#]*$": "be one exact MQTT topic, without the wildcards + and #",
}


def sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what is wrong and what to do, without ever showing a secret."""
    steps = [step for step in error["loc"] if step != "[key]"]
    kind = error["type"]
    key = _shown_key(steps)
    if kind == "extra_forbidden":
        owner = model_at(model, steps[:-1])
        known = owner.model_fields if owner is not None else ()
        return f"unknown key {key}{nearest(str(steps[-1]), known)}"
    if kind == "missing":
        return _missing(model, steps)
    if kind in {"value_error", "assertion_error"}:
        return _without_secret(str(error.get("ctx", {}).get("error", error["msg"])), error, steps)
    if kind in {"enum", "literal_error"}:
        return f"{_is(error, steps)}, which is not allowed{_allowed(error)}"
    if kind in {"too_short", "too_long"}:
        return f"{key} has {_entries(error)}"
    return f"{_is(error, steps)}; it must {_demand(error)}{_hint(steps, kind)}"


def model_at(model: type[BaseModel], steps: Sequence[Step]) -> type[BaseModel] | None:
    """Return the model that a location leads to, or None where it cannot be told."""
    found: type[BaseModel] | None = model
    wanted: Any = model
    for step in steps:
        if found is not None and step in found.model_fields:
            wanted = found.model_fields[str(step)].annotation
        found = _model_in(wanted)
    return found


def is_secret(steps: Sequence[Step]) -> bool:
    """Whether a location's name says that its value must not be shown."""
    return any(word in str(step).lower() for step in steps for word in _SECRET_WORDS)


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 (any annotation)
    """Return the first model inside an annotation such as `tuple[Signal, ...]` or `Register | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _shown_key(steps: Sequence[Step]) -> str:
    if not steps:
        return "the file"
    if isinstance(steps[-1], int):
        owner = next((f"'{step}'" for step in reversed(steps) if isinstance(step, str)), "the list")
        return f"{owner}, item {steps[-1] + 1},"
    return f"'{steps[-1]}'"


def _missing(model: type[BaseModel], steps: Sequence[Step]) -> str:
    key = _shown_key(steps)
    if isinstance(steps[-1], int):
        return f"{key} is missing; add it"
    return f"the key {key} is missing{_of(steps)}; add it{_meaning(model, steps)}"


def _of(steps: Sequence[Step]) -> str:
    """Return in which block a key is, where that helps."""
    return f" in {_shown_key(steps[:-1]).rstrip(',')}" if steps[:-1] else ""


def _meaning(model: type[BaseModel], steps: Sequence[Step]) -> str:
    """Return what a missing key is for, where the model says so."""
    owner = model_at(model, steps[:-1])
    field = owner.model_fields.get(str(steps[-1])) if owner is not None else None
    said = (field.description or "") if field is not None else ""
    return f" ({said.splitlines()[0].rstrip('.')})" if said else ""


def _is(error: ErrorDetails, steps: Sequence[Step]) -> str:
    """Return `'address' is -1`, or without the value where it is secret."""
    key = _shown_key(steps)
    given = error["input"]
    if is_secret(steps):
        return f"{key} has a value that does not fit (not shown here)"
    if isinstance(given, str) and "://" in given and "@" in given:
        return f"{key} is a URL with a login in it (not shown here)"
    return f"{key} is {_shown(given)}"


def _shown(given: object) -> str:
    """Return a value as the reader wrote it, or what kind of thing it is where it is long."""
    match given:
        case None:
            return "empty"
        case str():
            return f"'{given}'" if len(given) <= 60 else f"a text of {len(given)} characters"
        case bool():
            return str(given).lower()
        case int() | float():
            return str(given)
        case Mapping():
            return "a block of 'key: value' lines"
        case _:
            return "a list"


def _hint(steps: Sequence[Step], kind: str) -> str:
    """Return advice for a mistake that is made again and again."""
    if kind == "less_than_equal" and steps and steps[-1] in {"address", "head", "first_slot"}:
        return "; addresses count from 0 and leave out the 3 or 4 in front (40001 is holding 0)"
    return ""


def _allowed(error: ErrorDetails) -> str:
    expected = error.get("ctx", {}).get("expected", "")
    words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
    close = difflib.get_close_matches(str(error["input"]).lower(), words, n=1, cutoff=0.6)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return f"; write one of {', '.join(words)}{hint}"


_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda ctx: f"be above {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"be at least {ctx['ge']:g}",
    "less_than": lambda ctx: f"be below {ctx['lt']:g}",
    "less_than_equal": lambda ctx: f"be at most {ctx['le']:g}",
    "string_pattern_mismatch": lambda ctx: _PATTERNS.get(ctx["pattern"], f"match {ctx['pattern']}"),
    "string_too_long": lambda ctx: f"have at most {ctx['max_length']} characters",
    "string_too_short": lambda ctx: f"have at least {ctx['min_length']} characters",
    "int_from_float": lambda _: f"be {_KINDS['int']}",
    "recursion_loop": lambda _: "not contain itself through an anchor; write the values out",
}


def _entries(error: ErrorDetails) -> str:
    """Return how many entries a list has and how many it may have."""
    ctx = error.get("ctx", {})
    there = ctx.get("actual_length")
    bound = f"at least {ctx['min_length']}" if "min_length" in ctx else f"at most {ctx['max_length']}"
    return f"{'more' if there is None else there or 'no'} entries; it must have {bound}"


def _demand(error: ErrorDetails) -> str:
    """Return what the value must do or be."""
    kind = error["type"]
    if kind in _BOUNDS:
        return _BOUNDS[kind](error.get("ctx", {}))
    for suffix in ("_type", "_parsing", "_parsing_size"):
        plain = _KINDS.get(kind.removesuffix(suffix))
        if kind.endswith(suffix) and plain is not None:
            return f"be {plain}"
    if kind in _KINDS:
        return f"be {_KINDS[kind]}"
    message = error["msg"][:1].lower() + error["msg"][1:]
    return "not be so: " + _without_secret(message, error, [*error["loc"]])


def _without_secret(message: str, error: ErrorDetails, steps: Sequence[Step]) -> str:
    """Return the message with a secret value blotted out."""
    given = error["input"]
    if is_secret(steps) and isinstance(given, str) and given:
        return message.replace(given, "...")
    return message
