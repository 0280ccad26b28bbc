"""Leagues drawn at random, of sides that play as they are told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import permutations

import numpy as np

from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, Side
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Shot

FIRST_DAY = date(2020, 8, 15)
_ACTIONS = {"Pass": 0.5, "Cross": 0.12, "Chipped": 0.1, "Throughball": 0.05, "BallRecovery": 0.05, "TakeOn": 0.08}
_RESULTS = (ShotResult.MISSED, ShotResult.BLOCKED, ShotResult.GOAL)


@dataclass(frozen=True)
class Style:
    """How a side plays: shots per match at home and away, last actions by weight (against those of the usual side),
    the distance of its shots as a share of the pitch, the share of set pieces, what it does to the number of its
    opponents' shots, the share of them that it blocks, and the passes that it allows per defensive action.
    """

    shots_at_home: float = 13.0
    shots_away: float = 11.0
    actions: Mapping[str, float] = field(default_factory=dict)
    distance: float = 0.15
    set_pieces: float = 0.25
    against: float = 1.0
    blocks: float = 0.25
    ppda: float | None = None


USUAL = Style()


def shot(shot_id: int = 1, *, is_home: bool = True, minute: int = 10, **changes: object) -> Shot:
    """A shot in open play from the penalty spot's distance that missed, unless told otherwise."""
    usual = Shot(
        id=shot_id,
        is_home=is_home,
        minute=minute,
        player_id=1,
        player="A. Player",
        assisted_by=None,
        situation=ShotSituation.OPEN_PLAY,
        body_part=BodyPart.RIGHT_FOOT,
        result=ShotResult.MISSED,
        last_action="Pass",
        x=0.9,
        y=0.5,
        xg=0.1,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def season_of(matches: tuple[SeasonMatch, ...]) -> LeagueSeason:
    """A season as it stands after its last match."""
    as_of = max(match.day for match in matches) + timedelta(days=1)
    return LeagueSeason(Partition(league("E0"), Season(2020)), as_of, matches)


def drawn_season(teams: Mapping[int, Style], seed: int = 1, *, with_shots: bool = True) -> LeagueSeason:
    """A double round robin in random order, a match a day."""
    rng = np.random.default_rng(seed)
    pairs = list(permutations(teams, 2))
    rng.shuffle(pairs)
    matches = []
    for number, (home, away) in enumerate(pairs):
        shots = [
            *_shots(rng, teams[home], teams[away], is_home=True),
            *_shots(rng, teams[away], teams[home], is_home=False),
        ]
        match = SeasonMatch(
            match_id=number + 1,
            day=FIRST_DAY + timedelta(days=number),
            kickoff_at=None,
            home=_side(rng, home, teams[home], [item for item in shots if item.is_home], with_xg=with_shots),
            away=_side(rng, away, teams[away], [item for item in shots if not item.is_home], with_xg=with_shots),
            shots=tuple(shots) if with_shots else None,
        )
        matches.append(match)
    return season_of(tuple(matches))


def _side(rng: np.random.Generator, team_id: int, style: Style, shots: list[Shot], *, with_xg: bool) -> Side:
    return Side(
        team_id,
        goals=sum(item.result is ShotResult.GOAL for item in shots),
        shots=len(shots),
        corners=int(rng.poisson(5)),
        fouls=int(rng.poisson(12)),
        xg=sum(item.xg for item in shots) if with_xg else None,
        ppda=None if style.ppda is None else float(style.ppda * rng.uniform(0.7, 1.3)),
        deep=None if style.ppda is None else int(rng.poisson(7)),
    )


def _shots(rng: np.random.Generator, style: Style, opponent: Style, *, is_home: bool) -> list[Shot]:
    weights = {**_ACTIONS, **style.actions}
    names, shares = list(weights), np.array(list(weights.values()))
    n = int(rng.poisson(opponent.against * (style.shots_at_home if is_home else style.shots_away)))
    actions = rng.choice(names, n, p=shares / shares.sum())
    results = rng.choice(3, n, p=[0.9 - opponent.blocks, opponent.blocks, 0.1])
    from_set_piece = rng.uniform(size=n) < style.set_pieces
    headed = rng.uniform(size=n) < np.where(actions == "Cross", 0.6, 0.1)
    depths, widths = np.abs(rng.normal(style.distance, 0.05, n)), rng.normal(0.5, 0.1, n)
    return [
        shot(
            int(rng.integers(1, 10**9)),
            is_home=is_home,
            minute=int(rng.integers(95)),
            situation=ShotSituation.FROM_CORNER if from_set_piece[at] else ShotSituation.OPEN_PLAY,
            body_part=BodyPart.HEAD if headed[at] else BodyPart.RIGHT_FOOT,
            result=_RESULTS[results[at]],
            last_action=str(actions[at]),
            x=1 - min(float(depths[at]), 1.0),
            y=float(widths[at]),
            xg=float(rng.uniform(0.02, 0.2)),
        )
        for at in range(n)
    ]
