"""Picks of every origin, and closings of theirs, as the steps of the work on picks hand them over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from monps_platform.domain.closing import Closing
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import TAKEN, World, pick

MOVED = Closing(reason=NoClosingReason.LINE_MOVED, clv_line_adjusted=-1.25, method="implied-scores-1 PS+PS")
GONE = Closing(reason=NoClosingReason.BOOKMAKER_GONE)
CAPTURED = TAKEN + timedelta(hours=25)
DONE = TAKEN + timedelta(days=2)


def walked(world: World, **changes: Any) -> dict[str, Any]:
    """A pick of a built-in agent over history."""
    own = {"origin": PickOrigin.WALK_FORWARD, "taken_at": None, "agent": "consensus_value", "strategy": "alpha=0.05"}
    return pick(world, **(own | {"model_probability": 0.5, "edge": 0.05} | changes))


def live(world: World, **changes: Any) -> dict[str, Any]:
    """A pick of a built-in agent before the match."""
    return walked(world, **({"origin": PickOrigin.LIVE, "taken_at": TAKEN, "side": "away"} | changes))


def enter(layer: Layer, *rows: Mapping[str, Any]) -> list[int]:
    """Write picks; their ids in order."""
    with layer.unit() as unit:
        ids = [unit.picks.create(**row).id for row in rows]
        unit.commit()
    return ids


def closing(world: World, price: float = 2.0, clv: float = 5.0, **changes: Any) -> Closing:
    """The close of a pick of the price 2.1 at a sharp bookmaker."""
    own: dict[str, Any] = {
        "price": price,
        "source": ClosingSource.SHARP,
        "bookmaker_id": world.bookmakers["PS"],
        "captured_at": CAPTURED,
        "clv": clv,
        "clv_no_vig": 2.5,
    }
    return Closing(**(own | changes))


def quoted(
    match_id: int, bookmaker_id: int, *prices: str, at: datetime | None = None, **changes: Any
) -> dict[str, Any]:
    """A quote of 1x2, collected before the match unless changed; with ``at`` a snapshot."""
    sides = dict(zip(("home_price", "draw_price", "away_price"), map(Decimal, prices), strict=True))
    kind = PriceKind.PRE_MATCH if at is None else PriceKind.SNAPSHOT
    own = {
        "market": Market.ONE_X_TWO,
        "line": None,
        "price_kind": kind,
        "captured_at": at,
        "overround": Decimal("0.05"),
    }
    return {
        "match_id": match_id,
        "bookmaker_id": bookmaker_id,
        **sides,
        "over_price": None,
        "under_price": None,
        **(own | changes),
    }
