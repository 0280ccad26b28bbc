"""What must hold for team DNA: one row per team, figures that differ, shares that sum, nothing from the future."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from monps_platform.db.quality.quantum.shared import (
    covers_all_teams,
    documents_keep_their_schema,
    is_not_shrunk,
    is_up_to_date,
    newest,
)
from monps_platform.db.quality.rule import Finding, Rule, sql
from monps_platform.domain.quantum.dna.team_dna import VECTORS
from monps_platform.domain.quantum.documents import Gap

_ASSET, _TABLE = "team_quantum_dna", "quantum.team_quantum_dna"
_NEWEST = newest(_TABLE)
_WHOLE_LEAGUE = 16
"""Teams from which on a figure should be there for one of them."""
_LEAST_TEAMS = 8
"""Teams with a figure from which on it should differ among them."""
_FIGURES = "WITH {newest} SELECT league, season, {vectors} FROM newest"
_IN_ORDER = " ORDER BY league, season, id"
_WITH_SHOTS = """with_shots AS (SELECT DISTINCT m.league_id, m.season FROM matches m
    WHERE EXISTS (SELECT FROM shots s WHERE s.match_id = m.id))"""
_OF_SHOTS = " WHERE (league_id, season) IN (SELECT league_id, season FROM with_shots)"
_ALIKE_BY_NATURE = frozenset(
    {
        frozenset({"market.draw.hit_rate", "risk.draw_rate"}),
        frozenset({"temporal.xg_for.xg", "luck.xg"}),
        frozenset({"temporal.xg_against.xg", "luck.xg_against"}),
    }
)
"""The share of draws wherever every match is priced; what shares of xG are parts of."""
_COMPLETENESS = frozenset({"minutes_coverage", "players_known"})
"""How much is known, as sample sizes say: wherever line-ups are held whole, all of it, for all teams."""
_KNOWN_TO_BE_MISSING = frozenset({Gap.NO_EDGE.value, Gap.NO_CLOSING.value})
"""No edge is an answer, and average closing prices are not published of seasons before 2019-20."""
_CLOSE = 1e-12
"""How near 1 the cosine of two columns is of which one is a multiple of the other; rounding leaves it there."""
_ENDS = ("low", "high")
_PERIODS = """periods AS (
    SELECT n.league, n.season, n.team_id, p.name, p.vector -> 'shares' AS shares
    FROM newest n CROSS JOIN LATERAL (VALUES ('goals_for', n.temporal -> 'goals_for'),
        ('goals_against', n.temporal -> 'goals_against'), ('xg_for', n.temporal -> 'xg_for'),
        ('xg_against', n.temporal -> 'xg_against')) AS p (name, vector)
    WHERE jsonb_typeof(p.vector) = 'object')"""


def _figures_of(document: Mapping[str, Any], before: str) -> Iterator[tuple[str, float]]:
    """Numbers of a document by path; without sample sizes, which are alike by nature, and ends of intervals."""
    for name, value in document.items():
        if name in _COMPLETENESS:
            continue
        path = f"{before}.{name}"
        if isinstance(value, Mapping):
            if {"value", *_ENDS} <= value.keys():
                yield path, float(value["value"])
            else:
                yield from _figures_of(value, path)
        elif isinstance(value, int | float) and not isinstance(value, bool) and not name.startswith("n_"):
            yield path, float(value)


def _constant_or_copied(connection: Connection, _now: datetime) -> Sequence[Finding]:
    """Figures that all teams of a league's season share, or that are exact multiples of another."""
    seasons: dict[tuple[str, str], list[dict[str, float]]] = {}
    statement = text(_FIGURES.format(newest=_NEWEST, vectors=", ".join(VECTORS)) + _IN_ORDER)
    for row in connection.execute(statement).mappings():
        figures = dict(pair for name in VECTORS for pair in _figures_of(row[name], name))
        seasons.setdefault((row["league"], row["season"]), []).append(figures)
    return [
        {"league": league, "season": season, **found}
        for (league, season), teams in seasons.items()
        if len(teams) >= _LEAST_TEAMS
        for found in _alike(teams)
    ]


def _alike(teams: Sequence[Mapping[str, float]]) -> Iterator[Finding]:
    """Figures that are the same for all teams that have them, and multiples of others; of the latter only those that
    all teams have, because what is shrunk by the number of meetings is a multiple wherever that number is the same.
    """
    held: dict[str, list[float]] = {}
    for path, value in (pair for team in teams for pair in team.items()):
        held.setdefault(path, []).append(value)
    columns = {path: values for path, values in held.items() if len(values) >= _LEAST_TEAMS}
    for path, values in columns.items():
        if min(values) == max(values):
            yield {"figure": path, "is": f"{values[0]:g} for all {len(values)} teams"}
    whole = {path: values for path, values in columns.items() if len(values) == len(teams)}
    yield from _multiples({path: values for path, values in whole.items() if min(values) < max(values)})


def _multiples(columns: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    if not columns:
        return
    names, table = list(columns), np.array(list(columns.values()))
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    cosines = np.triu(np.abs(table @ table.T), 1)
    for at, to in np.argwhere(cosines > 1 - _CLOSE).tolist():
        if frozenset({names[at], names[to]}) not in _ALIKE_BY_NATURE:
            yield {"figure": names[at], "is": f"a multiple of {names[to]}"}


def _gaps_of(document: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    """Figures that are missing, by path, with the reason; those within others, too."""
    for name, value in document.items():
        if name == "gaps":
            yield from ((f"{before}.{figure}", str(reason)) for figure, reason in value.items())
        elif isinstance(value, Mapping):
            yield from _gaps_of(value, f"{before}.{name}")


def _missing_for_all(connection: Connection, _now: datetime) -> Sequence[Finding]:
    """Figures that no team of a season has, of the leagues whose shots are held."""
    teams: Counter[str] = Counter()
    reasons: dict[tuple[str, str], list[str]] = {}
    statement = text(_FIGURES.format(newest=f"{_NEWEST}, {_WITH_SHOTS}", vectors=", ".join(VECTORS)) + _OF_SHOTS)
    for row in connection.execute(statement).mappings():
        teams[row["season"]] += 1
        for path, reason in (pair for name in VECTORS for pair in _gaps_of(row[name], name)):
            reasons.setdefault((row["season"], path), []).append(reason)
    return [
        {"season": season, "figure": path, "reason": min(found)}
        for (season, path), found in sorted(reasons.items())
        if len(found) == teams[season] >= _WHOLE_LEAGUE and not set(found) <= _KNOWN_TO_BE_MISSING
    ]


RULES: tuple[Rule, ...] = (
    covers_all_teams(_ASSET, _TABLE, "teams_have_one_dna_row"),
    documents_keep_their_schema(_ASSET, _TABLE, "vectors_keep_their_schemas", VECTORS),
    Rule(
        _ASSET,
        "figures_differ_among_teams",
        "Within a league's season no figure is the same for all teams, and none an exact multiple of another one.",
        _constant_or_copied,
        blocks=True,
    ),
    Rule(
        _ASSET,
        "vectors_rest_on_the_row",
        "Every vector is as of the row's day and rests on its matches.",
        sql(
            _NEWEST,
            """SELECT n.league, n.season, t.name AS team, v.key AS vector, v.value ->> 'as_of' AS vector_as_of, n.as_of,
                v.value ->> 'n_matches' AS vector_matches, n.n_matches
            FROM newest n JOIN teams t ON t.id = n.team_id CROSS JOIN LATERAL jsonb_each(to_jsonb(n)) v
            WHERE v.key = ANY (:vectors) AND ((v.value ->> 'as_of')::date IS DISTINCT FROM n.as_of
                OR (v.value ->> 'n_matches')::int IS DISTINCT FROM n.n_matches)""",
            vectors=list(VECTORS),
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "shares_by_period_sum_to_one",
        "The shares of goals and of xG, for and against, in the six periods of a match sum to 1.",
        sql(
            _NEWEST,
            _PERIODS,
            """SELECT p.league, p.season, t.name AS team, p.name, s.total, s.periods FROM periods p
            JOIN teams t ON t.id = p.team_id CROSS JOIN LATERAL (
                SELECT sum(value::float8) AS total, count(*) AS periods FROM jsonb_each_text(p.shares)) s
            WHERE abs(s.total - 1) > 1e-9 OR s.periods <> 6""",
        ),
        blocks=True,
    ),
    Rule(
        _ASSET,
        "every_vector_has_figures",
        "No figure is missing for all teams of a season, of the leagues whose shots are held.",
        _missing_for_all,
        blocks=False,
    ),
    is_not_shrunk(_ASSET, _TABLE, "dna_is_not_less_than_before"),
    is_up_to_date(_ASSET, _TABLE, "dna_is_up_to_date"),
)
