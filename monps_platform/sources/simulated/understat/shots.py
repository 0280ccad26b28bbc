"""The shots of a season, and the players who took part in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.chances import (
    DIRECT_FREE_KICK,
    OPEN_PLAY,
    PENALTY,
    draw_chances,
    draw_own_goals,
    pick,
    shot_quality,
)
from monps_platform.sources.simulated.understat.endings import BLOCKED, GOAL, MISSED, OWN_GOAL, season_endings
from monps_platform.sources.simulated.understat.lineups import Lineups
from monps_platform.sources.simulated.understat.played import Played
from monps_platform.sources.simulated.understat.squads import Flags

# By role: how often goalkeepers, defenders, midfielders and forwards shoot, assist, and put the ball into
# their own net, against each other.
_SHOOTING: Floats = np.array([0.0, 0.5, 1.3, 2.6])
_ASSISTING: Floats = np.array([0.05, 1.0, 2.2, 1.8])
_OWN_GOALS: Floats = np.array([0.5, 1.0, 0.3, 0.1])

_BUILD_UP = 0.19
"""Chance that a player had part in a shot that he neither took nor assisted."""

_ASSISTED: Floats = np.array([0.8, 0.72, 0.69, 0.0, 0.0])
"""Share of the shots with an assist, by situation."""

# The action before the shot, and its share: in open play without and with an assist, after set pieces without and
# with one, from the dead ball, and before own goals.
_ACTIONS: tuple[dict[str, float], ...] = (
    {
        "None": 0.51,
        "Rebound": 0.17,
        "BallRecovery": 0.1,
        "TakeOn": 0.09,
        "Aerial": 0.07,
        "BallTouch": 0.03,
        "Dispossessed": 0.03,
    },
    {
        "Pass": 0.59,
        "Cross": 0.14,
        "Chipped": 0.08,
        "TakeOn": 0.06,
        "Aerial": 0.04,
        "Throughball": 0.03,
        "HeadPass": 0.03,
        "BallTouch": 0.02,
        "LayOff": 0.01,
    },
    {"None": 0.61, "Rebound": 0.18, "Aerial": 0.17, "BallTouch": 0.02, "TakeOn": 0.02},
    {
        "Cross": 0.43,
        "Aerial": 0.28,
        "Pass": 0.14,
        "Chipped": 0.05,
        "HeadPass": 0.05,
        "Rebound": 0.03,
        "BallTouch": 0.02,
    },
    {"Standard": 1.0},
    {"None": 1.0},
)
_DEAD_BALL, _INTO_OWN_NET = 4, 5
_ACTION_NAMES = tuple(tuple(actions) for actions in _ACTIONS)
_ACTION_SHARES: Floats = np.array([[*actions.values(), *[0.0] * (9 - len(actions))] for actions in _ACTIONS])


@dataclass(frozen=True, eq=False)
class Shots:
    """All shots of a season, own goals among them, match by match in order of minute: arrays of shape (n,).

    ``side`` is the row of the shooter's side in Played; ``result``, ``situation`` and ``body_part`` are indices
    into RESULTS, SITUATIONS and BODY_PARTS; ``xg`` is in millionths. ``shooter`` and ``assister`` are places in
    the side's line-up (there is an assister where ``assisted``), and ``involved``, shape (n, 14), tells who
    else had part in the build-up.
    """

    side: Ints
    minute: Ints
    result: Ints
    situation: Ints
    body_part: Ints
    x: Floats
    y: Floats
    xg: Ints
    shooter: Ints
    assisted: Flags
    assister: Ints
    involved: Flags
    action: tuple[str, ...]


def season_shots(league: League, season: Season, matches: Played, teams: Lineups) -> Shots:
    """All shots of a season, in agreement with its scores, scores at half-time and numbers of shots."""
    side, minute, result, places = _endings_and_places(league, season, matches)
    situation, body_part, xg = (places[:, column].astype(np.int64) for column in (0, 1, 4))
    from_play = (situation < DIRECT_FREE_KICK) & (result != OWN_GOAL)
    playing = teams.on_pitch(side, minute)
    roles, own = teams.roles[side], result == OWN_GOAL
    shooter = _shooters(
        Stream(league, season, "understat/shooters"), playing, teams.shooting[side], roles, own, situation
    )
    others = playing & (np.arange(playing.shape[1]) != shooter[:, None])
    stream = Stream(league, season, "understat/build-up")
    assisted = (stream.uniform(len(side)) < _ASSISTED[situation]) & ~own
    assister = pick(stream, np.where(others, _ASSISTING[roles], 0.0))
    helped = assisted[:, None] & (np.arange(playing.shape[1]) == assister[:, None])
    return Shots(
        side=side,
        minute=minute,
        result=np.where((result == BLOCKED) & (situation == PENALTY), MISSED, result),
        situation=situation,
        body_part=body_part,
        x=places[:, 2],
        y=places[:, 3],
        xg=xg,
        shooter=shooter,
        assisted=assisted,
        assister=assister,
        involved=others & ~helped & from_play[:, None] & (stream.uniform(*playing.shape) < _BUILD_UP),
        action=_actions(Stream(league, season, "understat/actions"), situation, assisted, own),
    )


def _endings_and_places(league: League, season: Season, matches: Played) -> tuple[Ints, Ints, Ints, Floats]:
    """Side, minute and result, each of shape (n,), and the chances (n, 5), by match and minute."""
    endings = season_endings(league, season, matches)
    own = endings[:, 2] == OWN_GOAL
    quality = shot_quality(matches.rates)[endings[~own, 0]]
    places = np.empty((len(endings), 5))
    places[~own] = draw_chances(Stream(league, season, "understat/chances"), quality, endings[~own, 2] == GOAL)
    places[own] = draw_own_goals(Stream(league, season, "understat/own goal places"), int(own.sum()))
    chance = Stream(league, season, "understat/order").uniform(len(endings))
    order = np.lexsort((chance, endings[:, 1], endings[:, 0] // 2))
    side, minute, result = endings[order].T
    return side, minute, result, places[order]


def _shooters(stream: Stream, playing: Flags, shooting: Floats, roles: Ints, own: Flags, situation: Ints) -> Ints:
    """Places in the line-up of those who shot, shape (n,): penalties are the keenest shooter's."""
    weights = np.where(own[:, None], _OWN_GOALS[roles], _SHOOTING[roles] * shooting) * playing
    return np.where(situation == PENALTY, weights.argmax(axis=1), pick(stream, weights))


def _actions(stream: Stream, situation: Ints, assisted: Flags, own: Flags) -> tuple[str, ...]:
    """Understat's lastAction of every shot."""
    in_play = 2 * (situation > OPEN_PLAY) + assisted
    group = np.where(own, _INTO_OWN_NET, np.where(situation >= DIRECT_FREE_KICK, _DEAD_BALL, in_play))
    drawn = pick(stream, _ACTION_SHARES[group])
    return tuple(_ACTION_NAMES[row][column] for row, column in zip(group.tolist(), drawn.tolist(), strict=True))
