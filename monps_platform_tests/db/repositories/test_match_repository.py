"""Matches of a league's season: replaced as a whole, with the same ids for ever, and no row touched in vain."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.errors import BulkWriteError, ConnectionLostError
from monps_platform.db.repositories.matches import MatchHasPicksError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.matches import Match, match_id
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.samples import (
    E0,
    E1,
    LATER,
    SEASON,
    SOURCE,
    Quote,
    Reader,
    block,
    played,
    statements,
    to_come,
    write_matches,
    write_odds,
)

FULL = Match(
    "Arsenal",
    "Chelsea",
    date(2019, 12, 29),
    kickoff_at=datetime(2019, 12, 29, 14, 0, tzinfo=UTC),
    home_goals=1,
    away_goals=2,
    half_time_home_goals=1,
    half_time_away_goals=0,
    home_shots=7,
    away_shots=13,
    home_shots_on_target=2,
    away_shots_on_target=4,
    home_corners=2,
    away_corners=4,
    home_fouls=13,
    away_fouls=10,
    home_yellow_cards=5,
    away_yellow_cards=4,
    home_red_cards=0,
    away_red_cards=1,
    referee="C Pawson",
)
MATCHES = (played("Arsenal", "Chelsea"), played("Chelsea", "Arsenal", (0, 0)), to_come("Leeds", "Chelsea"))
SCORES = """SELECT h.name || ' - ' || a.name, m.home_goals, m.away_goals FROM matches m
    JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id ORDER BY 1"""
IDS = """SELECT h.name || ' - ' || a.name, m.id FROM matches m
    JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id"""


def test_every_value_of_a_match_is_kept(sessions: sessionmaker[Session], reader: Reader) -> None:
    assert write_matches(sessions, FULL) == Changes(inserted=1)
    names = [item.name for item in fields(Match) if item.name not in ("home_team", "away_team")]
    assert reader.rows(f"SELECT {', '.join(names)} FROM matches") == [tuple(getattr(FULL, name) for name in names)]
    assert reader.rows(
        "SELECT l.code, m.season, h.name, a.name FROM matches m JOIN leagues l ON l.id = m.league_id "
        "JOIN teams h ON h.id = m.home_team_id JOIN teams a ON a.id = m.away_team_id"
    ) == [("E0", "2019-20", "Arsenal", "Chelsea")]


def test_what_a_source_does_not_say_is_null(sessions: sessionmaker[Session], reader: Reader) -> None:
    write_matches(sessions, Match("Arsenal", "Chelsea", date(2019, 8, 10)))
    nullable = [item.name for item in fields(Match) if item.default is None]
    assert reader.value(f"SELECT num_nonnulls({', '.join(nullable)}) FROM matches") == 0


def test_a_reload_without_news_touches_no_row(sessions: sessionmaker[Session], reader: Reader) -> None:
    assert write_matches(sessions, FULL, *MATCHES[1:]) == Changes(inserted=3)
    tables = ("matches", "teams", "team_aliases", "leagues")
    before = [reader.traces(table) for table in tables]
    assert write_matches(sessions, *reversed(MATCHES[1:]), FULL) == Changes()
    assert [reader.traces(table) for table in tables] == before


@pytest.mark.parametrize(
    "news",
    [
        {"home_goals": 1},
        {"referee": None},
        {"kickoff_at": None},
        {"away_red_cards": 0},
        {"match_date": date(2019, 12, 30), "kickoff_at": datetime(2019, 12, 30, 20, 0, tzinfo=UTC)},
    ],
)
def test_news_of_one_match_change_its_row_alone(
    sessions: sessionmaker[Session], reader: Reader, news: dict[str, object]
) -> None:
    before_news = replace(FULL, home_goals=2, away_goals=2)
    write_matches(sessions, before_news, *MATCHES[1:])
    before = reader.traces("matches")
    changed = replace(before_news, **news)  # type: ignore[arg-type]  # values of several types
    assert write_matches(sessions, changed, *MATCHES[1:]) == Changes(updated=1)
    after = reader.traces("matches")
    (touched,) = [key for key in before if after[key] != before[key]]
    assert before.keys() == after.keys()
    assert after[touched][-1] > before[touched][-1]
    names = ", ".join(news)
    assert reader.rows(f"SELECT {names} FROM matches WHERE id = :id", id=touched) == [tuple(news.values())]
    assert reader.value("SELECT created_at < updated_at FROM matches WHERE id = :id", id=touched)


def test_ids_follow_from_the_natural_key_and_outlive_deletion(sessions: sessionmaker[Session], reader: Reader) -> None:
    write_matches(sessions, *MATCHES)
    first = dict(reader.rows(IDS))
    keys = reader.rows("SELECT id, league_id, home_team_id, away_team_id, meeting FROM matches")
    assert all(match_id(2019, *key) == identity for identity, *key in keys)
    assert write_matches(sessions, *MATCHES[1:]) == Changes(deleted=1)
    assert dict(reader.rows(IDS)).keys() == first.keys() - {"Arsenal - Chelsea"}
    assert write_matches(sessions, *MATCHES) == Changes(inserted=1)
    assert dict(reader.rows(IDS)) == first


def test_a_match_keeps_its_id_when_it_is_played_and_when_it_is_moved(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write_matches(sessions, to_come("Leeds", "Chelsea"))
    first = reader.rows(IDS)
    assert write_matches(sessions, to_come("Leeds", "Chelsea", date(2020, 5, 20))) == Changes(updated=1)
    assert write_matches(sessions, played("Leeds", "Chelsea", (3, 3), date(2020, 5, 21))) == Changes(updated=1)
    assert reader.rows(IDS) == first
    assert reader.rows(SCORES) == [("Leeds - Chelsea", 3, 3)]


def test_meetings_of_the_same_sides_at_the_same_ground_are_matches_of_their_own(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    twice = (played("Celtic", "Hearts"), replace(played("Celtic", "Hearts", (5, 0), date(2020, 2, 12)), meeting=2))
    assert write_matches(sessions, *twice) == Changes(inserted=2)
    assert write_matches(sessions, *reversed(twice)) == Changes()
    assert reader.rows("SELECT meeting, home_goals FROM matches ORDER BY meeting") == [(1, 2), (2, 5)]


def test_a_played_match_that_the_source_lists_no_longer_goes_with_its_odds(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write_matches(sessions, *MATCHES)
    quotes = block(Market.ONE_X_TWO, *(Quote(at, ("1.80", "3.60", "4.50")) for at in range(3)))
    write_odds(sessions, MATCHES, ["B365"], quotes)
    kept = reader.traces("matches")
    assert write_matches(sessions, *MATCHES[1:]) == Changes(deleted=1)
    left = reader.traces("matches")
    assert len(left) == 2
    assert left.items() <= kept.items()
    assert {row[0] for row in reader.rows("SELECT match_id FROM odds")} == left.keys()


def test_a_match_to_come_that_the_source_lists_no_longer_stays(sessions: sessionmaker[Session], reader: Reader) -> None:
    write_matches(sessions, *MATCHES)
    before = reader.traces("matches")
    assert write_matches(sessions, *MATCHES[:2]) == Changes()
    assert reader.traces("matches") == before


def test_an_empty_list_leaves_what_is_still_to_come(sessions: sessionmaker[Session], reader: Reader) -> None:
    write_matches(sessions, *MATCHES)
    assert write_matches(sessions) == Changes(deleted=2)
    assert reader.rows(SCORES) == [("Leeds - Chelsea", None, None)]


def test_other_partitions_are_not_touched(sessions: sessionmaker[Session], reader: Reader) -> None:
    others = (Partition(E0, LATER), Partition(E1, SEASON))
    for partition in others:
        assert write_matches(sessions, *MATCHES, partition=partition) == Changes(inserted=3)
    before = reader.traces("matches")
    assert write_matches(sessions, *MATCHES) == Changes(inserted=3)
    assert write_matches(sessions) == Changes(deleted=2)
    after = reader.traces("matches")
    assert before.items() <= after.items()
    assert len(after) == 3 * len(others) + 1


def test_several_partitions_fit_into_one_transaction(sessions: sessionmaker[Session], reader: Reader) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        for season in (SEASON, LATER):
            unit.matches.replace_partition(SOURCE, E0, season, MATCHES)
        assert unit.matches.count(season=SEASON.name) == unit.matches.count(season=LATER.name) == 3
        assert unit.matches.count() == 6
        unit.commit()
    assert reader.value("SELECT count(*) FROM matches") == 6


def test_others_see_all_old_matches_until_all_new_ones_are_committed(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write_matches(sessions, *MATCHES)
    old = reader.rows(SCORES)
    new = (played("Arsenal", "Chelsea", (9, 9)), played("Leeds", "Chelsea", (9, 9)), played("Leeds", "Arsenal", (9, 9)))
    with UnitOfWork(sessions) as unit:
        changes = unit.matches.replace_partition(SOURCE, E0, SEASON, new)
        assert changes == Changes(inserted=1, updated=2, deleted=1)
        assert reader.rows(SCORES) == old
        unit.commit()
        assert reader.rows(SCORES) == [
            (f"{match.home_team} - {match.away_team}", 9, 9) for match in sorted(new, key=str)
        ]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ((played("Leeds", "Hull"), played("Leeds", "Hull", (0, 0))), ProgrammingError),
        ((played("Leeds", "Leeds"),), IntegrityError),
        ((replace(played("Leeds", "Hull"), half_time_home_goals=3, half_time_away_goals=0),), IntegrityError),
        ((replace(played("Leeds", "Hull"), home_shots=40_000),), BulkWriteError),
    ],
    ids=["the same match twice", "a side against itself", "more goals at half-time", "a count out of range"],
)
def test_a_load_that_fails_leaves_all_old_rows(
    sessions: sessionmaker[Session], reader: Reader, bad: tuple[Match, ...], error: type[Exception]
) -> None:
    write_matches(sessions, *MATCHES)
    before = {table: reader.traces(table) for table in ("matches", "teams", "team_aliases")}
    with pytest.raises(error):
        write_matches(sessions, played("Arsenal", "Chelsea", (8, 8)), *bad)
    assert {table: reader.traces(table) for table in before} == before
    assert write_matches(sessions, *MATCHES) == Changes()


def test_a_connection_that_dies_in_the_middle_leaves_all_old_rows(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write_matches(sessions, *MATCHES)
    before = reader.traces("matches")
    with UnitOfWork(sessions) as unit:
        unit.matches.replace_partition(SOURCE, E0, SEASON, [played("Leeds", "Hull", (7, 7))])
        reader.do("SELECT pg_terminate_backend(:pid)", pid=unit.session.scalar(text("SELECT pg_backend_pid()")))
        with pytest.raises(ConnectionLostError, match="Nothing of this transaction was kept"):
            unit.matches.count()
    assert reader.traces("matches") == before
    assert write_matches(sessions, *MATCHES) == Changes()


def wait_for_a_lock(reader: Reader) -> None:
    """Until some connection waits for an advisory lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    deadline = threading.Event()
    for _ in range(1000):
        if reader.value(waiting):
            return
        deadline.wait(0.01)
    raise AssertionError("nobody waits for the lock")


def test_two_writers_of_one_partition_take_turns(sessions: sessionmaker[Session], reader: Reader) -> None:
    write_matches(sessions, *MATCHES)
    results: list[Changes] = []
    second = threading.Thread(target=lambda: results.append(write_matches(sessions, MATCHES[1], MATCHES[2])))
    with UnitOfWork(sessions) as unit:
        unit.matches.replace_partition(SOURCE, E0, SEASON, [*MATCHES, played("Hull", "Leeds")])
        second.start()
        wait_for_a_lock(reader)
        unit.commit()
    second.join()
    assert results == [Changes(deleted=2)]
    assert len(reader.rows(SCORES)) == 2


def test_ids_are_computed_in_order_with_three_statements_whatever_their_number(
    sessions: sessionmaker[Session], engine: Engine, reader: Reader
) -> None:
    write_matches(sessions, *MATCHES)
    known = dict(reader.rows(IDS))
    wanted = [MATCHES[2], MATCHES[0], MATCHES[1], MATCHES[0]]
    with UnitOfWork(sessions) as unit, statements(engine) as sent:
        found = unit.matches.ids(SOURCE, E0, SEASON, wanted)
        assert len(sent) == 3
        assert unit.matches.ids(SOURCE, E0, SEASON, wanted[:1]) == found[:1]
        assert len(sent) == 6
    assert found == [known[f"{match.home_team} - {match.away_team}"] for match in wanted]


def test_the_number_of_statements_does_not_grow_with_the_number_of_matches(
    sessions: sessionmaker[Session], engine: Engine
) -> None:
    sides = [f"Side {number}" for number in range(12)]
    many = [played(home, away) for home in sides for away in sides if home != away]
    write_matches(sessions, *many, MATCHES[0])
    write_matches(sessions, MATCHES[0], partition=Partition(E0, LATER))

    def sent_by(work: Callable[[], Changes]) -> int:
        with statements(engine) as sent:
            assert work() == Changes()
        return len(sent)

    one = sent_by(lambda: write_matches(sessions, MATCHES[0], partition=Partition(E0, LATER)))
    assert sent_by(lambda: write_matches(sessions, *many, MATCHES[0])) == one
    assert one <= 9


def test_errors_of_the_server_show_no_values(sessions: sessionmaker[Session]) -> None:
    write_matches(sessions, *MATCHES)
    with UnitOfWork(sessions) as unit, pytest.raises(DBAPIError) as caught:
        unit.session.execute(text("SELECT CAST(:secret AS int)"), {"secret": 10**12})
    assert "hide_parameters" in str(caught.value)
    assert str(10**12) not in str(caught.value).split("[SQL", 1)[1]


PICK = """INSERT INTO tracking_clv_picks
    (agent, match_id, market, side, bookmaker_id, price_taken, taken_at, stake, data_version)
    SELECT 'me', id, '1x2', 'home', (SELECT min(id) FROM bookmakers), 2.1, '2019-08-09 12:00+00', 1, 'v1' FROM matches
    WHERE id = :match"""
SHOT = """INSERT INTO shots (id, match_id, team_id, minute, player_id, player, situation, body_part, result, x, y, xg)
    SELECT 1, id, home_team_id, 5, 7, 'Player', 'OpenPlay', 'Head', 'Goal', 0.9, 0.5, 0.4 FROM matches
    WHERE id = :match"""


def test_the_shots_of_a_match_that_the_source_takes_back_go_with_it(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write_matches(sessions, *MATCHES)
    gone = dict(reader.rows(IDS))[f"{MATCHES[0].home_team} - {MATCHES[0].away_team}"]
    reader.do(SHOT, match=gone)
    assert write_matches(sessions, *MATCHES[1:]) == Changes(deleted=1)
    assert reader.value("SELECT count(*) FROM shots") == 0


def test_a_match_that_picks_were_taken_on_is_not_deleted_from_under_them(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    write_matches(sessions, *MATCHES)
    with UnitOfWork(sessions) as unit:
        unit.bookmakers.ensure(["B365"])
        unit.commit()
    gone = dict(reader.rows(IDS))[f"{MATCHES[0].home_team} - {MATCHES[0].away_team}"]
    reader.do(PICK, match=gone)
    before = reader.traces("matches")
    with pytest.raises(MatchHasPicksError, match=rf"no longer that picks were taken on: {gone} \(1 pick\)"):
        write_matches(sessions, *MATCHES[1:])
    assert reader.traces("matches") == before


def test_our_matches_come_as_joining_needs_them(layer: Layer, sessions: sessionmaker[Session]) -> None:
    day = date(2019, 8, 10)
    write_matches(sessions, FULL, to_come("Leeds", "Chelsea"), played("Chelsea", "Leeds", (0, 3), day))
    write_matches(sessions, MATCHES[0], partition=Partition(E0, LATER))
    write_matches(sessions, MATCHES[0], partition=Partition(E1, SEASON))
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.matches.own_matches(E0, SEASON)
        assert len(sent) == 2
        assert unit.matches.own_matches(E1, LATER) == []
        teams = {name: unit.teams.get_by_name(name).id for name in ("Arsenal", "Chelsea", "Leeds")}
    assert [item.id for item in found] == sorted(item.id for item in found)
    assert {(item.home_team_id, item.away_team_id, item.day, item.score) for item in found} == {
        (teams["Arsenal"], teams["Chelsea"], FULL.match_date, (1, 2)),
        (teams["Leeds"], teams["Chelsea"], date(2020, 5, 10), (None, None)),
        (teams["Chelsea"], teams["Leeds"], day, (0, 3)),
    }


def test_partitions_with_matches_come_oldest_season_first(layer: Layer, sessions: sessionmaker[Session]) -> None:
    with layer.unit(read_only=True) as unit:
        assert unit.matches.partitions() == []
    here = [Partition(E0, LATER), Partition(E1, SEASON), Partition(E0, Season(1999)), Partition(E0, SEASON)]
    for partition in here:
        write_matches(sessions, *MATCHES, partition=partition)
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert unit.matches.partitions() == [here[2], here[3], here[1], here[0]]
        assert len(sent) == 1
