"""The traits of a team that friction is made of, each with its score, formula, source and reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.documents import Source
from monps_platform.domain.quantum.friction.vocabulary import PAIRINGS, Score


def _trait(score: Score, formula: str, source: Source, why: str) -> Any:
    return field(metadata={"score": score, "formula": formula, "source": source, "why": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a team did in a league's season up to a day, by trait; None is what is not known of it."""

    team_id: int
    partition: Partition
    n_matches: int

    shot_share: float | None = _trait(
        Score.STYLE,
        "shots / shots of both sides",
        Source.STATISTICS,
        "One side has the ball in the other's half, the other waits for it.",
    )
    corners_per_shot: float | None = _trait(
        Score.STYLE, "corners / shots", Source.STATISTICS, "Wide play ends in corners, central play in shots."
    )
    shot_accuracy: float | None = _trait(
        Score.STYLE, "shots on target / shots", Source.STATISTICS, "Patience in front of goal against early shots."
    )
    shot_accuracy_against: float | None = _trait(
        Score.STYLE,
        "the same of the opponents",
        Source.STATISTICS,
        "A deep defence allows shots from afar, a high line few but clear ones.",
    )
    cross_share: float | None = _trait(
        Score.STYLE, "shots after a cross / shots, both in open play", Source.SHOTS, "Round a defence or through it."
    )
    aerial_share: float | None = _trait(
        Score.STYLE,
        "shots after aerial duels, headed passes and chipped balls / shots, both in open play",
        Source.SHOTS,
        "Long balls over a midfield against passes through it.",
    )
    shot_distance: float | None = _trait(
        Score.STYLE,
        "mean distance of shots in open play from goal",
        Source.SHOTS,
        "Who keeps the ball until near the goal meets who shoots on sight.",
    )
    ppda: float | None = _trait(
        Score.STYLE,
        "mean passes allowed per defensive action",
        Source.TEAM_HISTORY,
        "A press meets a side that wants to build, or one that lets it come.",
    )

    shots_of_both: float | None = _trait(
        Score.TEMPO, "shots of both sides per match", Source.STATISTICS, "How often either goal is under attack."
    )
    corners_of_both: float | None = _trait(
        Score.TEMPO, "corners of both sides per match", Source.STATISTICS, "Attacks that got as far as the goal line."
    )
    goals_of_both: float | None = _trait(
        Score.TEMPO, "goals of both sides per match", Source.RESULTS, "Goals open a match."
    )
    xg_of_both: float | None = _trait(
        Score.TEMPO, "xG of both sides per match", Source.SHOTS, "Chances tell of tempo sooner than goals do."
    )

    fouls: float | None = _trait(Score.PHYSICAL, "fouls per match", Source.STATISTICS, "Duels fought with all means.")
    fouls_against: float | None = _trait(
        Score.PHYSICAL, "opponents' fouls per match", Source.STATISTICS, "A side that is hard to stop is fouled."
    )
    cards: float | None = _trait(
        Score.PHYSICAL, "yellow + red cards per match", Source.STATISTICS, "Fouls that a referee thought worth a card."
    )
    cards_against: float | None = _trait(
        Score.PHYSICAL, "opponents' cards per match", Source.STATISTICS, "What a side provokes."
    )

    collapses: float | None = _trait(
        Score.MENTAL, "matches led at half-time and not won / matches", Source.RESULTS, "A lead does not calm it."
    )
    comebacks: float | None = _trait(
        Score.MENTAL,
        "matches behind at half-time and not lost / matches",
        Source.RESULTS,
        "A deficit spurs it on.",
    )
    half_time_changes: float | None = _trait(
        Score.MENTAL,
        "matches of which the result at half-time did not stand / matches",
        Source.RESULTS,
        "How often its matches turn, also from a draw.",
    )
    points_dropped: float | None = _trait(
        Score.MENTAL, "points dropped after having led / matches", Source.SHOTS, "The same at any minute."
    )
    points_won_back: float | None = _trait(
        Score.MENTAL, "points won after having been behind / matches", Source.SHOTS, "The same at any minute."
    )
    trailing_reaction: float | None = _trait(
        Score.MENTAL, "xG per 90 while trailing / while level", Source.SHOTS, "How hard it comes back at its opponent."
    )

    points: float | None = _trait(Score.TIER, "points per match", Source.RESULTS, "Where it stands.")
    expected_points: float | None = _trait(
        Score.TIER, "points per match that the market expected", Source.PRICES, "Where it is thought to belong."
    )

    goal_difference_spread: float | None = _trait(
        Score.CHAOS,
        "standard deviation of the goal difference around the market's expectation / that which the market implies",
        Source.PRICES,
        "Its results stray more than they should.",
    )
    surprise: float | None = _trait(
        Score.CHAOS,
        "mean of -ln P(what happened) less the market's entropy",
        Source.PRICES,
        "Its results are unlikely ones more often than they should be.",
    )
    goals_dispersion: float | None = _trait(
        Score.CHAOS,
        "total goals: variance over matches / mean",
        Source.RESULTS,
        "Goalless one week and a landslide the next.",
    )
    red_cards_of_both: float | None = _trait(
        Score.CHAOS, "red cards of both sides per match", Source.STATISTICS, "A sending-off overturns any plan."
    )
    late_goals_of_both: float | None = _trait(
        Score.CHAOS, "goals of both sides after minute 75 per match", Source.SHOTS, "Matches that are decided late."
    )


_FIELDS = [item for item in fields(Traits) if item.metadata]
TRAITS: Mapping[Score, tuple[str, ...]] = {
    score: tuple(item.name for item in _FIELDS if item.metadata["score"] is score) for score in PAIRINGS
}
"""The names of the traits of each score."""
SOURCES: Mapping[str, Source] = {item.name: item.metadata["source"] for item in _FIELDS}
"""Where each trait comes from."""


def trait_rows() -> Iterable[tuple[str, str, str, str, str]]:
    """Score, trait, formula, source and reason of every trait, for people to read."""
    for item in _FIELDS:
        told = item.metadata
        yield str(told["score"]), item.name, told["formula"], str(told["source"]), told["why"]
