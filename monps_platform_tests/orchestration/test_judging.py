"""What the asset of forecasts says about them: tables, a picture and figures, all of them those of the rows."""

from __future__ import annotations

import math
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.judgement import VERSIONS
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.judging import figures, tables_and_picture
from monps_platform_tests.db.forecast_samples import simulated_forecasts, write_forecasts

MATCHES = 300
E0, EARLY = Partition(league("E0"), Season(2015)), Partition(league("E0"), Season(2008))
SIM1 = Partition(league("SIM1"), Season(2016))
SCORES = """SELECT f.model::text, f.home_prob, f.draw_prob, f.away_prob, sign(m.home_goals - m.away_goals)
    FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id JOIN leagues l ON l.id = m.league_id
    WHERE l.code = 'E0' AND m.season = '2015-16'"""


def values(shown: dict[str, Any]) -> dict[str, Any]:
    """Metadata as plain values."""
    return {name: value.value if isinstance(value, dg.MetadataValue) else value for name, value in shown.items()}


def said(sessions: sessionmaker[Session], *partitions: Partition) -> dict[str, Any]:
    """What a run over partitions says about its forecasts."""
    with UnitOfWork(sessions) as unit:
        return values(figures(unit, partitions))


def shown(sessions: sessionmaker[Session]) -> tuple[float | None, dict[str, Any]]:
    """What the check shows of all forecasts."""
    with UnitOfWork(sessions) as unit:
        error, metadata = tables_and_picture(unit)
    return error, values(metadata)


def write(sessions: sessionmaker[Session], partition: Partition, seed: int = 1) -> None:
    """A season's matches with forecasts of every model."""
    outcomes, forecasts = simulated_forecasts(MATCHES, seed)
    write_forecasts(sessions, partition, outcomes, forecasts)


def test_without_forecasts_a_text_says_so(sessions: sessionmaker[Session]) -> None:
    alone = said(sessions, E0)
    assert list(alone) == ["judgement"]
    assert alone["judgement"].startswith("No played match has a forecast yet.")
    assert shown(sessions) == (None, {})


def test_figures_are_those_of_plain_arithmetic_on_the_rows(engine: Engine, sessions: sessionmaker[Session]) -> None:
    write(sessions, E0)
    numbers = said(sessions, E0)
    with engine.connect() as connection:
        rows = connection.execute(text(SCORES)).all()
    rps, losses = dict.fromkeys(VERSIONS, 0.0), dict.fromkeys(VERSIONS, 0.0)
    for model, home, draw, away, sign in rows:
        won, drew = float(sign > 0), float(sign == 0)
        rps[model] += ((home - won) ** 2 + (home + draw - won - drew) ** 2) / 2
        losses[model] -= math.log(home if sign > 0 else draw if sign == 0 else away)
    assert len(rows) == 4 * MATCHES
    for model in VERSIONS:
        assert numbers[f"rps_{model}"] == pytest.approx(rps[model] / MATCHES, rel=1e-9)
        assert numbers[f"log_loss_{model}"] == pytest.approx(losses[model] / MATCHES, rel=1e-9)
    assert numbers["judged_matches"] == MATCHES


def test_what_a_run_says_is_short_for_each_partition_keeps_a_copy(sessions: sessionmaker[Session]) -> None:
    write(sessions, E0)
    numbers = said(sessions, E0)
    assert numbers["judgement"].startswith("On 300 matches the closing market is better than the goal model: RPS ")
    assert len(str(numbers)) < 2_000


def test_tables_name_every_league_and_season_and_the_better_one(sessions: sessionmaker[Session]) -> None:
    write(sessions, E0)
    write(sessions, EARLY, seed=2)
    error, found = shown(sessions)
    table = found["by_league_and_season"]
    assert [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| E0")] == [
        "E0 2008-09 *",
        "E0 2015-16",
    ]
    assert table.count("goal model") == table.count("base rate") == 2
    assert found["over_all"].count("goal model") == 1
    assert found["calibration"].startswith("![forecasts against what came true](data:image/png;base64,iVBOR")
    assert len(found["calibration"]) < 4 / 3 * 60_000
    assert error is not None
    assert 0 < error < 0.2


def test_only_the_given_partitions_are_judged(sessions: sessionmaker[Session]) -> None:
    write(sessions, E0)
    write(sessions, EARLY, seed=2)
    early = said(sessions, EARLY)
    assert early["judgement"].startswith("No match from 2012-13 on can be judged")
    assert not [name for name in early if name.startswith(("rps_", "log_loss_"))]


def test_simulated_leagues_stand_apart(sessions: sessionmaker[Session]) -> None:
    write(sessions, E0)
    alone, (error, tables) = said(sessions, E0), shown(sessions)
    write(sessions, SIM1, seed=3)
    both, (error_of_both, tables_of_both) = said(sessions, E0, SIM1), shown(sessions)
    assert {name: both[name] for name in alone} == alone
    assert set(both) == {*alone, *(f"simulated_{name}" for name in alone)}
    assert both["simulated_rps_dixon_coles"] != both["rps_dixon_coles"]
    assert {name: tables_of_both[name] for name in tables} == tables
    assert error_of_both == error
    assert "SIM1" not in tables_of_both["by_league_and_season"]
    assert "E0" not in tables_of_both["simulated_by_league_and_season"]
