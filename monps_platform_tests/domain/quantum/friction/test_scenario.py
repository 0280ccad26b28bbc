"""One rule per scenario, in a fixed order; a rule that cannot be evaluated is never taken to hold or to fail."""

from __future__ import annotations

import pytest

from monps_platform.domain.quantum.friction.predictions import Prediction
from monps_platform.domain.quantum.friction.scenario import RULES, Outlook, scenario
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.tactics import MatchScenario

USUAL: dict[Score, float | None] = dict.fromkeys(Score, 50.0)
EVEN = Prediction(home_goals=1.5, away_goals=1.2, btts=0.52, over25=0.51)


def _outlook(
    prediction: Prediction | None = EVEN,
    *,
    friction: float | None = 50.0,
    tempo: float | None = 50.0,
    physical: float | None = 50.0,
    chaos: float | None = 50.0,
) -> Outlook:
    told = {Score.FRICTION: friction, Score.TEMPO: tempo, Score.PHYSICAL: physical, Score.CHAOS: chaos}
    return Outlook({**USUAL, **told}, prediction)


def _goals(home: float = 1.5, away: float = 1.2, btts: float = 0.52, over25: float = 0.51) -> Prediction:
    return Prediction(home, away, btts, over25)


@pytest.mark.parametrize(
    ("expected", "outlook"),
    [
        (MatchScenario.BALANCED, _outlook()),
        (MatchScenario.ONE_SIDED, _outlook(_goals(2.0, 1.0))),
        (MatchScenario.ONE_SIDED, _outlook(_goals(0.7, 1.6))),
        (MatchScenario.BALANCED, _outlook(_goals(1.99, 1.0))),
        (MatchScenario.END_TO_END, _outlook(_goals(btts=0.5), tempo=60.0, chaos=55.0)),
        (MatchScenario.BALANCED, _outlook(_goals(btts=0.49), tempo=60.0, chaos=55.0)),
        (MatchScenario.BALANCED, _outlook(tempo=59.9, chaos=55.0)),
        (MatchScenario.BALANCED, _outlook(tempo=60.0, chaos=54.9)),
        (MatchScenario.OPEN_GAME, _outlook(_goals(btts=0.55, over25=0.55))),
        (MatchScenario.BALANCED, _outlook(_goals(btts=0.54, over25=0.55))),
        (MatchScenario.BALANCED, _outlook(_goals(btts=0.55, over25=0.54))),
        (MatchScenario.CAGEY_GAME, _outlook(_goals(over25=0.45), tempo=50.0)),
        (MatchScenario.BALANCED, _outlook(_goals(over25=0.46), tempo=50.0)),
        (MatchScenario.BALANCED, _outlook(_goals(over25=0.45), tempo=50.1)),
        (MatchScenario.PHYSICAL_BATTLE, _outlook(physical=60.0)),
        (MatchScenario.BALANCED, _outlook(physical=59.9)),
        (MatchScenario.BALANCED, _outlook(physical=60.0, friction=50.1)),
    ],
)
def test_each_rule_holds_at_its_bounds_and_not_beyond(expected: MatchScenario, outlook: Outlook) -> None:
    assert scenario(outlook) is expected


@pytest.mark.parametrize(
    ("expected", "outlook"),
    [
        (MatchScenario.ONE_SIDED, _outlook(_goals(3.0, 1.0, 0.6, 0.7), tempo=80.0, chaos=80.0, physical=90.0)),
        (MatchScenario.END_TO_END, _outlook(_goals(1.8, 1.6, 0.6, 0.6), tempo=80.0, chaos=80.0, physical=90.0)),
        (MatchScenario.OPEN_GAME, _outlook(_goals(1.8, 1.6, 0.6, 0.6), physical=90.0)),
        (MatchScenario.CAGEY_GAME, _outlook(_goals(1.0, 0.9, 0.4, 0.3), physical=90.0)),
    ],
)
def test_of_several_rules_that_hold_the_first_decides(expected: MatchScenario, outlook: Outlook) -> None:
    assert scenario(outlook) is expected


def test_every_scenario_but_balanced_has_one_rule() -> None:
    assert sorted([*(rule.scenario for rule in RULES), MatchScenario.BALANCED]) == sorted(MatchScenario)


def test_without_a_prediction_there_is_no_scenario() -> None:
    assert scenario(_outlook(None, physical=90.0)) is None


@pytest.mark.parametrize(
    "outlook",
    [
        _outlook(tempo=None, chaos=80.0),
        _outlook(tempo=80.0, chaos=None),
        _outlook(_goals(btts=0.4, over25=0.4), tempo=None),
        _outlook(physical=None),
        _outlook(physical=90.0, friction=None),
    ],
)
def test_a_rule_that_hangs_on_a_missing_figure_leaves_the_scenario_open(outlook: Outlook) -> None:
    assert scenario(outlook) is None


@pytest.mark.parametrize(
    ("expected", "outlook"),
    [
        (MatchScenario.ONE_SIDED, _outlook(_goals(3.0, 1.0), tempo=None, physical=None, chaos=None)),
        (MatchScenario.BALANCED, _outlook(chaos=None)),
        (MatchScenario.BALANCED, _outlook(physical=40.0, friction=None)),
    ],
)
def test_a_missing_figure_that_decides_nothing_does_not_matter(expected: MatchScenario, outlook: Outlook) -> None:
    assert scenario(outlook) is expected
