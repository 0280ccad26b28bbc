"""Understat's tables brought to what its files say, on both drivers: what is right stays untouched, what is gone goes,
and what hangs on a match goes where the match goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields, replace
from datetime import date
from fractions import Fraction
from itertools import permutations
from random import Random
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.understat import JoinedMatch
from monps_platform.domain.match_joins import Join, UnmatchedReason
from monps_platform.domain.partitions import Partition
from monps_platform.domain.player_seasons import ClubSeason, LineupTotals, ShotTotals
from monps_platform.domain.shots import ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, Listing, Shot
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import World, build_world
from monps_platform_tests.db.repositories.understat_samples import (
    appearance,
    joined,
    list_matches,
    match_of,
    taken,
    unjoined,
)
from monps_platform_tests.db.samples import (
    E0,
    E1,
    HERE,
    LATER,
    SEASON,
    SOURCE,
    Reader,
    played,
    statements,
    write_matches,
)

LISTED = "SELECT id, match_id, unmatched_reason::text FROM understat_matches ORDER BY id"
RETURN_MATCH = ("Chelsea", "Arsenal")


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The clubs and matches that are listed."""
    return build_world(sessions)


def changed(before: Mapping[int, Any], after: Mapping[int, Any]) -> set[int]:
    """The rows of before that were touched."""
    return {row_id for row_id in before if after.get(row_id) != before[row_id]}


# Listed matches


def relist(layer: Layer, *joins: Join, partition: Partition = HERE) -> tuple[Changes, list[int]]:
    with layer.unit() as unit:
        changes, moved = unit.understat_matches.replace_partition(partition.league, partition.season, joins)
        unit.commit()
    return changes, sorted(moved)


def test_a_listing_is_kept_with_every_value(layer: Layer, world: World, reader: Reader) -> None:
    join = joined(world, 11_643)
    open_one = unjoined(11_644, UnmatchedReason.UNRESOLVED_TEAM, "Leeds United", "Hull")
    bare = Join(Listing(11_645, join.listing.shown_at, "Arsenal", "Everton"), world.matches["Arsenal", "Everton"], None)
    assert relist(layer, join, open_one, bare) == (Changes(inserted=3), [])
    names = [item.name for item in fields(Listing)]
    assert reader.rows(f"SELECT {', '.join(names)} FROM understat_matches ORDER BY id") == [
        astuple(item.listing) for item in (join, open_one, bare)
    ]
    assert reader.rows(LISTED) == [
        (11_643, world.opener, None),
        (11_644, None, "unresolved_team"),
        (11_645, world.matches["Arsenal", "Everton"], None),
    ]
    where = "SELECT DISTINCT l.code, u.season FROM understat_matches u JOIN leagues l ON l.id = u.league_id"
    assert reader.rows(where) == [("E0", "2019-20")]


def test_a_listing_without_news_is_not_touched(layer: Layer, world: World, reader: Reader) -> None:
    joins = [joined(world, 1), joined(world, 2, *RETURN_MATCH), unjoined(3, UnmatchedReason.NO_SUCH_MATCH)]
    relist(layer, *joins)
    before = reader.traces("understat_matches")
    assert relist(layer, *reversed(joins)) == (Changes(), [])
    assert reader.traces("understat_matches") == before
    news = replace(joins[1], listing=replace(joins[1].listing, home_xg=0.25, home_ppda=None))
    assert relist(layer, joins[0], news, joins[2]) == (Changes(updated=1), [])
    assert changed(before, reader.traces("understat_matches")) == {2}
    assert reader.rows("SELECT home_xg, home_ppda FROM understat_matches WHERE id = 2") == [(0.25, None)]


def test_a_listing_whose_score_was_corrected_is_told_and_keeps_its_match(
    layer: Layer, world: World, reader: Reader
) -> None:
    relist(layer, joined(world, 1), unjoined(2, UnmatchedReason.NO_SUCH_MATCH, *RETURN_MATCH))
    corrected = joined(world, 1, home_goals=3)
    none_of_ours = unjoined(2, UnmatchedReason.NO_SUCH_MATCH, *RETURN_MATCH)
    again = replace(none_of_ours, listing=replace(none_of_ours.listing, home_goals=5))
    assert relist(layer, corrected, again) == (Changes(updated=2), [1])
    with layer.unit() as unit:
        assert unit.understat_matches.joined(E0, SEASON)[1].score == (3, 1)
    assert reader.rows(LISTED)[0][1:] == (world.matches["Arsenal", "Chelsea"], None)


def test_a_listing_that_changes_its_match_is_told_and_a_new_one_is_not(
    layer: Layer, world: World, reader: Reader
) -> None:
    no_match = unjoined(2, UnmatchedReason.NO_SUCH_MATCH, *RETURN_MATCH)
    relist(layer, joined(world, 1), no_match)
    assert relist(layer, joined(world, 1), joined(world, 2, *RETURN_MATCH), joined(world, 3, "Arsenal", "Everton")) == (
        Changes(inserted=1, updated=1),
        [2],
    )
    differs = unjoined(1, UnmatchedReason.DATE_AND_SCORE_DIFFER)
    assert relist(layer, differs, joined(world, 2, *RETURN_MATCH))[1] == [1, 3]
    assert reader.rows(LISTED) == [(1, None, "date_and_score_differ"), (2, world.matches[RETURN_MATCH], None)]


def test_another_reason_for_no_match_moves_nothing(layer: Layer, world: World, reader: Reader) -> None:
    relist(layer, unjoined(1, UnmatchedReason.UNRESOLVED_TEAM))
    assert relist(layer, unjoined(1, UnmatchedReason.CLAIMED_TWICE)) == (Changes(updated=1), [])
    assert reader.rows(LISTED) == [(1, None, "claimed_twice")]


def test_listings_may_change_places(layer: Layer, world: World, reader: Reader) -> None:
    first, second, third = ("Arsenal", "Chelsea"), RETURN_MATCH, ("Arsenal", "Everton")
    relist(layer, joined(world, 1, *first), joined(world, 2, *second), joined(world, 3, *third))
    before = reader.traces("understat_matches")
    swapped = joined(world, 1, *second), joined(world, 2, *first), joined(world, 3, *third)
    assert relist(layer, *swapped) == (Changes(updated=2), [1, 2])
    assert changed(before, reader.traces("understat_matches")) == {1, 2}
    turned = joined(world, 1, *third), joined(world, 2, *second), joined(world, 3, *first)
    assert relist(layer, *turned) == (Changes(updated=3), [1, 2, 3])
    assert [row[1] for row in reader.rows(LISTED)] == [world.matches[pair] for pair in (third, second, first)]


def test_a_new_listing_may_take_the_match_of_one_that_is_gone(layer: Layer, world: World, reader: Reader) -> None:
    relist(layer, joined(world, 1), joined(world, 2, *RETURN_MATCH))
    assert relist(layer, joined(world, 9), joined(world, 2, *RETURN_MATCH)) == (Changes(inserted=1, deleted=1), [1])
    assert reader.rows(LISTED) == [(2, world.matches[RETURN_MATCH], None), (9, world.opener, None)]


def test_a_listing_that_is_gone_is_deleted_and_told_so_that_its_shots_come_back_with_it(
    layer: Layer, world: World, reader: Reader
) -> None:
    joins = [joined(world, 1), joined(world, 2, *RETURN_MATCH), unjoined(3, UnmatchedReason.NO_SUCH_MATCH)]
    relist(layer, *joins)
    assert relist(layer, joins[0]) == (Changes(deleted=2), [2])
    assert [row[0] for row in reader.rows(LISTED)] == [1]
    assert relist(layer) == (Changes(deleted=1), [1])
    assert reader.rows(LISTED) == []


def test_listings_of_other_leagues_and_seasons_are_not_touched(layer: Layer, world: World, reader: Reader) -> None:
    relist(layer, joined(world, 1, "Leeds", "Hull"), partition=Partition(E1, SEASON))
    relist(layer, unjoined(2, UnmatchedReason.NO_SUCH_MATCH), partition=Partition(E0, LATER))
    before = reader.traces("understat_matches")
    relist(layer, joined(world, 3))
    assert relist(layer) == (Changes(deleted=1), [3])
    assert reader.traces("understat_matches") == before


def test_two_listings_of_one_match_are_refused(layer: Layer, world: World, reader: Reader) -> None:
    with pytest.raises(IntegrityError, match="uq_understat_matches_match_id"):
        relist(layer, joined(world, 1), joined(world, 2))
    assert reader.rows(LISTED) == []


def test_joined_matches_come_with_their_clubs_in_two_statements(layer: Layer, world: World) -> None:
    relist(layer, joined(world, 1), joined(world, 2, *RETURN_MATCH), unjoined(3, UnmatchedReason.NO_SUCH_MATCH))
    relist(layer, joined(world, 4, "Leeds", "Hull"), partition=Partition(E1, SEASON))
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.understat_matches.joined(E0, SEASON) == {1: match_of(world), 2: match_of(world, *RETURN_MATCH)}
        assert len(sent) == 2
        assert unit.understat_matches.joined(E1, SEASON) == {4: match_of(world, "Leeds", "Hull")}
        assert unit.understat_matches.joined(E0, LATER) == {}
    home, away = world.teams["Arsenal"], world.teams["Chelsea"]
    assert [match_of(world).team_of(is_home=is_home) for is_home in (True, False)] == [home, away]


def test_the_number_of_statements_does_not_grow_with_the_number_of_listings(layer: Layer, world: World) -> None:
    def sent_by(joins: Sequence[Join]) -> int:
        with statements(layer.engine) as sent:
            relist(layer, *joins)
        return len(sent)

    many = [unjoined(number, UnmatchedReason.NO_SUCH_MATCH) for number in range(10, 200)]
    one = sent_by(many[:1])
    assert sent_by(many) == sent_by(many) == one
    assert one <= 9


# Shots and line-ups


Taken = Mapping[JoinedMatch, Sequence[Shot]]
Lineups = Mapping[JoinedMatch, Sequence[Appearance]]


def reload_shots(layer: Layer, shots: Taken) -> Changes:
    with layer.unit() as unit:
        changes = unit.shots.replace_matches(shots)
        unit.commit()
    return changes


def reload_lineups(layer: Layer, lineups: Lineups) -> Changes:
    with layer.unit() as unit:
        changes = unit.player_matches.replace_matches(lineups)
        unit.commit()
    return changes


def test_a_shot_of_a_file_is_kept_with_every_value_on_the_side_of_its_player(
    layer: Layer, world: World, reader: Reader
) -> None:
    told = taken(5, is_home=False, assisted_by="Ünal\t\\N", last_action="Cross", situation=ShotSituation.FROM_CORNER)
    own_goal = taken(6, result=ShotResult.OWN_GOAL, xg=0.0)
    assert reload_shots(layer, {match_of(world): [told, own_goal]}) == Changes(inserted=2)
    names = [item.name for item in fields(Shot) if item.name != "is_home"]
    held = reader.rows(f"SELECT match_id, team_id, {', '.join(names)} FROM shots ORDER BY id")
    assert held == [
        (world.opener, world.teams[team], *(getattr(shot, name) for name in names))
        for team, shot in (("Chelsea", told), ("Arsenal", own_goal))
    ]


def test_an_entry_of_a_line_up_is_kept_with_every_value(layer: Layer, world: World, reader: Reader) -> None:
    told = appearance(
        7, is_home=False, position="AMR", minutes=61, goals=2, own_goals=1, shots=4, assists=3, key_passes=5,
        yellow_cards=1, red_cards=1, xg=0.5, xa=0.25, xg_chain=1.5, xg_buildup=0.75,
    )  # fmt: skip
    assert reload_lineups(layer, {match_of(world): [told]}) == Changes(inserted=1)
    names = [item.name for item in fields(Appearance) if item.name != "is_home"]
    held = reader.rows(f"SELECT match_id, team_id, {', '.join(names)} FROM player_matches")
    assert held == [(world.opener, world.teams["Chelsea"], *(getattr(told, name) for name in names))]


def test_the_same_files_again_touch_no_row(layer: Layer, world: World, reader: Reader) -> None:
    first, second = match_of(world), match_of(world, *RETURN_MATCH)
    shots = {first: [taken(1), taken(2, is_home=False)], second: [taken(3)]}
    lineups = {first: [appearance(1), appearance(2, is_home=False)], second: [appearance(1)]}
    assert reload_shots(layer, shots) == reload_lineups(layer, lineups) == Changes(inserted=3)
    before = reader.traces("shots"), reader.traces("player_matches")
    assert reload_shots(layer, shots) == reload_lineups(layer, lineups) == Changes()
    assert reload_shots(layer, {}) == reload_lineups(layer, {}) == Changes()
    assert (reader.traces("shots"), reader.traces("player_matches")) == before


def test_a_corrected_file_changes_what_it_corrects_and_no_other_match(
    layer: Layer, world: World, reader: Reader
) -> None:
    first, second = match_of(world), match_of(world, *RETURN_MATCH)
    reload_shots(layer, {first: [taken(1), taken(2), taken(3)], second: [taken(4), taken(5)]})
    before = reader.traces("shots")
    corrected = [taken(1), taken(3, xg=0.5), taken(6)]
    assert reload_shots(layer, {first: corrected}) == Changes(inserted=1, updated=1, deleted=1)
    after = reader.traces("shots")
    assert after.keys() == {1, 3, 4, 5, 6}
    assert changed(before, after) == {2, 3}
    assert reload_shots(layer, {first: []}) == Changes(deleted=3)
    assert reader.traces("shots") == {row_id: before[row_id] for row_id in (4, 5)}


def test_a_corrected_line_up_keeps_the_ids_of_those_who_stay(layer: Layer, world: World, reader: Reader) -> None:
    first, second = match_of(world), match_of(world, *RETURN_MATCH)
    reload_lineups(layer, {first: [appearance(1), appearance(2), appearance(3)], second: [appearance(1)]})
    ids = dict(reader.rows("SELECT player_id, id FROM player_matches WHERE match_id = :id", id=world.opener))
    before = reader.traces("player_matches")
    corrected = [appearance(1), appearance(3, minutes=45), appearance(9)]
    assert reload_lineups(layer, {first: corrected}) == Changes(inserted=1, updated=1, deleted=1)
    assert changed(before, reader.traces("player_matches")) == {ids[2], ids[3]}
    left = dict(reader.rows("SELECT player_id, id FROM player_matches WHERE match_id = :id", id=world.opener))
    assert {player: left[player] for player in (1, 3)} == {player: ids[player] for player in (1, 3)}


def test_shots_move_with_their_listing_to_another_match(layer: Layer, world: World, reader: Reader) -> None:
    reload_shots(layer, {match_of(world): [taken(1), taken(2)]})
    assert reload_shots(layer, {match_of(world, *RETURN_MATCH): [taken(1), taken(2)]}) == Changes(updated=2)
    held = reader.rows("SELECT DISTINCT match_id, team_id FROM shots")
    assert held == [(world.matches[RETURN_MATCH], world.teams["Chelsea"])]


def test_the_number_of_statements_does_not_grow_with_the_number_of_shots(layer: Layer, world: World) -> None:
    def sent_by(shots: Sequence[Shot], players: Sequence[Appearance]) -> tuple[int, int]:
        with statements(layer.engine) as of_shots:
            reload_shots(layer, {match_of(world): shots})
        with statements(layer.engine) as of_lineups:
            reload_lineups(layer, {match_of(world): players})
        return len(of_shots), len(of_lineups)

    one = sent_by([taken(1)], [appearance(1)])
    assert sent_by([taken(row_id) for row_id in range(100)], [appearance(player) for player in range(100)]) == one
    assert max(one) <= 5


def test_shots_and_line_ups_of_matches_that_are_joined_no_longer_are_deleted(
    layer: Layer, world: World, sessions: sessionmaker[Session], reader: Reader
) -> None:
    first, second, elsewhere = match_of(world), match_of(world, *RETURN_MATCH), match_of(world, "Leeds", "Hull")
    reload_shots(layer, {first: [taken(1), taken(2)], second: [taken(3)], elsewhere: [taken(4)]})
    reload_lineups(layer, {first: [appearance(1)], second: [appearance(1)], elsewhere: [appearance(2)]})
    list_matches(sessions, joined(world, 10), unjoined(11, UnmatchedReason.NO_SUCH_MATCH, *RETURN_MATCH))
    before = reader.traces("shots"), reader.traces("player_matches")
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.understat_matches.delete_details_of_unjoined(E0, SEASON) == Changes(deleted=2)
        assert unit.understat_matches.delete_details_of_unjoined(E0, SEASON) == Changes()
        assert len(sent) == 8
        unit.commit()
    assert [row[0] for row in reader.rows("SELECT id FROM shots ORDER BY id")] == [1, 2, 4]
    assert reader.rows("SELECT DISTINCT match_id FROM player_matches ORDER BY 1") == [
        (match_id,) for match_id in sorted([first.match_id, elsewhere.match_id])
    ]
    after = reader.traces("shots"), reader.traces("player_matches")
    assert all(left.items() <= held.items() for left, held in zip(after, before, strict=True))


# Sums by player and club


def random_season(world: World, seed: int) -> tuple[dict[JoinedMatch, list[Shot]], dict[JoinedMatch, list[Appearance]]]:
    """Two matches with shots and line-ups of a few players, some of whom play for either side."""
    chance = Random(seed)
    results, situations = list(ShotResult), list(ShotSituation)
    matches = [match_of(world), match_of(world, *RETURN_MATCH)]
    shots = {
        match: [
            taken(
                at * 100 + number,
                is_home=chance.random() < 0.5,
                player_id=chance.randint(1, 4),
                result=chance.choice(results),
                situation=chance.choice(situations),
                xg=chance.random(),
            )
            for number in range(30)
        ]
        for at, match in enumerate(matches)
    }
    counts = ("goals", "own_goals", "shots", "assists", "key_passes", "yellow_cards", "red_cards")
    expected = ("xg", "xa", "xg_chain", "xg_buildup")
    lineups = {
        match: [
            appearance(
                player,
                is_home=chance.random() < 0.5,
                minutes=chance.randint(1, 95),
                **{name: chance.randint(0, 3) for name in counts},
                **{name: chance.random() for name in expected},
            )
            for player in range(1, 9)
        ]
        for match in matches
    }
    return shots, lineups


def exact(values: Iterable[float]) -> float:
    return float(sum((Fraction(value) for value in values), Fraction()))


def test_sums_of_shots_are_those_of_plain_arithmetic_and_own_goals_are_none(layer: Layer, world: World) -> None:
    shots, _ = random_season(world, 1)
    elsewhere = {match_of(world, "Leeds", "Hull"): [taken(1000, player_id=1, result=ShotResult.GOAL)]}
    reload_shots(layer, {**shots, **elsewhere})
    by_key = defaultdict(list)
    for match, of_match in shots.items():
        for shot in of_match:
            by_key[shot.player_id, match.team_of(is_home=shot.is_home)].append(shot)
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.shots.totals(E0, SEASON)
        assert len(sent) == 2
        assert unit.shots.totals(E0, LATER) == {}
        assert unit.shots.totals(E1, SEASON) == {(1, world.teams["Leeds"]): ShotTotals(1, 1, 1, 0.125, 0.125)}
    assert found.keys() == by_key.keys()
    for key, of_key in by_key.items():
        real = [shot for shot in of_key if shot.result != "OwnGoal"]
        open_play = [shot for shot in real if shot.situation != "Penalty"]
        totals = found[key]
        assert (totals.shots, totals.goals, totals.non_penalty_goals) == (
            len(real),
            sum(shot.result == "Goal" for shot in real),
            sum(shot.result == "Goal" for shot in open_play),
        )
        assert totals.xg == pytest.approx(exact(shot.xg for shot in real), abs=1e-12)
        assert totals.non_penalty_xg == pytest.approx(exact(shot.xg for shot in open_play), abs=1e-12)
        assert all(type(value) is int for value in astuple(totals)[:3])
        assert all(type(value) is float for value in astuple(totals)[3:])


def test_a_player_whose_only_shot_is_an_own_goal_has_no_shots(layer: Layer, world: World) -> None:
    own_goal = taken(1, player_id=5, result=ShotResult.OWN_GOAL, xg=0.25)
    penalty = taken(2, player_id=6, result=ShotResult.GOAL, situation=ShotSituation.PENALTY, xg=0.75)
    reload_shots(layer, {match_of(world): [own_goal, penalty]})
    arsenal = world.teams["Arsenal"]
    with layer.unit(read_only=True) as unit:
        assert unit.shots.totals(E0, SEASON) == {
            (5, arsenal): ShotTotals(),
            (6, arsenal): ShotTotals(shots=1, goals=1, xg=0.75),
        }


def test_sums_of_line_ups_are_those_of_plain_arithmetic(layer: Layer, world: World) -> None:
    _, lineups = random_season(world, 2)
    reload_lineups(layer, {**lineups, match_of(world, "Leeds", "Hull"): [appearance(1)]})
    by_key = defaultdict(list)
    for match, played_in in lineups.items():
        for entry in played_in:
            by_key[entry.player_id, match.team_of(is_home=entry.is_home)].append(entry)
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.player_matches.totals(E0, SEASON)
        assert len(sent) == 2
        assert unit.player_matches.totals(E1, SEASON) == {(1, world.teams["Leeds"]): LineupTotals(1, 90)}
    assert found.keys() == by_key.keys()
    for key, entries in by_key.items():
        names = [item.name for item in fields(LineupTotals)[1:]]
        expected = [len(entries), *(exact(getattr(entry, name) for entry in entries) for name in names)]
        assert list(astuple(found[key])) == pytest.approx(expected, abs=1e-12)
        assert [type(value) for value in astuple(found[key])] == [int] * 6 + [float] * 3


def test_sums_do_not_depend_on_the_order_of_the_rows(layer: Layer, world: World, reader: Reader) -> None:
    pairs = [("Arsenal", "Chelsea"), RETURN_MATCH, ("Arsenal", "Everton")]
    sides = [(match_of(world, *pair), pair[0] == "Arsenal") for pair in pairs]
    seen = set()
    for xgs in permutations([0.1, 0.2, 0.3]):  # sums of floats: 0.6 and 0.6000000000000001
        reader.do("DELETE FROM shots; DELETE FROM player_matches")
        for row_id, ((match, is_home), xg) in enumerate(zip(sides, xgs, strict=True)):
            reload_shots(layer, {match: [taken(row_id, is_home=is_home, xg=xg)]})
            reload_lineups(layer, {match: [appearance(227, is_home=is_home, xa=xg)]})
        with layer.unit(read_only=True) as unit:
            key = 227, world.teams["Arsenal"]
            of_shots, of_lineups = unit.shots.totals(E0, SEASON), unit.player_matches.totals(E0, SEASON)
            seen.add((of_shots[key].xg, of_lineups[key].xa))
    assert seen == {(0.6, 0.6)}


# Players' seasons


KEYS = "SELECT player_id, team_id, id FROM player_seasons WHERE season = '2019-20'"


def club_season(player_id: int, team_id: int, **changes: Any) -> ClubSeason:
    values: dict[str, Any] = {"appearances": 30, "minutes": 2500, "goals": 4, "non_penalty_goals": 3, "xg": 3.5}
    return ClubSeason(player_id, f"Player {player_id}", team_id, "F S", **{"is_shared": False, **values, **changes})


def reload_players(layer: Layer, *players: ClubSeason, partition: Partition = HERE) -> Changes:
    with layer.unit() as unit:
        changes = unit.player_seasons.replace_partition(partition.league, partition.season, iter(players))
        unit.commit()
    return changes


def test_a_players_season_is_kept_with_every_value_and_what_is_not_told_is_null(
    layer: Layer, world: World, reader: Reader
) -> None:
    arsenal = world.teams["Arsenal"]
    numbers = (31, 2600, 12, 10, 5, 70, 40, 3, 1, 11.5, 9.75, 4.25, 18.5, 7.75)
    full = ClubSeason(227, "Ünal", arsenal, "F M S", False, *numbers)
    open_one = ClubSeason(318, "Mover", arsenal, "D", is_shared=True)
    assert reload_players(layer, full, open_one) == Changes(inserted=2)
    names = ", ".join(item.name for item in fields(ClubSeason))
    assert reader.rows(f"SELECT {names} FROM player_seasons ORDER BY player_id") == [astuple(full), astuple(open_one)]
    assert reader.rows("SELECT DISTINCT season, league_id FROM player_seasons") == [("2019-20", world.leagues["E0"])]


def test_players_seasons_of_a_reload_change_where_they_differ(layer: Layer, world: World, reader: Reader) -> None:
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    rows = [club_season(1, arsenal), club_season(2, arsenal), club_season(2, chelsea), club_season(3, chelsea)]
    assert reload_players(layer, *rows) == Changes(inserted=4)
    elsewhere = Partition(E1, SEASON), Partition(E0, LATER)
    for partition, team in zip(elsewhere, (world.teams["Leeds"], arsenal), strict=True):
        reload_players(layer, club_season(1, team), partition=partition)
    ids = {(player, team): row_id for player, team, row_id in reader.rows(KEYS)}
    before = reader.traces("player_seasons")
    assert reload_players(layer, *reversed(rows)) == Changes()
    assert reader.traces("player_seasons") == before
    news = [rows[0], club_season(2, arsenal, goals=None, non_penalty_goals=None), rows[2], club_season(4, chelsea)]
    assert reload_players(layer, *news) == Changes(inserted=1, updated=1, deleted=1)
    assert changed(before, reader.traces("player_seasons")) == {ids[2, arsenal], ids[3, chelsea]}
    assert reader.rows("SELECT goals FROM player_seasons WHERE id = :id", id=ids[2, arsenal]) == [(None,)]
    assert reload_players(layer) == Changes(deleted=4)
    assert len(reader.traces("player_seasons")) == len(elsewhere)


def test_the_same_player_and_club_twice_are_refused(layer: Layer, world: World, reader: Reader) -> None:
    with pytest.raises(DBAPIError, match="cannot affect row a second time"):
        reload_players(layer, *[club_season(1, world.teams["Arsenal"])] * 2)
    assert reader.traces("player_seasons") == {}


# What hangs on a match that is deleted


def test_a_match_that_is_deleted_takes_its_shots_and_line_ups_and_leaves_its_listing_open(
    layer: Layer, world: World, sessions: sessionmaker[Session], reader: Reader
) -> None:
    gone, stays = match_of(world), match_of(world, *RETURN_MATCH)
    list_matches(sessions, joined(world, 10), joined(world, 11, *RETURN_MATCH))
    reload_shots(layer, {gone: [taken(1)], stays: [taken(2)]})
    reload_lineups(layer, {gone: [appearance(1)], stays: [appearance(1)]})
    before = {table: reader.traces(table) for table in ("matches", "understat_matches", "shots", "player_matches")}
    left = played(*RETURN_MATCH, (0, 0), day=date(2020, 1, 18))
    with layer.unit() as unit:
        assert unit.matches.replace_partition(SOURCE, E0, SEASON, [left]) == Changes(deleted=1)
        unit.commit()
    assert reader.rows(LISTED) == [(10, None, "no_such_match"), (11, stays.match_id, None)]
    assert changed(before["matches"], reader.traces("matches")) == {gone.match_id}
    assert changed(before["understat_matches"], reader.traces("understat_matches")) == {10}
    for table in ("shots", "player_matches"):
        assert reader.rows(f"SELECT match_id FROM {table}") == [(stays.match_id,)]
        assert len(changed(before[table], reader.traces(table))) == 1


def test_a_match_that_comes_back_asks_for_its_shots_again(
    layer: Layer, world: World, sessions: sessionmaker[Session]
) -> None:
    list_matches(sessions, joined(world, 10), joined(world, 11, *RETURN_MATCH))
    left = played(*RETURN_MATCH, (0, 0), day=date(2020, 1, 18))
    write_matches(sessions, left)
    write_matches(sessions, left, played("Arsenal", "Chelsea"))
    assert relist(layer, joined(world, 10), joined(world, 11, *RETURN_MATCH)) == (Changes(updated=1), [10])
