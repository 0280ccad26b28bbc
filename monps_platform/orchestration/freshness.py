"""The freshness policy of every asset, in one place; domain/freshness.py says why each window is what it is."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import dagster as dg

from monps_platform.domain.freshness import Pace, window

PACES = MappingProxyType(
    {
        **dict.fromkeys(("raw_football_data", "raw_understat", "raw_odds_api", "odds_snapshots"), Pace.FETCHED),
        **dict.fromkeys(("matches", "odds", "team_identities", "shots", "player_seasons"), Pace.FETCHED),
        **dict.fromkeys(("match_forecasts", "tracking_clv_picks"), Pace.DERIVED),
        **dict.fromkeys(("chess_classifications", "team_quantum_dna", "quantum_strategies"), Pace.DERIVED),
        **dict.fromkeys(("quantum_friction_matrix", "goalscorer_profiles"), Pace.DERIVED),
        "database_health": Pace.WATCHED,
    }
)
"""How often each asset is made anew; one that is not named is fetched."""


def freshness_policy(asset: str) -> dg.FreshnessPolicy:
    """The policy of an asset, by the calendar of the day on which the code location is loaded."""
    allowed = window(PACES.get(asset, Pace.FETCHED), datetime.now(UTC).date())
    return dg.FreshnessPolicy.time_window(fail_window=allowed.fail, warn_window=allowed.warn)
