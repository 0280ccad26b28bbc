"""What must hold for every quantum table: up to date, not shrunk, documents that keep their schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from pydantic import ValidationError
from sqlalchemy import Connection, text

from monps_platform.db.quality.rule import Finding, Rule, sql
from monps_platform.domain.quantum.documents import Document

MOST_FINDINGS = 1000
"""Broken documents that are listed: who wrote one wrong wrote all wrong."""


def newest(table: str) -> str:
    """A table expression ``newest``: the rows of a quantum table as of the newest day of each league's season."""
    return _NEWEST.format(table=table)


_NEWEST = """newest AS (
    SELECT t.*, l.code AS league FROM {table} t JOIN leagues l ON l.id = t.league_id
    WHERE (t.league_id, t.season, t.as_of) IN (
        SELECT league_id, season, max(as_of) FROM {table} GROUP BY league_id, season))"""
_DAYS = """days AS (
    SELECT league_id, season, as_of, count(*) AS rows,
        row_number() OVER (PARTITION BY league_id, season ORDER BY as_of DESC) AS age,
        lag(count(*)) OVER (PARTITION BY league_id, season ORDER BY as_of) AS rows_before
    FROM {table} GROUP BY league_id, season, as_of)"""
_DOCUMENTS = "WITH {newest} SELECT id, league, season, {columns} FROM newest ORDER BY id"
_HAS_SHOTS = "AND EXISTS (SELECT FROM shots s JOIN matches n ON n.id = s.match_id WHERE n.league_id = m.league_id \
AND n.season = m.season)"
_FRESH = """SELECT l.code AS league, m.season, max(m.match_date) AS last_match, max(d.as_of) AS as_of
    FROM matches m JOIN leagues l ON l.id = m.league_id
    LEFT JOIN days d ON d.league_id = m.league_id AND d.season = m.season AND d.age = 1
    WHERE m.home_goals IS NOT NULL {needs} GROUP BY l.code, m.season, m.league_id
    HAVING max(d.as_of) IS NULL OR max(m.match_date) - max(d.as_of) > :look_back"""


_TEAMS = """SELECT d.league, d.season, t.name AS team, n.n_matches, n.as_of, count(m.id) AS played
    FROM (SELECT DISTINCT league, league_id, season, as_of FROM newest) d
    JOIN matches m ON m.league_id = d.league_id AND m.season = d.season AND m.match_date < d.as_of
        AND m.home_goals IS NOT NULL
    CROSS JOIN LATERAL (VALUES (m.home_team_id), (m.away_team_id)) AS s (team_id)
    JOIN teams t ON t.id = s.team_id
    LEFT JOIN newest n ON n.league_id = d.league_id AND n.season = d.season AND n.team_id = s.team_id
    GROUP BY d.league, d.season, t.id, n.league, n.season, n.n_matches, n.as_of
    HAVING n.n_matches IS DISTINCT FROM count(m.id)
    UNION ALL SELECT n.league, n.season, t.name, n.n_matches, n.as_of, 0 FROM newest n JOIN teams t ON t.id = n.team_id
    WHERE NOT EXISTS (SELECT FROM matches m WHERE n.team_id IN (m.home_team_id, m.away_team_id)
        AND m.league_id = n.league_id AND m.season = n.season AND m.match_date < n.as_of
        AND m.home_goals IS NOT NULL)"""


def covers_all_teams(asset: str, table: str, name: str) -> Rule:
    """One row per team that played, resting on all its matches."""
    return Rule(
        asset,
        name,
        "Every team that played in a league's season before its newest day, and no other, has one row of that day, "
        "which rests on all of its matches before it.",
        sql(newest(table), _TEAMS),
        blocks=True,
    )


def is_up_to_date(asset: str, table: str, name: str, *, needs_shots: bool = False) -> Rule:
    """Every league's season has rows, and they know all but the last weeks of what is held."""
    which = " whose shots are held" if needs_shots else ""
    return Rule(
        asset,
        name,
        f"Every league's season{which} has rows as of a day that is at most 28 days behind its last match. If not: run "
        "quantum_job.",
        sql(_DAYS.format(table=table), _FRESH.format(needs=_HAS_SHOTS if needs_shots else "")),
        blocks=False,
    )


def is_not_shrunk(asset: str, table: str, name: str) -> Rule:
    """Against the last day."""
    return Rule(
        asset,
        name,
        "As of its newest day each league's season has at least four fifths of the rows that it had as of the day "
        "before that.",
        sql(
            _DAYS.format(table=table),
            """SELECT l.code AS league, d.season, d.as_of, d.rows, d.rows_before FROM days d
            JOIN leagues l ON l.id = d.league_id WHERE d.age = 1 AND d.rows < :share * d.rows_before""",
        ),
        blocks=False,
    )


def documents_keep_their_schema(asset: str, table: str, name: str, documents: Mapping[str, type[Document]]) -> Rule:
    """Every JSON document of the newest rows is one of its type; ``documents`` are the types by column."""
    statement = text(_DOCUMENTS.format(newest=newest(table), columns=", ".join(documents)))

    def find(connection: Connection, _now: datetime) -> Sequence[Finding]:
        rows = connection.execute(statement).mappings()
        broken = (
            {"id": row["id"], "league": row["league"], "season": row["season"], **wrong}
            for row in rows
            for column, document in documents.items()
            if (wrong := _first_error(document, column, row[column])) is not None
        )
        return list(islice(broken, MOST_FINDINGS))

    listed = ", ".join(documents)
    return Rule(asset, name, f"The documents ({listed}) of the newest rows keep their schemas.", find, blocks=True)


def _first_error(document: type[Document], column: str, value: object) -> Finding | None:
    try:
        document.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return {"field": ".".join(map(str, (column, *first["loc"]))), "wrong": first["msg"]}
    return None
