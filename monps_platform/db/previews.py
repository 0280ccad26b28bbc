"""A few rows of each table for people to look at, and how many rows there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from monps_platform.db.models import (
    Base,
    ChessClassification,
    GoalscorerProfile,
    Match,
    MatchForecast,
    Odds,
    Pick,
    PlayerSeason,
    QuantumFriction,
    QuantumStrategy,
    RawFile,
    Shot,
    TeamAlias,
    TeamQuantumDna,
)
from monps_platform.domain.feeds import FOOTBALL_DATA, ODDS_API, UNDERSTAT, Feed
from monps_platform.domain.odds import PriceKind


def _all(model: type[Base]) -> Select[tuple[int]]:
    return select(func.count()).select_from(model)


def _files(feed: Feed) -> Select[tuple[int]]:
    return _all(RawFile).where(RawFile.source.in_(feed.names))


_PREVIEWS = MappingProxyType(
    {
        "raw_football_data": """SELECT source, league, season, key, bytes, left(sha256, 12) AS sha256, fetched_at
            FROM ops.raw_files WHERE source IN ('football-data', 'simulated') ORDER BY id DESC LIMIT 10""",
        "raw_understat": """SELECT source, league, season, key, bytes, left(sha256, 12) AS sha256, fetched_at
            FROM ops.raw_files WHERE source IN ('understat', 'simulated-understat') ORDER BY id DESC LIMIT 10""",
        "raw_odds_api": """SELECT league, season, key, bytes, left(sha256, 12) AS sha256, fetched_at, quotes_read,
                quotes_loaded, quotes_rejected
            FROM ops.raw_files WHERE source = 'odds-api' ORDER BY id DESC LIMIT 10""",
        "odds_snapshots": """SELECT h.name AS home, a.name AS away, m.kickoff_at, b.key AS bookmaker, o.market::text,
                o.line, o.captured_at, coalesce(o.home_price, o.over_price) AS home_or_over, o.draw_price AS draw,
                coalesce(o.away_price, o.under_price) AS away_or_under, o.overround
            FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id JOIN matches m ON m.id = o.match_id
            JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id
            WHERE o.price_kind = 'snapshot' ORDER BY o.id DESC LIMIT 12""",
        "team_identities": """SELECT a.source, l.code AS league, a.spelling, t.name AS team, a.method,
                s.key AS season, s.value ->> 'agreed' AS agreed, s.value ->> 'compared' AS compared,
                s.value ->> 'runner_up' AS runner_up
            FROM team_aliases a JOIN leagues l ON l.id = a.league_id LEFT JOIN teams t ON t.id = a.team_id
            CROSS JOIN LATERAL jsonb_each(a.evidence -> 'seasons') s
            WHERE a.source IN ('understat', 'simulated-understat')
            ORDER BY a.team_id IS NOT NULL, s.key DESC, a.spelling <> t.name DESC, a.id LIMIT 12""",
        "shots": """SELECT h.name AS home, a.name AS away, m.match_date, s.minute, t.name AS team, s.player,
                s.situation::text, s.body_part::text, s.result::text, s.last_action, s.xg
            FROM shots s JOIN matches m ON m.id = s.match_id JOIN teams h ON h.id = m.home_team_id
            JOIN teams a ON a.id = m.away_team_id JOIN teams t ON t.id = s.team_id
            WHERE s.match_id = (SELECT n.id FROM matches n WHERE EXISTS (SELECT FROM shots o WHERE o.match_id = n.id)
                ORDER BY n.match_date DESC, n.id LIMIT 1)
            ORDER BY s.minute, s.id LIMIT 12""",
        "player_seasons": """SELECT p.player, t.name AS team, p.season, p.position, p.appearances, p.minutes, p.goals,
                p.assists, p.shots, p.xg, p.xa
            FROM player_seasons p JOIN teams t ON t.id = p.team_id
            ORDER BY p.season DESC, p.goals DESC NULLS LAST, p.id LIMIT 10""",
        "match_forecasts": """SELECT h.name AS home, a.name AS away, m.match_date, f.model::text, f.as_of, f.home_prob,
                f.draw_prob, f.away_prob, f.over25_prob, f.home_goals_expected, f.away_goals_expected, f.gap::text
            FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id JOIN teams h ON h.id = m.home_team_id
            JOIN teams a ON a.id = m.away_team_id
            WHERE f.match_id IN (SELECT n.id FROM matches n
                WHERE EXISTS (SELECT FROM quantum.match_forecasts o WHERE o.match_id = n.id)
                ORDER BY n.match_date DESC, n.id LIMIT 3)
            ORDER BY m.match_date DESC, m.id, f.model LIMIT 12""",
        "tracking_clv_picks": """SELECT p.agent, p.origin::text, m.match_date, h.name AS home, a.name AS away,
                p.market::text, p.side::text, p.line, b.key AS bookmaker, p.price_taken, p.closing_price,
                round(p.clv_percentage, 2) AS clv, round(p.clv_no_vig_percentage, 2) AS clv_no_vig, p.result::text,
                p.profit
            FROM (SELECT q.*, n.match_date, row_number() OVER (PARTITION BY q.agent
                    ORDER BY n.match_date DESC, q.id DESC) AS age
                FROM tracking_clv_picks q JOIN matches n ON n.id = q.match_id) p
            JOIN matches m ON m.id = p.match_id JOIN teams h ON h.id = m.home_team_id
            JOIN teams a ON a.id = m.away_team_id JOIN bookmakers b ON b.id = p.bookmaker_id
            WHERE p.age <= 4 ORDER BY p.age, m.match_date DESC, p.id DESC LIMIT 16""",
        "chess_classifications": """SELECT t.name AS team, l.code AS league, c.season, c.as_of, c.n_matches,
                c.profile::text, c.score, c.runner_up::text, c.margin, c.no_profile_reason
            FROM quantum.chess_classifications c JOIN teams t ON t.id = c.team_id JOIN leagues l ON l.id = c.league_id
            ORDER BY c.as_of DESC, c.profile IS NULL, c.score DESC, c.id LIMIT 12""",
        "team_quantum_dna": """SELECT t.name AS team, l.code AS league, d.season, d.as_of, d.n_matches,
                d.market ->> 'best_market' AS best_market, d.context #>> '{home,points}' AS points_home,
                d.context #>> '{away,points}' AS points_away, d.risk #>> '{upset_rate,value}' AS upset_rate,
                d.temporal ->> 'late_goals_for_z' AS late_goals_z, d.psyche ->> 'comebacks' AS comebacks,
                d.luck ->> 'points_z' AS luck_z
            FROM quantum.team_quantum_dna d JOIN teams t ON t.id = d.team_id JOIN leagues l ON l.id = d.league_id
            ORDER BY d.as_of DESC, l.code, t.name LIMIT 10""",
        "quantum_strategies": """SELECT t.name AS team, q.season, q.as_of, q.strategy::text, q.market::text,
                q.in_sample_bets, q.in_sample_roi, q.out_of_sample_bets, q.out_of_sample_roi, q.roi_low, q.roi_high,
                q.mean_clv_no_vig_percentage, q.clv_no_vig_low, q.clv_no_vig_high, q.closed_bets,
                q.p_value, q.q_value, q.is_active
            FROM quantum.quantum_strategies q JOIN teams t ON t.id = q.team_id
            ORDER BY q.as_of DESC, q.is_active DESC, q.p_value NULLS LAST, q.id LIMIT 12""",
        "quantum_friction_matrix": """SELECT h.name AS home, a.name AS away, f.season, f.as_of, f.friction_score,
                f.style_friction, f.tempo_friction, f.physical_friction, f.mental_friction, f.tier_friction,
                f.chaos_potential, f.predicted_scenario::text, f.predicted_total_goals, f.predicted_btts_prob
            FROM quantum.quantum_friction_matrix f JOIN teams h ON h.id = f.home_team_id
            JOIN teams a ON a.id = f.away_team_id WHERE f.same_league
            ORDER BY f.as_of DESC, f.friction_score DESC NULLS LAST, f.id LIMIT 10""",
        "goalscorer_profiles": """SELECT p.player_name, t.name AS team, p.season, p.as_of, p.position, p.goals,
                p.penalty_goals, p.xg, p.minutes, p.rate_per_90, p.rate_low, p.rate_high, p.anytime_prob,
                p.first_scorer_share, p.last_scorer_share
            FROM quantum.goalscorer_profiles p JOIN teams t ON t.id = p.team_id
            ORDER BY p.as_of DESC, p.goals DESC, p.id LIMIT 10""",
        "matches": """SELECT l.code AS league, m.season, m.match_date, h.name AS home, a.name AS away, m.home_goals,
                m.away_goals, m.kickoff_at
            FROM matches m JOIN leagues l ON l.id = m.league_id JOIN teams h ON h.id = m.home_team_id
            JOIN teams a ON a.id = m.away_team_id ORDER BY m.match_date DESC, m.id LIMIT 10""",
        "odds": """SELECT h.name AS home, a.name AS away, m.match_date, b.key AS bookmaker, o.market::text, o.line,
                o.price_kind::text, coalesce(o.home_price, o.over_price) AS home_or_over, o.draw_price AS draw,
                coalesce(o.away_price, o.under_price) AS away_or_under, o.overround
            FROM odds o JOIN bookmakers b ON b.id = o.bookmaker_id JOIN matches m ON m.id = o.match_id
            JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id
            WHERE o.match_id = (SELECT n.id FROM matches n WHERE EXISTS (SELECT FROM odds p WHERE p.match_id = n.id)
                ORDER BY n.match_date DESC, n.id LIMIT 1)
            ORDER BY o.market, o.price_kind, b.key LIMIT 12""",
    }
)
_ROWS = MappingProxyType(
    {
        "raw_football_data": _files(FOOTBALL_DATA),
        "raw_understat": _files(UNDERSTAT),
        "raw_odds_api": _all(RawFile).where(RawFile.source == ODDS_API.real),
        "odds_snapshots": _all(Odds).where(Odds.price_kind == PriceKind.SNAPSHOT),
        "matches": _all(Match),
        "odds": _all(Odds),
        "team_identities": _all(TeamAlias).where(TeamAlias.source.in_(UNDERSTAT.names)),
        "shots": _all(Shot),
        "player_seasons": _all(PlayerSeason),
        "match_forecasts": _all(MatchForecast),
        "tracking_clv_picks": _all(Pick),
        "team_quantum_dna": _all(TeamQuantumDna),
        "quantum_strategies": _all(QuantumStrategy),
        "quantum_friction_matrix": _all(QuantumFriction),
        "chess_classifications": _all(ChessClassification),
        "goalscorer_profiles": _all(GoalscorerProfile),
    }
)


def preview(connection: Connection, asset: str) -> Sequence[Mapping[str, Any]]:
    """The newest few rows behind an asset, names in place of ids."""
    return [dict(row) for row in connection.execute(text(_PREVIEWS[asset])).mappings()]


_NEWEST = """WITH newest AS (SELECT max(m.season) AS season FROM matches m JOIN leagues l ON l.id = m.league_id
    WHERE m.home_goals IS NOT NULL AND NOT l.is_simulated) """
_FIGURES = MappingProxyType(
    {
        "odds": """SELECT avg(o.overround) FILTER (WHERE o.price_kind = 'pre_match')::float8 AS mean_overround,
                avg(o.overround) FILTER (WHERE o.price_kind = 'closing')::float8 AS mean_overround_closing
            FROM odds o JOIN matches m ON m.id = o.match_id JOIN bookmakers b ON b.id = o.bookmaker_id
            WHERE o.market = '1x2' AND NOT b.is_aggregate AND NOT b.is_exchange
                AND m.season = (SELECT season FROM newest)""",
        "matches": """SELECT avg(home_goals + away_goals)::float8 AS goals_per_match,
                avg((home_goals > away_goals)::int)::float8 AS home_wins
            FROM matches WHERE home_goals IS NOT NULL AND season = (SELECT season FROM newest)""",
        "match_forecasts": """SELECT avg(power(home_prob - (m.home_goals > m.away_goals)::int, 2)
                + power(away_prob - (m.home_goals < m.away_goals)::int, 2))::float8 / 2 AS rps
            FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id
            WHERE f.model = 'dixon_coles' AND m.home_goals IS NOT NULL AND m.season = (SELECT season FROM newest)""",
    }
)
"""What an asset comes to in the newest season of real leagues: the margin of 1x2 prices of real books, goals a match,
and the ranked probability score of the goal model (Constantinou & Fenton 2012: half the sum of squared differences of
both cumulative probabilities).
"""


def figures(connection: Connection, asset: str) -> Mapping[str, float]:
    """Figures of an asset that are worth following over time; those that are not known are left out."""
    if asset not in _FIGURES:
        return {}
    row = connection.execute(text(_NEWEST + _FIGURES[asset])).mappings().one()
    return {name: float(value) for name, value in row.items() if value is not None}


def row_count(connection: Connection, asset: str) -> int:
    """Rows of an asset's main table."""
    return int(connection.scalar(_ROWS[asset]) or 0)
