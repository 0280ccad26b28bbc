"""A real season: labels differ, no feature is a copy of another, and three styles stay as they were found.

The three are a guard against change, not evidence: they were picked when the labels were known.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from monps_platform.domain.leagues import league
from monps_platform.domain.quantum.profiles.classify import classify
from monps_platform.domain.quantum.profiles.features import features
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, Side
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import ShotResult
from monps_platform.domain.tactics import TacticalProfile
from monps_platform.domain.understat import Listing, Shot
from monps_platform.sources.understat.league_file import parse_league
from monps_platform.sources.understat.match_file import parse_match
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.domain.quantum.profiles.drawn_leagues import season_of

pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="the real files are not beside the checkout")

MIRROR = SHARED_DATA / "understat"
UNSEEN = {Feature.PPDA, Feature.PPDA_SPREAD, Feature.DEEP_SHARE, Feature.FOULS, Feature.CORNERS_PER_SHOT}
"""What the shots' source does not have here."""


@cache
def english() -> tuple[LeagueSeason, list[str]]:
    """The Premier League of 2020-21 as the shots' source has it, and the clubs' names in the order of their ids."""
    body = (MIRROR / "getLeagueData" / "EPL" / "2020").read_bytes()
    listings = parse_league(body, league("E0"), Season(2020), "EPL").listings
    names = sorted({listing.home_team for listing in listings})
    return season_of(tuple(_match(listing, names) for listing in listings)), names


def _match(listing: Listing, names: list[str]) -> SeasonMatch:
    name = str(listing.id)
    shots = tuple(parse_match((MIRROR / "getMatchData" / name).read_bytes(), listing.id, name).shots)
    home = _side(names.index(listing.home_team), listing.home_goals, listing.home_xg, shots, is_home=True)
    away = _side(names.index(listing.away_team), listing.away_goals, listing.away_xg, shots, is_home=False)
    return SeasonMatch(listing.id, listing.shown_at.date(), None, home, away, shots=shots)


def _side(team_id: int, goals: int | None, xg: float | None, shots: tuple[Shot, ...], *, is_home: bool) -> Side:
    taken = [shot for shot in shots if shot.is_home is is_home and shot.result is not ShotResult.OWN_GOAL]
    return Side(team_id, goals or 0, shots=len(taken), xg=xg)


def labels() -> dict[str, TacticalProfile | None]:
    season, names = english()
    return {names[team_id]: found.profile for team_id, found in classify(season).items()}


def test_labels_are_many_and_none_is_that_of_all() -> None:
    counts = Counter(labels().values())
    assert len(counts) >= 7
    assert max(counts.values()) <= 8


@pytest.mark.parametrize(
    ("team", "profile"),
    [
        ("Manchester City", TacticalProfile.POSSESSION),
        ("Burnley", TacticalProfile.DIRECT_ATTACK),
        ("West Ham", TacticalProfile.WIDE_ATTACK),
    ],
)
def test_a_well_known_style_keeps_its_label(team: str, profile: TacticalProfile) -> None:
    assert labels()[team] is profile


def test_no_feature_is_constant_or_a_copy_of_another() -> None:
    held = [feature for feature in Feature if feature not in UNSEEN]
    table = np.array([[figures[feature] for feature in held] for figures in features(english()[0]).values()], float)
    assert not np.isnan(table).any()
    assert (table.std(axis=0) > 0).all()
    assert (np.abs(np.corrcoef(table.T)) - np.eye(len(held))).max() < 0.98


def test_shares_of_shots_and_distances_are_plausible() -> None:
    for figures in features(english()[0]).values():
        assert 0.03 < (figures[Feature.CROSS_SHARE] or 0) < 0.25
        assert 0.3 < (figures[Feature.COMBINATION_SHARE] or 0) < 0.6
        assert 14 < (figures[Feature.SHOT_DISTANCE] or 0) < 22
        assert 0.05 < (figures[Feature.SHOT_QUALITY] or 0) < 0.2
