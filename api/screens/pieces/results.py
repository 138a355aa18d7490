"""The newest results of a station (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from api.screens.formats import decimals_for, shown_unit
from api.screens.look import Look
from api.services.status import violated_limit
from historian.ports import StoredResult
from plant.model import ResultRing, RingField
from telemetry.live import LiveStation
from telemetry.sample import Result, Scalar

MOST_FIELDS = 4


def newest(live: LiveStation, stored: Iterable[StoredResult], kind: str, most: int) -> list[Result]:
    """Return the newest results, of those just heard and those stored, each once."""
    known = {
        (result.at_ms, result.number): result
        for result in (*(each.result for each in stored), *live.results)
        if result.kind == kind
    }
    return [known[key] for key in sorted(known, reverse=True)[:most]]


def results_table(ring: ResultRing, results: Sequence[Result], look: Look) -> Markup:
    """Return a table of results: when, which, its grade, and what was measured against limits."""
    texts = look.texts
    if not results:
        return Markup('<p class="empty">{}</p>').format(texts.no_results)
    fields = [field for field in ring.fields if field.limits is not None][:MOST_FIELDS]
    head = Markup("").join(
        Markup('<th class="num">{} <small>{}</small></th>').format(
            field.title or field.name, shown_unit(field.unit)
        )
        for field in fields
    )
    grade = Markup("<th>{}</th>").format(texts.grade) if ring.grade_field else Markup("")
    rows = Markup("").join(_row(ring, fields, result, look) for result in results)
    return Markup(
        '<table class="results"><thead><tr><th>{}</th><th>{}</th>{}{}</tr></thead><tbody>{}</tbody></table>'
    ).format(texts.made_at, _key_title(ring), grade, head, rows)


def _key_title(ring: ResultRing) -> str:
    return next((field.title for field in ring.fields if field.name == ring.key_field), "") or ring.kind


def _row(ring: ResultRing, fields: Sequence[RingField], result: Result, look: Look) -> Markup:
    grade = Markup("")
    if ring.grade_field:
        code = result.fields.get(ring.grade_field)
        good = code in (0, 0.0, None)
        grade = Markup('<td class="{}">{}</td>').format(
            "grade" if good else "grade rejected",
            look.texts.grade_good if good else f"■ {look.texts.grade_reject} {look.formats.value(code)}",
        )
    cells = Markup("").join(_cell(field, result.fields.get(field.name), look) for field in fields)
    return Markup('<tr><td>{}</td><td class="key">{}</td>{}{}</tr>').format(
        look.formats.clock(result.at_ms), result.key, grade, cells
    )


def _cell(field: RingField, value: Scalar | None, look: Look) -> Markup:
    beyond = violated_limit(value, field.limits)
    sign = "▲ " if beyond and beyond.startswith("high") else "▼ " if beyond else ""
    text = look.formats.value(value, decimals_for(field.limits, 0.0))
    return Markup('<td class="num {}">{}{}</td>').format("beyond" if beyond else "", sign, text)
