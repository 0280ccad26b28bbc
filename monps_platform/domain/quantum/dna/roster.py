"""How much of a team hangs on few players."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from pydantic import Field

from monps_platform.domain.quantum.documents import Document, Gap, Source, Vector, figure
from monps_platform.domain.quantum.game_state import courses
from monps_platform.domain.quantum.season import MINUTES_OF_A_TEAM, LeagueSeason, TeamMatch
from monps_platform.domain.shots import ShotResult
from monps_platform.domain.understat import Shot

LEAST_COVERAGE = 0.85
"""Of the team's minutes: less, and more than one and a half of eleven places are held by players of whom nothing is
known per club. Of 392 real teams of 2017-18 to 2020-21 one has less."""
LEAST_MATCHES = 5
"""One match shows fourteen players at most: over fewer than five, who is used is who was fit."""
LEAST_SHOTS = 20
"""Of a player: about two goals' worth. Of fewer, hardly any number of goals could be told from chance."""
SIGNIFICANCE = 0.05
"""Of the q-values: in a team without an over-performing player, one is named with this probability at most."""
_PLAYERS = (Source.LINEUPS, Source.PLAYER_SEASONS)


def _of_shots(formula: str, unit: str, high: float | None = None) -> Any:
    return figure(formula, unit=unit, source=Source.SHOTS, least=LEAST_SHOTS, low=0, high=high)


class Finisher(Document):
    """A player who scored more than his shots explain."""

    player_id: int = Field(description="the source's id of the player")
    player: str = Field(description="his name as the source writes it")
    n_shots: int = _of_shots("shots for the team", "shots")
    goals: int = _of_shots("goals among them; own goals never", "goals")
    xg: float = _of_shots("sum of their xG", "goals")
    p_value: float = _of_shots(
        "P(at least so many goals) if each shot is one with the probability that is its xG: Poisson binomial",
        "probability",
        1,
    )
    q_value: float = _of_shots("p_value after Benjamini-Hochberg over the team's players tested", "probability", 1)


def _share(formula: str) -> Any:
    return figure(formula, unit="share", source=_PLAYERS, least=LEAST_MATCHES, low=0, high=1)


def _count(formula: str, source: Source | tuple[Source, ...], least: int, unit: str = "players") -> Any:
    return figure(formula, unit=unit, source=source, least=least, low=0, high=None)


class RosterVector(Vector):
    """How much of a team hangs on few players."""

    minutes_coverage: float | None = figure(
        "known minutes of players / (11 * 90 * matches)", unit="share", source=_PLAYERS, least=1, low=0, high=None
    )
    players_used: int | None = _count(
        "players with a minute, those shared with other clubs among them", _PLAYERS, LEAST_MATCHES
    )
    players_known: int | None = _count("players whose minutes for the team are known", _PLAYERS, 1)
    top_player: str | None = Field(description="the known player with the greatest xGChain")
    top_player_share: float | None = _share("xGChain of the top player / sum of xGChain of known players")
    top_three_share: float | None = _share("xGChain of the three greatest / sum of xGChain of known players")
    minutes_gini: float | None = _share(
        "sum((2 i - n - 1) m_i) / (n sum(m_i)) over the minutes m_1 <= ... <= m_n of known players; 0: all alike"
    )
    n_matches_with_shots: int = _count(
        "matches whose shots are held and add up to the score", Source.SHOTS, 0, "matches"
    )
    n_finishers_tested: int | None = _count(
        f"players with at least {LEAST_SHOTS} shots for the team", Source.SHOTS, LEAST_MATCHES
    )
    n_finishers_above_xg: int | None = _count(
        "those of them with more goals than xG, by chance or not", Source.SHOTS, LEAST_MATCHES
    )
    finishers_beyond_chance: tuple[Finisher, ...] | None = figure(
        f"those of them with q_value <= {SIGNIFICANCE}, the surest first",
        unit="players",
        source=Source.SHOTS,
        least=LEAST_MATCHES,
        low=None,
        high=None,
    )


@dataclass(frozen=True)
class _Player:
    """What a player did for the team; None is what is not told per club."""

    player_id: int
    player: str
    minutes: int | None
    xg_chain: float | None


def roster_vector(season: LeagueSeason, team_id: int) -> RosterVector:
    """How much of a team hangs on few players. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    known = season.once(courses)
    with_shots = [match for match in matches if match.match.match_id in known]
    of_lineups = _from_lineups(matches)
    players = of_lineups or _from_totals(season, team_id)
    figures = {
        "n_matches_with_shots": len(with_shots),
        **_concentration(players, len(matches)),
        **_finishing(with_shots),
    }
    sources = [Source.RESULTS, *([Source.SHOTS] if with_shots else [])]
    if figures["minutes_coverage"] is not Gap.NO_PLAYERS:
        sources.append(Source.LINEUPS if of_lineups else Source.PLAYER_SEASONS)
    return RosterVector.of(len(matches), season.as_of, sources, figures)


def _from_totals(season: LeagueSeason, team_id: int) -> list[_Player]:
    """The players of whole-season totals, where they may be used."""
    return [
        _Player(player.player_id, player.player, player.minutes, player.xg_chain)
        for player in season.players_of(team_id)
        if player.minutes != 0
    ]


def _from_lineups(matches: Iterable[TeamMatch]) -> list[_Player]:
    """The players of the team's line-ups; none where those of a match are not held."""
    minutes: dict[int, int] = {}
    xg_chain: dict[int, float] = {}
    names: dict[int, str] = {}
    for match in matches:
        if match.match.appearances is None:
            return []
        for played in match.match.appearances:
            if played.is_home is match.is_home and played.minutes:
                minutes[played.player_id] = minutes.get(played.player_id, 0) + played.minutes
                xg_chain[played.player_id] = xg_chain.get(played.player_id, 0.0) + played.xg_chain
                names[played.player_id] = played.player
    return [_Player(player_id, names[player_id], minutes[player_id], xg_chain[player_id]) for player_id in names]


def _concentration(players: Sequence[_Player], n_matches: int) -> dict[str, object]:
    """On how few players minutes and chances rest."""
    names = ("top_player", "top_player_share", "top_three_share", "minutes_gini")
    minutes = [player.minutes for player in players if player.minutes is not None]
    coverage = sum(minutes) / (MINUTES_OF_A_TEAM * n_matches)
    if not players:
        return dict.fromkeys(("minutes_coverage", "players_used", "players_known", *names), Gap.NO_PLAYERS)
    enough = n_matches >= LEAST_MATCHES
    figures: dict[str, object] = {
        "minutes_coverage": coverage,
        "players_used": len(players) if enough else Gap.TOO_FEW,
        "players_known": len(minutes),
    }
    if not enough or coverage < LEAST_COVERAGE:
        return figures | dict.fromkeys(names, Gap.UNKNOWN_MINUTES if enough else Gap.TOO_FEW)
    return figures | _chances(players) | {"minutes_gini": gini(minutes)}


def _chances(players: Iterable[_Player]) -> dict[str, object]:
    """Shares of the sum of xGChain; a player's is the xG of all attacks that he had a part in."""
    known = sorted(
        ((player.xg_chain, player.player) for player in players if player.xg_chain is not None), reverse=True
    )
    total = sum(xg_chain for xg_chain, _ in known)
    if not total:
        return dict.fromkeys(("top_player", "top_player_share", "top_three_share"), Gap.NO_VARIATION)
    return {
        "top_player": known[0][1],
        "top_player_share": known[0][0] / total,
        "top_three_share": sum(xg_chain for xg_chain, _ in known[:3]) / total,
    }


def gini(amounts: Sequence[float]) -> float:
    """Gini's coefficient of positive amounts: 0 all alike, nearly 1 one has all (Sen 1973, "On Economic Inequality",
    section 2.9). Raises ValueError for none.
    """
    if not amounts:
        raise ValueError("no amounts to compare")
    ordered = np.sort(np.asarray(amounts, dtype=np.float64))
    n = len(ordered)
    return float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / (n * ordered.sum()))


def _finishing(matches: Sequence[TeamMatch]) -> dict[str, object]:
    """Players with more goals than their shots' xG, and those with more than chance explains."""
    names = ("n_finishers_tested", "n_finishers_above_xg", "finishers_beyond_chance")
    if len(matches) < LEAST_MATCHES:
        return dict.fromkeys(names, Gap.TOO_FEW if matches else Gap.NO_SHOTS)
    by_player: dict[int, list[Shot]] = {}
    for match in matches:
        for shot in match.own_shots or ():
            by_player.setdefault(shot.player_id, []).append(shot)
    tested = _tested([shots for shots in by_player.values() if len(shots) >= LEAST_SHOTS])
    beyond = [finisher for finisher in tested if finisher.goals > finisher.xg and finisher.q_value <= SIGNIFICANCE]
    above = sum(finisher.goals > finisher.xg for finisher in tested)
    ordered = tuple(sorted(beyond, key=lambda finisher: (finisher.p_value, finisher.player_id)))
    return dict(zip(names, (len(tested), above, ordered), strict=True))


def _tested(players: Sequence[Sequence[Shot]]) -> list[Finisher]:
    """Each player's shots, tested against their xG."""
    if not players:
        return []
    goals = [sum(shot.result is ShotResult.GOAL for shot in shots) for shots in players]
    xgs = [[shot.xg for shot in shots] for shots in players]
    p_values = [float(np.clip(scipy.stats.poisson_binom.sf(n - 1, xg), 0, 1)) for n, xg in zip(goals, xgs, strict=True)]
    q_values = scipy.stats.false_discovery_control(p_values).tolist()
    return [
        Finisher(
            player_id=shots[-1].player_id,
            player=shots[-1].player,
            n_shots=len(shots),
            goals=scored,
            xg=sum(xg),
            p_value=p,
            q_value=q,
        )
        for shots, scored, xg, p, q in zip(players, goals, xgs, p_values, q_values, strict=True)
    ]
