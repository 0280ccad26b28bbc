"""What is read to judge forecasts: the played matches, the versions in force, everything in one statement."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.judgement import VERSIONS
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform_tests.db.forecast_samples import OneXTwo, write_forecasts
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.samples import statements

MODEL, CLOSING, PRE_MATCH, BASE_RATE = VERSIONS
E0, SIM1 = Partition(league("E0"), Season(2015)), Partition(league("SIM1"), Season(2016))
HOME: OneXTwo = (0.5, 0.3, 0.2)
AWAY: OneXTwo = (0.2, 0.3, 0.5)


@pytest.fixture
def ids(sessions: sessionmaker[Session]) -> list[int]:
    """A home win, a draw, an away win and a match to come, not all of them forecast by all models."""
    forecasts: dict[ForecastModel, list[OneXTwo | None]] = {
        MODEL: [HOME, AWAY, None, HOME],
        CLOSING: [AWAY, AWAY, HOME, HOME],
        BASE_RATE: [None, HOME, HOME, HOME],
    }
    return write_forecasts(sessions, E0, [0, 1, 2, None], forecasts)


def test_played_matches_come_with_outcome_and_every_models_probabilities(layer: Layer, ids: list[int]) -> None:
    with layer.unit() as unit:
        found = unit.forecasts.judged()
    order = np.argsort(found.match_id)
    assert found.match_id[order].tolist() == sorted(ids[:3])
    by_match = {match: at for at, match in enumerate(found.match_id.tolist())}
    rows = [by_match[match] for match in ids[:3]]
    assert found.outcome[rows].tolist() == [0, 1, 2]
    assert (found.league.tolist(), found.season.tolist()) == (["E0"] * 3, [2015] * 3)
    assert found.probabilities[MODEL][rows[:2]].tolist() == [list(HOME), list(AWAY)]
    assert found.probabilities[CLOSING][rows].tolist() == [list(AWAY), list(AWAY), list(HOME)]
    assert all(math.isnan(value) for value in found.probabilities[MODEL][rows[2]].tolist())
    assert np.isnan(found.probabilities[BASE_RATE][rows[0]]).all()
    assert np.isnan(found.probabilities[PRE_MATCH]).all()


def test_only_the_versions_in_force_are_read(layer: Layer, sessions: sessionmaker[Session], ids: list[int]) -> None:
    write_forecasts(sessions, E0, [0, 1, 2, None], {CLOSING: [HOME] * 4}, {CLOSING: "power-0"})
    with layer.unit() as unit:
        found = unit.forecasts.judged()
    assert found.probabilities[CLOSING][found.match_id == ids[0]].tolist() == [list(AWAY)]


def test_a_match_with_forecasts_of_other_versions_only_is_not_read(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    write_forecasts(sessions, E0, [0], {CLOSING: [HOME]}, {CLOSING: "power-0"})
    with layer.unit() as unit:
        assert len(unit.forecasts.judged()) == 0


def test_partitions_can_be_named(layer: Layer, sessions: sessionmaker[Session], ids: list[int]) -> None:
    (other,) = write_forecasts(sessions, SIM1, [2], {CLOSING: [HOME]})
    crossed = Partition(E0.league, SIM1.season)
    with layer.unit() as unit:
        assert unit.forecasts.judged([SIM1]).match_id.tolist() == [other]
        assert unit.forecasts.judged([SIM1]).league.tolist() == ["SIM1"]
        assert len(unit.forecasts.judged([E0, SIM1])) == 4
        assert len(unit.forecasts.judged([crossed])) == 0
        assert len(unit.forecasts.judged([])) == 0


def test_nothing_forecast_is_an_empty_table(layer: Layer) -> None:
    with layer.unit(read_only=True) as unit:
        found = unit.forecasts.judged()
    assert len(found) == 0
    assert {model: rows.shape for model, rows in found.probabilities.items()} == dict.fromkeys(VERSIONS, (0, 3))


def test_it_takes_one_statement(layer: Layer, ids: list[int]) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        unit.forecasts.judged([E0])
    assert len([statement for statement in sent if "match_forecasts" in statement]) == 1
