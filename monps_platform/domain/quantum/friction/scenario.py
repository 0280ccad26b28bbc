"""How a match is expected to go: one rule per scenario, tried in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monps_platform.domain.quantum.friction.predictions import Prediction
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.tactics import MatchScenario


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the rules read of a match: the scores of its pair, and what the goal model expects; None where missing."""

    scores: Mapping[Score, float | None]
    prediction: Prediction | None


Read = Callable[[Outlook], float | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """That a figure is at least, or at most, so much."""

    figure: str
    read: Read
    bound: float
    is_least: bool = True

    def holds(self, outlook: Outlook) -> bool | None:
        """None where the figure is missing."""
        value = self.read(outlook)
        if value is None:
            return None
        return value >= self.bound if self.is_least else value <= self.bound

    def __str__(self) -> str:
        return f"{self.figure} {'>=' if self.is_least else '<='} {self.bound:.3g}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A scenario, which is expected where all conditions hold, and why these."""

    scenario: MatchScenario
    conditions: Sequence[Condition]
    why: str

    def holds(self, outlook: Outlook) -> bool | None:
        """None where it hangs on a missing figure: one condition that fails is enough to say no."""
        held = [condition.holds(outlook) for condition in self.conditions]
        return False if False in held else None if None in held else True


def _score(score: Score) -> tuple[str, Read]:
    return str(score), lambda outlook: outlook.scores[score]


def _predicted(name: str, of: Callable[[Prediction], float]) -> tuple[str, Read]:
    return name, lambda outlook: None if outlook.prediction is None else of(outlook.prediction)


def _physical_lead(outlook: Outlook) -> float | None:
    physical, friction = outlook.scores[Score.PHYSICAL], outlook.scores[Score.FRICTION]
    return None if physical is None or friction is None else physical - friction


_BTTS = _predicted("P(both score)", lambda prediction: prediction.btts)
_OVER = _predicted("P(over 2.5)", lambda prediction: prediction.over25)
_SHARE = _predicted("stronger side's share of expected goals", lambda prediction: prediction.stronger_share)
_TEMPO, _CHAOS, _PHYSICAL = map(_score, (Score.TEMPO, Score.CHAOS, Score.PHYSICAL))

_TWICE = 2 / 3
"""Of the goals: twice as many as the other side; a quarter of the matches in the five leagues reach it."""
_EVEN, _LIKELY, _UNLIKELY = 0.5, 0.55, 0.45
"""Likely and unlikely are five points from even: about a third of the matches lies beyond either."""
_HIGH_TEMPO, _HIGH_CHAOS, _HIGH_PHYSICAL = 60.0, 55.0, 60.0
"""About the highest quarter of the pairs within a league; chaos varies less than the others."""
_AVERAGE_TEMPO = 50.0
_OUTWEIGHS = 10.0
"""As a fifth of the friction score is physical itself, it is then 12.5 above the mean of the other components."""

RULES: Sequence[Rule] = (
    Rule(
        MatchScenario.ONE_SIDED,
        [Condition(*_SHARE, _TWICE)],
        "One side is expected to score at least twice as often as the other: whatever else holds, it sets the match.",
    ),
    Rule(
        MatchScenario.END_TO_END,
        [Condition(*_TEMPO, _HIGH_TEMPO), Condition(*_CHAOS, _HIGH_CHAOS), Condition(*_BTTS, _EVEN)],
        "Both sides' matches are busy, unruly and decided late, and it is likelier than not that both score.",
    ),
    Rule(
        MatchScenario.OPEN_GAME,
        [Condition(*_BTTS, _LIKELY), Condition(*_OVER, _LIKELY)],
        "Both sides are likely to score, and three goals or more are.",
    ),
    Rule(
        MatchScenario.CAGEY_GAME,
        [Condition(*_OVER, _UNLIKELY, is_least=False), Condition(*_TEMPO, _AVERAGE_TEMPO, is_least=False)],
        "Three goals are unlikely, and both sides' matches are no busier than the average.",
    ),
    Rule(
        MatchScenario.PHYSICAL_BATTLE,
        [
            Condition(*_PHYSICAL, _HIGH_PHYSICAL),
            Condition("physical_friction - friction_score", _physical_lead, _OUTWEIGHS),
        ],
        "Fouls and cards stand out while goals and chances do not.",
    ),
)
"""In the order in which they are tried; where none holds, the match is balanced."""


def scenario(outlook: Outlook) -> MatchScenario | None:
    """The scenario of the first rule that holds, balanced where none does. None where a rule hangs on a missing figure
    before one that holds: it might have come first. So teams of different leagues have none.
    """
    for rule in RULES:
        held = rule.holds(outlook)
        if held is None:
            return None
        if held:
            return rule.scenario
    return MatchScenario.BALANCED


def rule_rows() -> Iterable[tuple[str, str, str]]:
    """Scenario, conditions and reason, in order, for people to read."""
    for rule in RULES:
        yield str(rule.scenario), " and ".join(map(str, rule.conditions)), rule.why
    yield str(MatchScenario.BALANCED), "none of the rules above holds", "Nothing stands out."
