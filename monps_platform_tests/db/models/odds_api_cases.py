"""What the database refuses and accepts of requests to services that count them."""

from __future__ import annotations

from monps_platform_tests.db.models.rows import Accepted, Refused

REQUESTS = "ops.api_requests"
ODDS_API_ACCEPTED: Accepted = [
    (REQUESTS, {"league": None, "cost": 0}),
    (REQUESTS, {"status": 401, "remaining": 0, "used": 500, "error": "the key is not taken"}),
]
ODDS_API_REFUSED: Refused = [
    ("ck_api_requests_not_negative", REQUESTS, {name: -1}) for name in ("cost", "remaining", "used")
]
