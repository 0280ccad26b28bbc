"""Good rows of the picks, Understat, quantum and health tables, as the repositories take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, aliased, sessionmaker

from monps_platform.db.models import League, Match, Team
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.health import HealthSeverity
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import ClosingSource, PickResult, PickSide
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.strategies import StrategyName
from monps_platform.domain.tactics import MatchScenario, TacticalProfile
from monps_platform_tests.db.samples import E1, SEASON, played, to_come, write_matches

THIS_SEASON, LAST_SEASON = "2019-20", "2018-19"
AS_OF = date(2020, 1, 1)
EARLIER = date(2019, 12, 1)
TAKEN = datetime(2019, 8, 9, 12, tzinfo=UTC)
SWEEP = UUID(int=1)
VECTORS = ("market", "context", "risk", "temporal", "nemesis", "psyche", "roster", "physical", "luck")


@dataclass(frozen=True)
class World:
    """Ids of the leagues by code, of the clubs by name, of the matches by both names, of the bookmakers by key."""

    leagues: Mapping[str, int]
    teams: Mapping[str, int]
    matches: Mapping[tuple[str, str], int]
    bookmakers: Mapping[str, int]

    @property
    def opener(self) -> int:
        """The match Arsenal - Chelsea, that was played first."""
        return self.matches["Arsenal", "Chelsea"]


def build_world(sessions: sessionmaker[Session]) -> World:
    """Two leagues of one season, some of the matches still to come, and two bookmakers."""
    write_matches(
        sessions,
        played("Arsenal", "Chelsea", day=date(2019, 8, 10)),
        played("Chelsea", "Arsenal", (0, 0), day=date(2020, 1, 18)),
        to_come("Arsenal", "Everton", day=date(2020, 5, 10)),
        to_come("Everton", "Chelsea", day=date(2020, 5, 17)),
    )
    write_matches(sessions, played("Leeds", "Hull", day=date(2019, 8, 10)), partition=Partition(E1, SEASON))
    with UnitOfWork(sessions) as unit:
        books = unit.bookmakers.ensure(["B365", "PS"])
        unit.commit()
        home, away = aliased(Team), aliased(Team)
        pairs = select(home.name, away.name, Match.id).join(home, Match.home_team).join(away, Match.away_team)
        return World(
            dict(unit.session.execute(select(League.code, League.id)).tuples().all()),
            dict(unit.session.execute(select(Team.name, Team.id)).tuples().all()),
            {(host, guest): row_id for host, guest, row_id in unit.session.execute(pairs)},
            books,
        )


def refused_to_load(row: object, *relationships: str) -> None:
    """Assert that touching a relationship that nobody asked for raises, and so sends nothing."""
    for name in relationships:
        with pytest.raises(InvalidRequestError, match="raise"):
            getattr(row, name)


def pick(world: World, **changes: Any) -> dict[str, Any]:
    """A pick of the home side in the first match, neither closed nor settled."""
    return {
        "agent": "value",
        "match_id": world.opener,
        "market": Market.ONE_X_TWO,
        "side": PickSide.HOME,
        "line": None,
        "bookmaker_id": world.bookmakers["B365"],
        "price_taken": Decimal("2.1"),
        "taken_at": TAKEN,
        "stake": Decimal(1),
        "data_version": "1",
        **changes,
    }


def closed(world: World, price_taken: Decimal, closing_price: Decimal, **changes: Any) -> dict[str, Any]:
    """The closing fields of a pick, whose own bookmaker made the closing price."""
    return {
        "closing_price": closing_price,
        "closing_source": ClosingSource.SAME_BOOKMAKER,
        "closing_bookmaker_id": world.bookmakers["B365"],
        "clv_percentage": (price_taken / closing_price - 1) * 100,
        **changes,
    }


def settled(result: PickResult, profit: Decimal, at: datetime = TAKEN + timedelta(days=2)) -> dict[str, Any]:
    """The settlement of a pick."""
    return {"result": result, "profit": profit, "settled_at": at}


def dna(world: World, team: str = "Arsenal", **changes: Any) -> dict[str, Any]:
    """The nine vectors of a team."""
    return {
        "team_id": world.teams[team],
        "league_id": world.leagues["E0"],
        "season": THIS_SEASON,
        "as_of": AS_OF,
        "n_matches": 19,
        **{name: {"n_matches": 19, "note": None} for name in VECTORS},
        "data_version": "1",
        **changes,
    }


def classification(world: World, team: str = "Arsenal", **changes: Any) -> dict[str, Any]:
    """A tactical profile that is not the current one."""
    return {
        "team_id": world.teams[team],
        "league_id": world.leagues["E0"],
        "n_matches": 19,
        "data_version": "1",
        "season": THIS_SEASON,
        "as_of": AS_OF,
        "profile": TacticalProfile.POSSESSION,
        "score": 71.5,
        "runner_up": TacticalProfile.GEGENPRESS,
        "margin": 4.25,
        "features": {"ppda": 0.8},
        "is_current": False,
        **changes,
    }


def friction(world: World, home: str = "Arsenal", away: str = "Chelsea", **changes: Any) -> dict[str, Any]:
    """The friction of a pair; ``friction_score`` sets all five components, whose weights sum to 1."""
    score = changes.pop("friction_score", 50.0)
    components = ("style_friction", "tempo_friction", "physical_friction", "mental_friction", "tier_friction")
    return {
        "home_team_id": world.teams[home],
        "away_team_id": world.teams[away],
        "league_id": world.leagues["E0"],
        "data_version": "1",
        "season": THIS_SEASON,
        "as_of": AS_OF,
        "same_league": True,
        "n_home_matches": 19,
        "n_away_matches": 18,
        "friction_score": score,
        **dict.fromkeys(components, score),
        "chaos_potential": 40.0,
        "predicted_scenario": MatchScenario.OPEN_GAME,
        "predicted_btts_prob": 0.55,
        "predicted_over25_prob": 0.6,
        "predicted_total_goals": 2.9,
        "recommended_markets": [],
        **changes,
    }


def strategy(world: World, team: str = "Arsenal", **changes: Any) -> dict[str, Any]:
    """A strategy that did not survive its test."""
    return {
        "team_id": world.teams[team],
        "strategy": StrategyName.MODEL_VALUE,
        "market": Market.ONE_X_TWO,
        "league_id": world.leagues["E0"],
        "data_version": "1",
        "season": THIS_SEASON,
        "as_of": AS_OF,
        "in_sample_bets": 100,
        "in_sample_roi": 0.2,
        "out_of_sample_bets": 50,
        "out_of_sample_roi": 0.05,
        "roi_low": -0.1,
        "roi_high": 0.2,
        "mean_clv_percentage": 0.4,
        "mean_clv_no_vig_percentage": -2.1,
        "clv_no_vig_low": -3.5,
        "clv_no_vig_high": -0.6,
        "closed_bets": 48,
        "p_value": 0.3,
        "q_value": 0.6,
        "stake_multiplier": 0.0,
        "context_filters": {},
        "is_active": False,
        **changes,
    }


def active(roi_low: float = 0.01) -> dict[str, Any]:
    """What makes a strategy an active one."""
    return {"is_active": True, "stake_multiplier": 0.5, "roi_low": roi_low, "p_value": 0.001, "q_value": 0.01}


def scorer(world: World, player_id: int, team: str = "Arsenal", goals: int = 5, **changes: Any) -> dict[str, Any]:
    """A player who scored all his goals at home."""
    return {
        "player_id": player_id,
        "player_name": f"Player {player_id}",
        "team_id": world.teams[team],
        "league_id": world.leagues["E0"],
        "data_version": "1",
        "season": THIS_SEASON,
        "as_of": AS_OF,
        "position": "F",
        "appearances": 19,
        "minutes": 1500,
        "goals": goals,
        "home_goals": goals,
        "away_goals": 0,
        "penalty_goals": 0,
        "xg": 4.5,
        "goal_periods": {"n": goals},
        **changes,
    }


def shot(world: World, row_id: int, **changes: Any) -> dict[str, Any]:
    """A goal of Arsenal in the first match."""
    return {
        "id": row_id,
        "match_id": world.opener,
        "team_id": world.teams["Arsenal"],
        "minute": 90,
        "player_id": 227,
        "player": "Player",
        "assisted_by": None,
        "situation": ShotSituation.OPEN_PLAY,
        "body_part": BodyPart.HEAD,
        "result": ShotResult.GOAL,
        "last_action": "Cross",
        "x": 0.9,
        "y": 0.5,
        "xg": 0.12,
        **changes,
    }


def player_season(world: World, player_id: int, team: str = "Arsenal", **changes: Any) -> dict[str, Any]:
    """A player's season for one club."""
    return {
        "player_id": player_id,
        "player": f"Player {player_id}",
        "team_id": world.teams[team],
        "league_id": world.leagues["E0"],
        "season": THIS_SEASON,
        "position": "F S",
        "is_shared": False,
        "appearances": 30,
        "minutes": 2500,
        "goals": 12,
        "non_penalty_goals": 10,
        "xg": 11.5,
        **changes,
    }


def finding(subject: str, **changes: Any) -> dict[str, Any]:
    """A finding that asks for nothing."""
    return {
        "sweep_id": SWEEP,
        "swept_at": TAKEN,
        "check_name": "dead_rows",
        "subject": subject,
        "severity": HealthSeverity.OK,
        "finding": "0.1 % of the rows are dead",
        "remedy": None,
        "value": 0.1,
        "unit": "%",
        **changes,
    }
