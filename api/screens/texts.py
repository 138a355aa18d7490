"""Every word the screens say, in the languages of the shop floor."""

# ruff: noqa: RUF001 - French writes its apostrophe so

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plant.packml import PackmlState, TimeClass


class Language(StrEnum):
    """Languages there is a table for."""

    ENGLISH = "en"
    FRENCH = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One language's table; a missing word is an error of the type checker."""

    plants: str
    state: str
    unknown: str
    measuring: str
    no_contact: str
    never_seen: str
    since: str
    longer_than: str
    rate: str
    plan: str
    ideal: str
    no_plan: str
    per_min: str
    good: str
    reject: str
    last_hour: str
    today: str
    yield_: str
    availability: str
    performance: str
    quality: str
    oee: str
    output_of: str
    timeline: str
    last_results: str
    no_results: str
    made_at: str
    grade: str
    grade_good: str
    grade_reject: str
    signals: str
    signal: str
    value: str
    limits: str
    age: str
    never_read: str
    no_history: str
    range_words: tuple[str, str, str, str]
    alarms: str
    no_alarms: str
    alarms_unknown: str
    stale: str
    bad: str
    uncertain: str
    data_age: str
    no_data: str
    history_down: str
    connection_lost: str
    connection_lost_more: str
    not_found: str
    not_found_more: str
    to_plants: str
    stations_answering: str
    waiting_more: str
    theme: str
    other_language: str
    mean: str
    envelope: str
    counts: dict[str, str]
    states: dict[PackmlState, str]
    times: dict[TimeClass, str]
    priorities: dict[str, str]


ENGLISH = Texts(
    plants="Plants",
    state="State",
    unknown="Unknown",
    measuring="Measuring",
    no_contact="No contact",
    never_seen="not seen yet",
    since="since",
    longer_than="for more than",
    rate="Rate now",
    plan="plan",
    ideal="ideal",
    no_plan="no plan",
    per_min="/min",
    good="Good",
    reject="Reject",
    last_hour="Last hour",
    today="Today",
    yield_="Good part",
    availability="Availability",
    performance="Performance",
    quality="Quality",
    oee="OEE",
    output_of="counted at",
    timeline="State, last hour",
    last_results="Last results",
    no_results="No result yet today.",
    made_at="Made at",
    grade="Grade",
    grade_good="good",
    grade_reject="reject",
    signals="Signals",
    signal="Signal",
    value="Value",
    limits="Limits",
    age="Read",
    never_read="never read",
    no_history="No history in this time.",
    range_words=("5 min", "1 h", "8 h", "24 h"),
    alarms="Alarms of the machine",
    no_alarms="None active.",
    alarms_unknown="Unknown: the machine's alarms are not read now.",
    stale="stale",
    bad="bad",
    uncertain="doubtful",
    data_age="data",
    no_data="no data yet",
    history_down="History is not available now. Live values go on.",
    connection_lost="Connection to the server lost",
    connection_lost_more="What you see is old. Trying again...",
    not_found="There is nothing here",
    not_found_more="The plant description has no such place:",
    to_plants="To the plants",
    stations_answering="stations answering",
    waiting_more="blocked or starved",
    theme="Light / dark",
    other_language="Français",
    mean="mean",
    envelope="min to max",
    counts={
        "cells": "cells",
        "m": "m",
        "batches": "batches",
        "sheets": "sheets",
        "stacks": "stacks",
    },
    states={
        PackmlState.CLEARING: "Clearing",
        PackmlState.STOPPED: "Stopped",
        PackmlState.STARTING: "Starting",
        PackmlState.IDLE: "Idle",
        PackmlState.SUSPENDED: "Waiting",
        PackmlState.EXECUTE: "Running",
        PackmlState.STOPPING: "Stopping",
        PackmlState.ABORTING: "Aborting",
        PackmlState.ABORTED: "Fault stop",
        PackmlState.HOLDING: "Holding",
        PackmlState.HELD: "Held",
        PackmlState.UNHOLDING: "Resuming",
        PackmlState.SUSPENDING: "To waiting",
        PackmlState.UNSUSPENDING: "Resuming",
        PackmlState.RESETTING: "Set-up",
        PackmlState.COMPLETING: "Completing",
        PackmlState.COMPLETE: "Complete",
    },
    times={
        TimeClass.PRODUCTION: "running",
        TimeClass.SETUP: "set-up",
        TimeClass.DELAY: "waiting",
        TimeClass.DOWN: "down",
        TimeClass.PLANNED: "planned stop",
        TimeClass.UNKNOWN: "unknown",
    },
    priorities={"critical": "critical", "high": "high", "medium": "medium", "low": "low"},
)

FRENCH = Texts(
    plants="Usines",
    state="État",
    unknown="Inconnu",
    measuring="En mesure",
    no_contact="Aucun contact",
    never_seen="jamais vu",
    since="depuis",
    longer_than="depuis plus de",
    rate="Cadence",
    plan="plan",
    ideal="idéal",
    no_plan="sans plan",
    per_min="/min",
    good="Bons",
    reject="Rebuts",
    last_hour="Dernière heure",
    today="Aujourd’hui",
    yield_="Part de bons",
    availability="Disponibilité",
    performance="Performance",
    quality="Qualité",
    oee="TRS",
    output_of="compté à",
    timeline="États, dernière heure",
    last_results="Derniers résultats",
    no_results="Aucun résultat aujourd’hui.",
    made_at="Fait à",
    grade="Classe",
    grade_good="bon",
    grade_reject="rebut",
    signals="Signaux",
    signal="Signal",
    value="Valeur",
    limits="Limites",
    age="Lu",
    never_read="jamais lu",
    no_history="Pas d’historique sur cette période.",
    range_words=("5 min", "1 h", "8 h", "24 h"),
    alarms="Alarmes de la machine",
    no_alarms="Aucune active.",
    alarms_unknown="Inconnues : les alarmes de la machine ne sont pas lues.",
    stale="périmé",
    bad="mauvais",
    uncertain="douteux",
    data_age="données",
    no_data="pas encore de données",
    history_down="L’historique est indisponible. Les valeurs en direct continuent.",
    connection_lost="Connexion au serveur perdue",
    connection_lost_more="Ce que vous voyez est ancien. Nouvel essai...",
    not_found="Il n’y a rien ici",
    not_found_more="La description de l’usine ne connaît pas ce lieu :",
    to_plants="Vers les usines",
    stations_answering="postes répondent",
    waiting_more="bloqué ou en attente d’amont",
    theme="Clair / sombre",
    other_language="English",
    mean="moyenne",
    envelope="min à max",
    counts={
        "cells": "cellules",
        "m": "m",
        "batches": "lots",
        "sheets": "feuilles",
        "stacks": "empilages",
    },
    states={
        PackmlState.CLEARING: "Acquittement",
        PackmlState.STOPPED: "Arrêté",
        PackmlState.STARTING: "Démarrage",
        PackmlState.IDLE: "Au repos",
        PackmlState.SUSPENDED: "En attente",
        PackmlState.EXECUTE: "En marche",
        PackmlState.STOPPING: "Arrêt en cours",
        PackmlState.ABORTING: "Arrêt d’urgence",
        PackmlState.ABORTED: "Arrêt défaut",
        PackmlState.HOLDING: "Mise en pause",
        PackmlState.HELD: "En pause",
        PackmlState.UNHOLDING: "Reprise",
        PackmlState.SUSPENDING: "Vers attente",
        PackmlState.UNSUSPENDING: "Reprise",
        PackmlState.RESETTING: "Réglage",
        PackmlState.COMPLETING: "Fin de lot",
        PackmlState.COMPLETE: "Terminé",
    },
    times={
        TimeClass.PRODUCTION: "en marche",
        TimeClass.SETUP: "réglage",
        TimeClass.DELAY: "attente",
        TimeClass.DOWN: "panne",
        TimeClass.PLANNED: "arrêt prévu",
        TimeClass.UNKNOWN: "inconnu",
    },
    priorities={"critical": "critique", "high": "haute", "medium": "moyenne", "low": "basse"},
)

TABLES = {Language.ENGLISH: ENGLISH, Language.FRENCH: FRENCH}


def language_of(asked: str | None, accepted: str | None) -> Language:
    """Return the language asked for by `?lang=`, else the browser's first one we know."""
    for wish in (asked or "", *(part.split(";")[0] for part in (accepted or "").split(","))):
        primary = wish.strip().lower().split("-")[0]
        if primary in TABLES:
            return Language(primary)
    return Language.ENGLISH
