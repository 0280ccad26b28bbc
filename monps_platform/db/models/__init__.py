"""All tables. Import models from here: the registry is complete only when every module has been read."""

from monps_platform.db.models.alerts import Alert
from monps_platform.db.models.base import SCHEMAS, Base
from monps_platform.db.models.core import Bookmaker, League, Match, Odds, Team, TeamAlias
from monps_platform.db.models.forecasts import GoalModelFit, GoalModelStrength, MatchForecast
from monps_platform.db.models.odds_api import ApiRequest
from monps_platform.db.models.ops import HealthFinding, RawFile, RejectedRow
from monps_platform.db.models.picks import Pick, PickCorrection, PickProgress
from monps_platform.db.models.quantum import (
    ChessClassification,
    GoalscorerProfile,
    QuantumFriction,
    QuantumStrategy,
    TeamQuantumDna,
)
from monps_platform.db.models.understat import PlayerMatch, PlayerSeason, Shot, UnderstatMatch

__all__ = [
    "SCHEMAS",
    "Alert",
    "ApiRequest",
    "Base",
    "Bookmaker",
    "ChessClassification",
    "GoalModelFit",
    "GoalModelStrength",
    "GoalscorerProfile",
    "HealthFinding",
    "League",
    "Match",
    "MatchForecast",
    "Odds",
    "Pick",
    "PickCorrection",
    "PickProgress",
    "PlayerMatch",
    "PlayerSeason",
    "QuantumFriction",
    "QuantumStrategy",
    "RawFile",
    "RejectedRow",
    "Shot",
    "Team",
    "TeamAlias",
    "TeamQuantumDna",
    "UnderstatMatch",
]
