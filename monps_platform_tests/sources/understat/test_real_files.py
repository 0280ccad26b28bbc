"""The real files: every record is read, and what they hold agrees with a count that shares no code with the parser.

The files lie beside the checkout. Where they are absent (a clone on its own), these tests are skipped.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from functools import cache
from itertools import chain

import pytest

from monps_platform.domain.leagues import TOP_FIVE, League
from monps_platform.domain.seasons import Season, season_range
from monps_platform.domain.shots import ShotResult, ShotSituation
from monps_platform.domain.understat import Listing, ParsedLeague, ParsedMatch
from monps_platform.sources.understat.files import league_key, match_id_of, match_key
from monps_platform.sources.understat.league_file import parse_league
from monps_platform.sources.understat.match_file import parse_match
from monps_platform_tests.conftest import SHARED_DATA

_ROOT = SHARED_DATA / "understat"
_SEASONS = season_range(Season(2017), Season(2020))
_SCORED = {ShotResult.GOAL, ShotResult.OWN_GOAL}

pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="no real files beside the checkout")


@cache
def leagues() -> dict[tuple[League, Season], ParsedLeague]:
    keys = {(league, season): league_key(league, season) for league in TOP_FIVE for season in _SEASONS}
    return {item: parse_league((_ROOT / key).read_bytes(), *item, key) for item, key in keys.items()}


@cache
def matches() -> dict[int, ParsedMatch]:
    keys = sorted(str(file.relative_to(_ROOT)) for file in _ROOT.glob("getMatchData/*"))
    return {match_id_of(key): parse_match((_ROOT / key).read_bytes(), match_id_of(key), key) for key in keys}


def listings() -> list[Listing]:
    return [listing for parsed in leagues().values() for listing in parsed.listings]


def test_every_record_of_the_20_league_files_is_read() -> None:
    parsed = leagues().values()
    assert len(parsed) == 20
    assert sum(item.listings_read for item in parsed) == len(listings()) == 7201
    assert sum(item.players_read for item in parsed) == sum(len(item.players) for item in parsed) == 10632
    assert [item.rejections for item in parsed] == [[]] * 20


def test_every_shot_of_the_7201_match_files_is_read() -> None:
    parsed = matches()
    assert set(parsed) == {listing.id for listing in listings()}
    assert sum(item.shots_read for item in parsed.values()) == 179_897
    assert sum(len(item.shots) for item in parsed.values()) == 179_897
    assert not any(item.rejections or item.appearances for item in parsed.values())


def test_goals_and_own_goals_give_the_score_of_every_match() -> None:
    wrong = []
    for listing in listings():
        scored = [shot.counts_for_home for shot in matches()[listing.id].shots if shot.result in _SCORED]
        if (scored.count(True), scored.count(False)) != (listing.home_goals, listing.away_goals):
            wrong.append(listing)
    assert not wrong


def test_players_seasons_agree_with_the_shots_of_their_matches() -> None:
    """Two matches are missing from the copy, so their seasons are left out."""
    for (league, season), parsed in leagues().items():
        if (league.understat_name, season.start_year) in {("EPL", 2018), ("Bundesliga", 2017)}:
            continue
        goals: Counter[int] = Counter()
        penalties: Counter[int] = Counter()
        for shot in chain.from_iterable(matches()[listing.id].shots for listing in parsed.listings):
            goals[shot.player_id] += shot.result is ShotResult.GOAL
            penalties[shot.player_id] += shot.result is ShotResult.GOAL and shot.situation is ShotSituation.PENALTY
        differing = [item for item in parsed.players if item.goals != goals[item.id]]
        differing += [item for item in parsed.players if item.goals - item.non_penalty_goals != penalties[item.id]]
        assert not differing, f"{league.code} {season}"


def test_269_players_moved_within_their_league_one_of_them_twice() -> None:
    players = [player for parsed in leagues().values() for player in parsed.players]
    assert Counter(len(player.teams) for player in players) == {1: 10_363, 2: 268, 3: 1}
    assert sum(player.is_shared for player in players) == 269
    for parsed in leagues().values():
        sides = {listing.home_team for listing in parsed.listings}
        assert {team for player in parsed.players for team in player.teams} == sides


def test_no_html_entity_is_left_in_a_name_though_the_files_hold_hundreds() -> None:
    names = {player.name for parsed in leagues().values() for player in parsed.players}
    names |= {shot.player for parsed in matches().values() for shot in parsed.shots}
    names |= {shot.assisted_by or "" for parsed in matches().values() for shot in parsed.shots}
    assert not [name for name in names if "&" in name or name != name.strip()]
    assert "N'Golo Kant\u00e9" in names


def test_the_numbers_are_those_of_the_files() -> None:
    xg, minutes, actions = [], 0, 0
    for listing in listings()[::20]:
        sides = json.loads((_ROOT / match_key(listing.id)).read_bytes())["shots"]
        xg += [float(record["xG"]) for side in sides.values() for record in side]
        minutes += sum(int(record["minute"]) for side in sides.values() for record in side)
        actions += sum(record["lastAction"] == "None" for side in sides.values() for record in side)
    shots = [shot for listing in listings()[::20] for shot in matches()[listing.id].shots]
    assert math.fsum(shot.xg for shot in shots) == math.fsum(xg)
    assert sum(shot.minute for shot in shots) == minutes
    assert sum(shot.last_action is None for shot in shots) == actions


def test_a_tenth_of_all_match_files_is_parsed_in_a_second_or_two() -> None:
    files = [(listing.id, (_ROOT / match_key(listing.id)).read_bytes()) for listing in listings()[:700]]
    began = time.process_time()
    for match_id, content in files:
        parse_match(content, match_id, match_key(match_id))
    assert time.process_time() - began < 2
