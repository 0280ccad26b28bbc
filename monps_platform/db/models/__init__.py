"""All tables. Import models from here: the registry is complete only when every module has been read."""

from monps_platform.db.models.base import SCHEMAS, Base
from monps_platform.db.models.core import Bookmaker, League, Match, Odds, Team, TeamAlias
from monps_platform.db.models.ops import RawFile, RejectedRow

__all__ = ["SCHEMAS", "Base", "Bookmaker", "League", "Match", "Odds", "RawFile", "RejectedRow", "Team", "TeamAlias"]
