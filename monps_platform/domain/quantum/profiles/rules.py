"""The twelve tactical profiles as rules: which features stand high, low or in the middle of the league, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monps_platform.domain.quantum.profiles.vocabulary import Feature, Trait
from monps_platform.domain.tactics import TacticalProfile


@dataclass(frozen=True, slots=True)
class Rule:
    """One sign of a profile: where a feature should stand, how much it counts, and why it is a sign."""

    feature: Feature
    trait: Trait
    weight: int
    why: str


_HIGH, _LOW, _FAR, _MID, _NONE = Trait.HIGH, Trait.LOW, Trait.EXTREME, Trait.MIDDLE, Trait.UNMARKED

RULES: Mapping[TacticalProfile, tuple[Rule, ...]] = {
    TacticalProfile.POSSESSION: (
        Rule(Feature.SHOT_SHARE, _HIGH, 2, "Who has the ball in the other half takes most of the match's shots."),
        Rule(Feature.DEEP_SHARE, _HIGH, 2, "Passes completed near the goal are the best trace of territory held."),
        Rule(Feature.COMBINATION_SHARE, _HIGH, 2, "Its attacks end with a pass on the ground to the shooter."),
        Rule(Feature.SHOT_DISTANCE, _LOW, 1, "It keeps the ball until it is close to the goal."),
        Rule(Feature.CROSS_SHARE, _LOW, 1, "It would rather go round again than cross the ball in hope."),
        Rule(Feature.AERIAL_SHARE, _LOW, 1, "It keeps the ball on the ground."),
    ),
    TacticalProfile.GEGENPRESS: (
        Rule(Feature.PPDA, _LOW, 3, "Few passes allowed per defensive action is what pressing means."),
        Rule(Feature.WON_BALL_SHARE, _HIGH, 3, "It shoots straight after it has won the ball."),
        Rule(Feature.SHOTS_AGAINST, _LOW, 1, "Opponents who lose the ball early seldom come to shoot."),
        Rule(Feature.SHOT_QUALITY_AGAINST, _HIGH, 1, "Who gets through the press finds a high line's open space."),
        Rule(Feature.FOULS, _HIGH, 1, "A press that is played through is stopped by a foul."),
    ),
    TacticalProfile.WIDE_ATTACK: (
        Rule(Feature.CROSS_SHARE, _HIGH, 3, "Its chances come from crosses."),
        Rule(Feature.HEADER_SHARE, _HIGH, 1, "Crosses are met by heads."),
        Rule(Feature.THROUGH_BALL_SHARE, _LOW, 1, "It goes round a defence, not through it."),
        Rule(Feature.CORNERS_PER_SHOT, _HIGH, 1, "Blocked crosses and runs to the goal line end in corners."),
    ),
    TacticalProfile.DIRECT_ATTACK: (
        Rule(Feature.AERIAL_SHARE, _HIGH, 4, "Long balls lead to aerial duels, flicks and chipped balls."),
        Rule(Feature.COMBINATION_SHARE, _LOW, 1, "It passes over the midfield, not through it."),
        Rule(Feature.SET_PIECE_SHARE, _HIGH, 1, "Field position is turned into corners and free kicks."),
        Rule(Feature.SHOT_SHARE, _LOW, 1, "Long balls give the ball away more often than short ones."),
        Rule(Feature.FOULS, _HIGH, 1, "Duels for long and second balls end in fouls."),
    ),
    TacticalProfile.LOW_BLOCK: (
        Rule(Feature.PPDA, _HIGH, 4, "It lets the opponent pass in front of it."),
        Rule(Feature.SHOT_SHARE, _LOW, 4, "The opponent has the ball and the field, and most of the shots."),
        Rule(Feature.SHOT_DISTANCE_AGAINST, _HIGH, 1, "With the box full, opponents shoot from afar."),
        Rule(Feature.BLOCKED_SHARE_AGAINST, _HIGH, 1, "Bodies between ball and goal block shots."),
        Rule(Feature.THROUGH_BALL_SHARE_AGAINST, _LOW, 1, "There is no room behind a deep line."),
        Rule(Feature.COMBINATION_SHARE_AGAINST, _LOW, 1, "There is no room to combine between its lines."),
    ),
    TacticalProfile.MID_BLOCK: (
        Rule(Feature.PPDA, _MID, 3, "It neither presses high nor waits at its box."),
        Rule(Feature.SHOT_SHARE, _MID, 3, "It shares the ball and the field with its opponent."),
        Rule(Feature.SHOT_DISTANCE_AGAINST, _MID, 1, "Opponents come neither close nor are they kept far away."),
        Rule(Feature.THROUGH_BALL_SHARE_AGAINST, _LOW, 1, "A compact side closes the way through."),
        Rule(Feature.TEMPO, _LOW, 1, "Matches are played in midfield, with few shots at either end."),
    ),
    TacticalProfile.PARK_THE_BUS: (
        Rule(Feature.SHOTS, _LOW, 2, "It gives up attacking."),
        Rule(Feature.LEADING_SHOT_SHARE, _LOW, 2, "A lead is sat on: hardly a shot while in front."),
        Rule(Feature.DEEP_SHARE, _LOW, 1, "It seldom gets near the other goal."),
        Rule(Feature.BLOCKED_SHARE_AGAINST, _HIGH, 1, "Everyone is behind the ball."),
        Rule(Feature.LOW_SCORING, _HIGH, 1, "Matches with few goals are what it wants."),
        Rule(Feature.TEMPO, _LOW, 1, "It takes the speed out of matches."),
    ),
    TacticalProfile.TRANSITION: (
        Rule(Feature.THROUGH_BALL_SHARE, _HIGH, 2, "Counters run onto balls into the space behind a defence."),
        Rule(Feature.SHOT_SHARE, _LOW, 2, "It leaves the ball to the opponent and waits."),
        Rule(Feature.SHOT_QUALITY, _HIGH, 1, "Its chances are few and good: the defence is not in place."),
        Rule(Feature.TAKE_ON_SHARE, _HIGH, 1, "Fast players run at a stretched defence."),
        Rule(Feature.WON_BALL_SHARE, _HIGH, 1, "Its attacks begin with a ball won."),
    ),
    TacticalProfile.ADAPTIVE: (
        Rule(Feature.SHOT_SHARE_DISPERSION, _HIGH, 1, "It dominates one match and gives up the ball in the next."),
        Rule(Feature.CROSS_DISPERSION, _HIGH, 1, "It attacks down the wings against some opponents only."),
        Rule(Feature.COMBINATION_DISPERSION, _HIGH, 1, "It combines against some opponents only."),
        Rule(Feature.DISTANCE_DISPERSION, _HIGH, 1, "Where it shoots from changes with the match."),
        Rule(Feature.TEMPO_DISPERSION, _HIGH, 1, "Its matches are open one day and closed the next."),
        Rule(Feature.PPDA_SPREAD, _HIGH, 1, "It presses some opponents and waits for others."),
    ),
    TacticalProfile.BALANCED: (
        Rule(Feature.SHOT_SHARE, _NONE, 1, "It neither dominates nor gives up the ball."),
        Rule(Feature.TEMPO, _NONE, 1, "Its matches are neither open nor closed."),
        Rule(Feature.COMBINATION_SHARE, _NONE, 1, "It combines as much as others do."),
        Rule(Feature.CROSS_SHARE, _NONE, 1, "It crosses as much as others do."),
        Rule(Feature.AERIAL_SHARE, _NONE, 1, "It plays as many high balls as others do."),
        Rule(Feature.THROUGH_BALL_SHARE, _NONE, 1, "It goes through defences as often as others do."),
        Rule(Feature.SET_PIECE_SHARE, _NONE, 1, "It needs set pieces no more than others do."),
        Rule(Feature.SHOT_DISTANCE, _NONE, 1, "It shoots from where others do."),
        Rule(Feature.SHOT_DISTANCE_AGAINST, _NONE, 1, "It is shot at from where others are."),
        Rule(Feature.BLOCKED_SHARE_AGAINST, _NONE, 1, "It has as many players behind the ball as others have."),
        Rule(Feature.PPDA, _NONE, 1, "It presses as much as others do."),
    ),
    TacticalProfile.HOME_DOMINANT: (
        Rule(Feature.HOME_POINTS, _HIGH, 2, "It wins at home; a bad side away is not yet strong at home."),
        Rule(Feature.HOME_POINTS_GAP, _FAR, 2, "It takes far more points at home than away."),
        Rule(Feature.HOME_XG_GAP, _FAR, 1, "Its chances are better at home, so that it is not luck alone."),
        Rule(Feature.HOME_SHOT_SHARE_GAP, _FAR, 1, "It attacks at home and waits away."),
    ),
    TacticalProfile.SCORE_DEPENDENT: (
        Rule(Feature.LEADING_DROP, _FAR, 1, "In front it withdraws, more than others do."),
        Rule(Feature.TRAILING_RISE, _FAR, 1, "Behind it throws all forward, more than others do."),
    ),
}
"""Weights are 1 for a sign and more for a main sign, without which it would be another profile. Main signs together
weigh as much as the others or more, also where PPDA and deep completions are not held: a team without any of them
scores 50 at most.
"""


def rule_rows() -> Iterable[tuple[str, str, str, str, str]]:
    """Profile, feature, where it stands, weight and reason of every rule, for people to read."""
    for profile, rules in RULES.items():
        for rule in rules:
            yield profile, rule.feature, rule.trait, str(rule.weight), rule.why
