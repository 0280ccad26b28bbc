"""Feeds: the names under which real and simulated files are kept."""

from __future__ import annotations

import pytest

from monps_platform.domain.feeds import FOOTBALL_DATA, ODDS_API, PICKS, UNDERSTAT, Feed
from monps_platform.domain.leagues import LEAGUES


@pytest.mark.parametrize("feed", [FOOTBALL_DATA, UNDERSTAT])
def test_simulated_leagues_have_the_simulated_name_and_all_others_the_real_one(feed: Feed) -> None:
    names = {item.code: feed.name_for(item) for item in LEAGUES}
    assert {code for code, name in names.items() if name == feed.simulated} == {
        item.code for item in LEAGUES if item.is_simulated
    }
    assert set(names.values()) == set(feed.names)


def test_picks_of_any_league_have_one_name() -> None:
    assert {PICKS.name_for(item) for item in LEAGUES} == {"picks"}


def test_no_two_feeds_share_a_name() -> None:
    assert len({*FOOTBALL_DATA.names, *UNDERSTAT.names, *PICKS.names, *ODDS_API.names}) == 6
    assert UNDERSTAT.names == ("understat", "simulated-understat")
