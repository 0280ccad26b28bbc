"""A league with matches to come, and a server that quotes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from monps_platform.sources.http import HttpClient
from monps_platform.sources.simulated.odds_api import Listed
from monps_platform.sources.simulated.odds_api_server import OddsApiServer, serving
from monps_platform_tests.orchestration.odds_api.odds_world import AHEAD, KEY, Clock, World
from monps_platform_tests.orchestration.platform import Platform


@pytest.fixture
def world(platform: Platform) -> Iterator[World]:
    """Arsenal against Chelsea in five hours, quoted by five books; the clock stands at a whole minute of now."""
    clock = Clock(datetime.now(UTC).replace(second=0, microsecond=0))
    client = HttpClient(retries=0)
    with serving(OddsApiServer(KEY, clock)) as server:
        made = World(platform, server, clock, client)
        made.list_match("Arsenal", "Chelsea", clock() + AHEAD)
        made.quote(Listed("Arsenal", "Chelsea", clock() + AHEAD))
        yield made
    client.close()
