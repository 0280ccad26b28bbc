"""The quantum assets: what is derived about teams, pairs of teams, strategies and scorers."""

from functools import partial

import dagster as dg

from monps_platform.db.models import (
    ChessClassification,
    GoalscorerProfile,
    QuantumFriction,
    QuantumStrategy,
    TeamQuantumDna,
)
from monps_platform.orchestration.assets.football_data import matches, odds
from monps_platform.orchestration.assets.forecasts import match_forecasts
from monps_platform.orchestration.assets.picks import tracking_clv_picks
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.assets.understat import player_seasons, shots, team_identities
from monps_platform.orchestration.outcomes import Progress
from monps_platform.orchestration.quantum.config import QuantumConfig
from monps_platform.orchestration.quantum.dna import DNA
from monps_platform.orchestration.quantum.friction import friction_table
from monps_platform.orchestration.quantum.profiles import PROFILES
from monps_platform.orchestration.quantum.running import derive
from monps_platform.orchestration.quantum.scorers import SCORERS
from monps_platform.orchestration.quantum.showing import (
    show_dna,
    show_friction,
    show_profiles,
    show_scorers,
    show_strategies,
)
from monps_platform.orchestration.quantum.strategies import Evaluation, strategies_table
from monps_platform.orchestration.resources import DatabaseResource


@table_asset(
    ChessClassification,
    links={"docs": "docs/tactical-profiles.md"},
    group="quantum",
    kinds={"postgres", "table"},
    code_version=PROFILES.version,
    deps=[matches, team_identities, shots],
    by_league_season=False,
)
def chess_classifications(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """How a team plays: one of twelve tactical profiles with its score, or the reason why it has none.

    Each profile has weighted rules on features that stand high, low or in the middle of the league's season: where
    shots come from, what is allowed, how much play changes with venue and score. A rule without its feature is not
    judged, and half of them are needed. How stable the labels are stands at the check `profiles_are_stable`.
    """
    return derive(context, config, database, progress, PROFILES, show_profiles)


@table_asset(
    TeamQuantumDna,
    links={"docs": "docs/team-dna.md"},
    group="quantum",
    kinds={"postgres", "table"},
    code_version=DNA.version,
    deps=[matches, odds, shots, player_seasons, match_forecasts, chess_classifications],
    by_league_season=False,
)
def team_quantum_dna(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """A team in nine vectors: market, context, risk, temporal, nemesis, psyche, roster, physical, luck.

    Each figure has its formula, unit, range, source and least n in the schema of its vector; one that is missing says
    why. Rates come with n, most with a 95 % interval. Nothing known only on the day of a row or later is in it.
    """
    return derive(context, config, database, progress, DNA, show_dna)


@table_asset(
    QuantumStrategy,
    links={"docs": "docs/strategies.md"},
    group="quantum",
    kinds={"postgres", "table"},
    code_version=strategies_table().version,
    deps=[matches, odds, match_forecasts, tracking_clv_picks],
    by_league_season=False,
)
def quantum_strategies(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """What strategies on a team's matches were worth at prices that stood, in sample and out of sample apart.

    Every bet rests on what was known before its day. One is active only on evidence out of sample that survives
    Benjamini-Hochberg over all that were tried in the season; if nothing survives, no row is active, and that is an
    answer.
    """
    evaluation = Evaluation()
    table, show = strategies_table(evaluation), partial(show_strategies, evaluation)
    return derive(context, config, database, progress, table, show)


@table_asset(
    QuantumFriction,
    links={"docs": "docs/friction.md"},
    group="quantum",
    kinds={"postgres", "table"},
    code_version=friction_table().version,
    deps=[matches, match_forecasts, team_quantum_dna, quantum_strategies],
    by_league_season=False,
)
def quantum_friction_matrix(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """How two teams rub against each other: every ordered pair of a season's teams, of all leagues, at each venue.

    The friction score is the weighted sum of five components, the same at both venues; what the goal model expects is
    not, and is there for teams of one league only. What the scores foretold of the next season's matches stands at the
    check `friction_foretells`, even where that is nothing.
    """
    return derive(context, config, database, progress, friction_table(), show_friction)


@table_asset(
    GoalscorerProfile,
    links={"docs": "docs/goalscorers.md"},
    group="quantum",
    kinds={"postgres", "table"},
    code_version=SCORERS.version,
    deps=[matches, shots, player_seasons],
    by_league_season=False,
)
def goalscorer_profiles(
    context: dg.AssetExecutionContext,
    config: QuantumConfig,
    database: DatabaseResource,
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """How often, when and how surely a player scores for a team: goals, rate per 90 minutes, chance of a goal.

    Rates are gamma-Poisson posteriors with 95 % intervals, whose priors come from expected goals and position. Shares
    of first and last goals sum to 1 over a team's players and own goals. A player of two clubs has two rows. Minutes
    that no source tells per club leave the rate empty. Leagues' seasons without shots have no rows.
    """
    return derive(context, config, database, progress, SCORERS, show_scorers)


ASSETS = [chess_classifications, team_quantum_dna, quantum_strategies, quantum_friction_matrix, goalscorer_profiles]
