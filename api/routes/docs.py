"""A reference of the API made from its own description; needs no script and no other host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

router = APIRouter(include_in_schema=False)

_STYLE = Markup("""
:root { color-scheme: light dark; --line: #8883; --dim: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-weight: 600; } section { border-top: 1px solid var(--line); padding: .8rem 0; }
h2 { font: 600 1.05rem ui-monospace, monospace; margin: 0; } p { margin: .3rem 0; white-space: pre-line; }
table { border-collapse: collapse; font-size: .92rem; margin-top: .4rem; }
td { padding: .15rem 1.2rem .15rem 0; vertical-align: top; }
td:first-child { font-family: ui-monospace, monospace; }
.dim { color: var(--dim); }
""")


@router.get("/api/docs")
@router.get("/api/v1/docs")
def reference(request: Request) -> HTMLResponse:
    """Return the reference as one page."""
    return HTMLResponse(reference_html(request.app.openapi()))


def reference_html(description: dict[str, Any]) -> str:
    """Return a page that lists every route with its parameters (pure)."""
    info = description["info"]
    sections = Markup("").join(
        _section(path, verb, operation)
        for path, operations in description["paths"].items()
        for verb, operation in operations.items()
    )
    return Markup(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} API</title>'
        '<meta name="viewport" content="width=device-width"><style>{style}</style>'
        "<h1>{title} API</h1><p>{text}</p>"
        '<p>Machine-readable: <a href="/api/v1/openapi.json">openapi.json</a></p>'
        "{sections}</html>"
    ).format(title=info["title"], style=_STYLE, text=info["description"], sections=sections)


def _section(path: str, verb: str, operation: dict[str, Any]) -> Markup:
    rows = Markup("").join(_rows(operation.get("parameters", [])))
    return Markup("<section><h2>{} {}</h2><p>{}</p><table>{}</table></section>").format(
        verb.upper(), path, operation.get("description", ""), rows
    )


def _rows(parameters: list[dict[str, Any]]) -> Iterator[Markup]:
    for parameter in parameters:
        schema = parameter.get("schema", {})
        default = schema.get("default")
        note = (
            "needed" if parameter.get("required") else "" if default in (None, "") else f"default {default}"
        )
        text = parameter.get("description", "")
        yield Markup('<tr><td>{}<td class="dim">{}<td class="dim">{}<td>{}').format(
            parameter["name"], parameter["in"], note, text
        )
