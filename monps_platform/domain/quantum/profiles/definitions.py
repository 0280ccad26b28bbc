"""The features that the rules of tactical profiles read: each with its formula, unit, source and least n."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monps_platform.domain.quantum.documents import Source
from monps_platform.domain.quantum.profiles.dispersion import (
    count_dispersion,
    distance_dispersion,
    relative_spread,
    share_dispersion,
)
from monps_platform.domain.quantum.profiles.measures import (
    LEAST_MATCHES,
    LEAST_SHOTS,
    LEAST_VENUE_MATCHES,
    Measure,
    at_home,
    at_most,
    away,
    both,
    column,
    difference,
    less,
    mean,
    other,
    per_shot,
    ratio,
    share_while,
)
from monps_platform.domain.quantum.profiles.tallies import Column
from monps_platform.domain.quantum.profiles.vocabulary import Feature


@dataclass(frozen=True, slots=True)
class Definition:
    """How a feature is computed: ``least`` says in words what it rests on at least; below that it is None."""

    formula: str
    unit: str
    source: Source
    least: str
    measure: Measure


_OPEN_PLAY = f"{LEAST_SHOTS} shots in open play"
_MATCHES = f"{LEAST_MATCHES} matches"
_VENUES = f"{LEAST_VENUE_MATCHES} matches at home and {LEAST_VENUE_MATCHES} away"
_STATES = f"{LEAST_SHOTS} shots of both sides in each of the two states"


def _origin(action: str, of_action: Column) -> Definition:
    """Share of the own shots in open play by the action before them."""
    formula = f"shots in open play after {action} / shots in open play"
    return Definition(formula, "share", Source.SHOTS, _OPEN_PLAY, per_shot(of_action))


def _against(formula: str, unit: str, name: Column) -> Definition:
    """A figure of the opponents' shots in open play."""
    return Definition(formula, unit, Source.SHOTS, f"{_OPEN_PLAY} against", per_shot(name, of=other))


def _statistic(formula: str, unit: str, measure: Measure, source: Source = Source.STATISTICS) -> Definition:
    return Definition(formula, unit, source, _MATCHES, measure)


def _gap(formula: str, unit: str, source: Source, measure: Measure) -> Definition:
    """A figure at home less the same away."""
    return Definition(f"{formula}, at home less away", unit, source, _VENUES, less(at_home(measure), away(measure)))


def _share_dispersion(formula: str, parts: Column) -> Definition:
    measure = share_dispersion(column(parts), column(Column.OPEN_PLAY))
    return Definition(f"{formula}: chi-squared / df over matches", "ratio", Source.SHOTS, _BOTH_LEASTS, measure)


_BOTH_LEASTS = f"{_MATCHES}, {_OPEN_PLAY}"
_POINTS = mean(column(Column.POINTS), least=LEAST_VENUE_MATCHES)

DEFINITIONS: Mapping[Feature, Definition] = {
    Feature.CROSS_SHARE: _origin("a cross", Column.CROSSES),
    Feature.THROUGH_BALL_SHARE: _origin("a through ball", Column.THROUGH_BALLS),
    Feature.WON_BALL_SHARE: _origin("a ball recovery, tackle, interception or blocked pass", Column.WON_BALLS),
    Feature.TAKE_ON_SHARE: _origin("a take-on (dribble)", Column.TAKE_ONS),
    Feature.COMBINATION_SHARE: _origin("a pass on the ground or a lay-off", Column.COMBINATIONS),
    Feature.AERIAL_SHARE: _origin("an aerial duel, a headed pass or a chipped ball", Column.AERIALS),
    Feature.HEADER_SHARE: Definition(
        "headers in open play / shots in open play", "share", Source.SHOTS, _OPEN_PLAY, per_shot(Column.HEADERS)
    ),
    Feature.SHOT_DISTANCE: Definition(
        "mean distance of shots in open play from the middle of the goal",
        "metres",
        Source.SHOTS,
        _OPEN_PLAY,
        per_shot(Column.DISTANCE),
    ),
    Feature.SHOT_QUALITY: Definition(
        "xG / shots, both in open play", "xG per shot", Source.SHOTS, _OPEN_PLAY, per_shot(Column.OPEN_PLAY_XG)
    ),
    Feature.SET_PIECE_SHARE: Definition(
        "shots from corners, set pieces and direct free kicks / shots but penalties",
        "share",
        Source.SHOTS,
        f"{LEAST_SHOTS} shots but penalties",
        per_shot(Column.SET_PIECES, shots=Column.NON_PENALTY),
    ),
    Feature.COMBINATION_SHARE_AGAINST: _against(
        "combination_share of the opponents' shots", "share", Column.COMBINATIONS
    ),
    Feature.THROUGH_BALL_SHARE_AGAINST: _against(
        "through_ball_share of the opponents' shots", "share", Column.THROUGH_BALLS
    ),
    Feature.BLOCKED_SHARE_AGAINST: _against(
        "opponents' shots in open play that were blocked / their shots in open play", "share", Column.BLOCKED
    ),
    Feature.SHOT_DISTANCE_AGAINST: _against("shot_distance of the opponents' shots", "metres", Column.DISTANCE),
    Feature.SHOT_QUALITY_AGAINST: _against("shot_quality of the opponents' shots", "xG per shot", Column.OPEN_PLAY_XG),
    Feature.SHOT_SHARE: _statistic(
        "shots / shots of both sides", "share", ratio(column(Column.SHOTS), both(Column.SHOTS))
    ),
    Feature.SHOTS: _statistic("shots per match", "shots", mean(column(Column.SHOTS))),
    Feature.SHOTS_AGAINST: _statistic("opponents' shots per match", "shots", mean(column(Column.SHOTS, of=other))),
    Feature.TEMPO: _statistic("shots of both sides per match", "shots", mean(both(Column.SHOTS))),
    Feature.CORNERS_PER_SHOT: _statistic(
        "corners / shots", "corners per shot", ratio(column(Column.CORNERS), column(Column.SHOTS))
    ),
    Feature.FOULS: _statistic("fouls per match", "fouls", mean(column(Column.FOULS))),
    Feature.LOW_SCORING: _statistic(
        "matches of at most two goals / matches", "share", mean(at_most(2, both(Column.GOALS))), Source.RESULTS
    ),
    Feature.PPDA: _statistic(
        "mean over matches of the passes allowed per defensive action",
        "passes",
        mean(column(Column.PPDA)),
        Source.TEAM_HISTORY,
    ),
    Feature.DEEP_SHARE: _statistic(
        "deep completions / deep completions of both sides",
        "share",
        ratio(column(Column.DEEP), both(Column.DEEP)),
        Source.TEAM_HISTORY,
    ),
    Feature.HOME_POINTS: Definition(
        "points per match at home",
        "points",
        Source.RESULTS,
        f"{LEAST_VENUE_MATCHES} matches at home",
        at_home(_POINTS),
    ),
    Feature.HOME_POINTS_GAP: _gap("points per match", "points", Source.RESULTS, _POINTS),
    Feature.HOME_XG_GAP: _gap(
        "xG less the opponents' per match",
        "xG",
        Source.SHOTS,
        mean(difference(Column.XG), least=LEAST_VENUE_MATCHES),
    ),
    Feature.HOME_SHOT_SHARE_GAP: _gap(
        "shots / shots of both sides",
        "share",
        Source.STATISTICS,
        ratio(column(Column.SHOTS), both(Column.SHOTS), least=LEAST_VENUE_MATCHES),
    ),
    Feature.LEADING_SHOT_SHARE: Definition(
        "shots / shots of both sides while leading, penalties left out",
        "share",
        Source.SHOTS,
        f"{LEAST_SHOTS} shots of both sides while leading",
        share_while(Column.LEADING),
    ),
    Feature.LEADING_DROP: Definition(
        "share of both sides' shots while level less that while leading",
        "share",
        Source.SHOTS,
        _STATES,
        less(share_while(Column.LEVEL), share_while(Column.LEADING)),
    ),
    Feature.TRAILING_RISE: Definition(
        "share of both sides' shots while trailing less that while level",
        "share",
        Source.SHOTS,
        _STATES,
        less(share_while(Column.TRAILING), share_while(Column.LEVEL)),
    ),
    Feature.SHOT_SHARE_DISPERSION: Definition(
        "shots / shots of both sides: chi-squared / df over matches",
        "ratio",
        Source.STATISTICS,
        f"{_MATCHES}, {LEAST_SHOTS} shots of both sides",
        share_dispersion(column(Column.SHOTS), both(Column.SHOTS)),
    ),
    Feature.CROSS_DISPERSION: _share_dispersion("cross_share", Column.CROSSES),
    Feature.COMBINATION_DISPERSION: _share_dispersion("combination_share", Column.COMBINATIONS),
    Feature.DISTANCE_DISPERSION: Definition(
        "shot_distance: variance between matches / variance within them (F)",
        "ratio",
        Source.SHOTS,
        _BOTH_LEASTS,
        distance_dispersion,
    ),
    Feature.TEMPO_DISPERSION: _statistic(
        "shots of both sides: variance over matches / mean", "ratio", count_dispersion(both(Column.SHOTS))
    ),
    Feature.PPDA_SPREAD: _statistic(
        "passes allowed per defensive action: standard deviation over matches / mean",
        "ratio",
        relative_spread(column(Column.PPDA)),
        Source.TEAM_HISTORY,
    ),
}


def feature_rows() -> Iterable[tuple[str, str, str, str, str]]:
    """Feature, formula, unit, source and least n of every feature, for people to read."""
    for feature, definition in DEFINITIONS.items():
        yield feature, definition.formula, definition.unit, definition.source, definition.least
