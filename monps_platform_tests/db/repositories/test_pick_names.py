"""What the names in a file of picks may mean, on both drivers: clubs, bookmakers and matches; and the file itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.aliases import BY_HAND
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.bookmakers import KNOWN, Bookmaker
from monps_platform.domain.leagues import League
from monps_platform.domain.partitions import Partition
from monps_platform.domain.pick_resolution import Scheduled
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import World, build_world
from monps_platform_tests.db.samples import (
    E0,
    E1,
    FETCHED,
    LATER,
    SEASON,
    SP1,
    Reader,
    played,
    raw_file,
    statements,
    to_come,
    write_matches,
)
from monps_platform_tests.waiting import wait_until

PICKS = "picks"
ALIASES = """SELECT l.code, a.spelling, a.team_id, a.method, a.evidence FROM team_aliases a
    JOIN leagues l ON l.id = a.league_id WHERE a.source = 'picks' ORDER BY l.code, a.spelling"""


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The clubs, matches and bookmakers that are named."""
    return build_world(sessions)


def queue(layer: Layer, *spellings: str, of: League = E0) -> Changes:
    with layer.unit() as unit:
        changes = unit.aliases.queue(PICKS, of, spellings)
        unit.commit()
    return changes


def settle(layer: Layer, spelling: str, team_id: int, of: League = E0) -> Changes:
    with layer.unit() as unit:
        changes = unit.aliases.settle(PICKS, of, spelling, team_id)
        unit.commit()
    return changes


# Clubs


def test_spellings_that_nobody_knows_are_queued_and_those_that_are_held_stay(
    layer: Layer, world: World, reader: Reader
) -> None:
    assert queue(layer, "The Gunners", "Che") == Changes(inserted=2)
    assert settle(layer, "Che", world.teams["Chelsea"]) == Changes(updated=1)
    before = reader.traces("team_aliases")
    assert queue(layer, "Che", "The Gunners") == queue(layer) == Changes()
    assert reader.traces("team_aliases") == before
    assert queue(layer, "Che", "Toffees") == Changes(inserted=1)
    assert reader.rows(ALIASES) == [
        ("E0", "Che", world.teams["Chelsea"], BY_HAND, None),
        ("E0", "The Gunners", None, None, None),
        ("E0", "Toffees", None, None, None),
    ]


def test_a_spelling_is_queued_for_each_league_by_itself(layer: Layer, world: World, reader: Reader) -> None:
    queue(layer, "The Whites")
    queue(layer, "The Whites", of=E1)
    assert settle(layer, "The Whites", world.teams["Leeds"], of=E1) == Changes(updated=1)
    assert [row[:3] for row in reader.rows(ALIASES)] == [
        ("E0", "The Whites", None),
        ("E1", "The Whites", world.teams["Leeds"]),
    ]


def test_what_a_person_says_is_kept_also_of_a_spelling_that_was_never_queued(
    layer: Layer, world: World, reader: Reader
) -> None:
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    assert settle(layer, "The Gunners", arsenal) == Changes(inserted=1)
    assert settle(layer, "The Gunners", arsenal) == Changes()
    assert settle(layer, "The Gunners", chelsea) == Changes(updated=1)
    assert reader.rows(ALIASES) == [("E0", "The Gunners", chelsea, BY_HAND, None)]


def test_clubs_are_found_by_any_sources_spelling_and_by_their_names_in_any_case(layer: Layer, world: World) -> None:
    arsenal, chelsea, everton = (world.teams[name] for name in ("Arsenal", "Chelsea", "Everton"))
    settle(layer, "The  GUNNERS", arsenal)
    queue(layer, "Nobody")
    with layer.unit() as unit:
        unit.aliases.settle("understat", E0, "Everton FC", everton)
        unit.commit()
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.aliases.clubs(PICKS, E0)
        assert len(sent) == 2
    assert found == {
        "arsenal": {arsenal},
        "the gunners": {arsenal},
        "chelsea": {chelsea},
        "everton": {everton},
        "everton fc": {everton},
    }


def test_a_club_whose_name_is_another_one_is_found_by_both(layer: Layer, world: World, reader: Reader) -> None:
    arsenal = world.teams["Arsenal"]
    reader.do("UPDATE teams SET name = 'Arsenal London' WHERE id = :id", id=arsenal)
    with layer.unit() as unit:
        found = unit.aliases.clubs(PICKS, E0)
    assert found["arsenal"] == found["arsenal london"] == {arsenal}


def test_a_spelling_that_two_sources_give_to_two_clubs_means_both(layer: Layer, world: World) -> None:
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    with layer.unit() as unit:
        unit.aliases.settle("another", E0, "London", arsenal)
        unit.aliases.settle("understat", E0, "LONDON", chelsea)
        assert unit.aliases.clubs(PICKS, E0)["london"] == {arsenal, chelsea}


def test_what_a_person_says_of_picks_comes_before_what_other_sources_and_clubs_call_themselves(
    layer: Layer, world: World
) -> None:
    arsenal, chelsea, everton = (world.teams[name] for name in ("Arsenal", "Chelsea", "Everton"))
    settle(layer, "London", arsenal)
    settle(layer, "CHELSEA", everton)
    with layer.unit() as unit:
        unit.aliases.settle("understat", E0, "LONDON", chelsea)
        found = unit.aliases.clubs(PICKS, E0)
        assert found["london"] == {arsenal}
        assert found["chelsea"] == {everton}
        assert unit.aliases.clubs("understat", E0)["london"] == {chelsea}


def test_a_wrong_alias_is_corrected_however_its_letters_were_written(
    layer: Layer, world: World, reader: Reader
) -> None:
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    queue(layer, "THE GUNNERS", "Toffees")
    settle(layer, "The  gunners", chelsea)
    settle(layer, "The Gunners", chelsea, of=E1)
    assert settle(layer, "The Gunners", arsenal) == Changes(inserted=1, deleted=1)
    assert [row[:3] for row in reader.rows(ALIASES)] == [
        ("E0", "The Gunners", arsenal),
        ("E0", "Toffees", None),
        ("E1", "The Gunners", chelsea),
    ]
    with layer.unit() as unit:
        assert unit.aliases.clubs(PICKS, E0)["the gunners"] == {arsenal}


def test_clubs_of_other_leagues_are_not_found(layer: Layer, world: World) -> None:
    with layer.unit() as unit:
        assert set(unit.aliases.clubs(PICKS, E1)) == {"leeds", "hull"}
        assert unit.aliases.clubs(PICKS, SP1) == {}


def test_a_league_that_the_table_does_not_hold_is_refused(layer: Layer) -> None:
    with layer.unit() as unit:
        for ask in (
            lambda: unit.aliases.clubs(PICKS, E0),
            lambda: unit.aliases.queue(PICKS, E0, ["Che"]),
            lambda: unit.aliases.settle(PICKS, E0, "Che", 1),
            lambda: unit.matches.scheduled(E0, date(2019, 8, 1), date(2019, 9, 1)),
        ):
            with pytest.raises(UnknownLeagueCodeError, match="has no league 'E0': it is empty"):
                ask()


# Bookmakers


def test_bookmakers_are_found_by_key_and_name_with_their_id_once_they_were_met(layer: Layer, world: World) -> None:
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = unit.bookmakers.directory()
        assert len(sent) == 1
    bet365 = (world.bookmakers["B365"], KNOWN["B365"])
    assert found["b365"] == found["bet365"] == bet365
    assert found["williamhill"] == found["wh"] == (None, KNOWN["WH"])
    assert found["avg"] == found["marketaverage"] == (None, KNOWN["Avg"])
    assert {key for key, (row_id, _) in found.items() if row_id is not None} == {"b365", "bet365", "ps", "pinnacle"}


def test_a_bookmaker_of_ones_own_is_found_and_one_is_what_the_table_says(
    layer: Layer, world: World, reader: Reader
) -> None:
    with layer.unit() as unit:
        (row_id,) = unit.bookmakers.ensure(["Corner Shop"]).values()
        unit.commit()
    reader.do("UPDATE bookmakers SET is_exchange = true, name = 'Bet 365' WHERE key = 'B365'")
    with layer.unit() as unit:
        found = unit.bookmakers.directory()
    assert found["cornershop"] == (row_id, Bookmaker("Corner Shop", "Corner Shop"))
    assert found["bet365"] == (world.bookmakers["B365"], Bookmaker("B365", "Bet 365", is_exchange=True))


def test_the_directory_of_an_empty_database_has_what_the_platform_knows(layer: Layer) -> None:
    with layer.unit() as unit:
        found = unit.bookmakers.directory()
    assert {book.key for _, book in found.values()} == set(KNOWN)
    assert all(row_id is None for row_id, _ in found.values())


# Matches


def test_matches_are_found_by_both_clubs_half_a_year_around_the_days(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    kickoff = datetime(2020, 8, 9, 14, tzinfo=UTC)
    write_matches(
        sessions, played("Leeds", "Hull", day=date(2019, 8, 10)), played("Hull", "Leeds", day=date(2020, 1, 2))
    )
    later = (
        played("Leeds", "Hull", day=date(2020, 8, 9), kickoff_at=kickoff),
        to_come("Hull", "Leeds", date(2021, 3, 1)),
    )
    write_matches(sessions, *later, partition=Partition(E0, LATER))
    write_matches(sessions, played("Leeds", "Hull", day=date(2020, 1, 3)), partition=Partition(E1, SEASON))

    def days(first: date, last: date) -> dict[tuple[int, int], list[date]]:
        with layer.unit() as unit:
            found = unit.matches.scheduled(E0, first, last)
        assert all(league == E0 for league, _, _ in found)
        return {(home, away): sorted(match.day for match in matches) for (_, home, away), matches in found.items()}

    with layer.unit() as unit, statements(layer.engine) as sent:
        leeds, hull = (unit.teams.get_by_name(name).id for name in ("Leeds", "Hull"))
        before = len(sent)
        found = unit.matches.scheduled(E0, date(2020, 8, 1), date(2020, 8, 30))
        assert len(sent) - before == 2
        ids = unit.matches.ids("football-data", E0, LATER, later)
    assert found == {
        (E0, leeds, hull): [Scheduled(ids[0], date(2020, 8, 9), kickoff)],
        (E0, hull, leeds): [Scheduled(ids[1], date(2021, 3, 1), None)],
    }
    whole = {(leeds, hull): [date(2019, 8, 10), date(2020, 8, 9)], (hull, leeds): [date(2020, 1, 2)]}
    half_a_year = timedelta(days=183)
    assert days(date(2020, 2, 8), date(2020, 2, 8)) == whole
    assert days(date(2019, 8, 10) + half_a_year, date(2020, 8, 9) - half_a_year) == whole
    assert days(date(2019, 8, 11) + half_a_year, date(2020, 2, 29))[leeds, hull] == [date(2020, 8, 9)]
    assert days(date(2020, 1, 1), date(2020, 8, 8) - half_a_year)[leeds, hull] == [date(2019, 8, 10)]
    assert days(date(2016, 1, 1), date(2016, 1, 2)) == {}


# The file


def of_picks(digit: str = "0", key: str = "mine.csv") -> RawFile:
    """A version of a file of picks."""
    return RawFile(source=PICKS, key=key, url=f"file:{key}", sha256=digit * 64, bytes=10, fetched_at=FETCHED)


def enter(sessions: sessionmaker[Session], *files: RawFile) -> Sequence[RawFile]:
    """Write versions of files, in their order."""
    with UnitOfWork(sessions) as unit:
        for file in files:
            unit.raw_files.add(file)
        unit.commit()
    return files


def test_the_latest_version_of_a_file_is_the_one_entered_last(
    layer: Layer, sessions: sessionmaker[Session], world: World
) -> None:
    enter(sessions, of_picks("0"), of_picks("1"), of_picks("2", "yours.csv"))
    enter(sessions, raw_file(key="mine.csv", sha256="3" * 64), raw_file(key="theirs.csv"))

    def latest(source: str, key: str) -> str | None:
        with layer.unit(read_only=True) as unit:
            file = unit.raw_files.latest_of(source, key)
        return None if file is None else file.sha256[0]

    assert (latest(PICKS, "mine.csv"), latest(PICKS, "yours.csv")) == ("1", "2")
    assert latest(PICKS, "theirs.csv") is None
    assert latest("football-data", "theirs.csv") is None, "it belongs to a partition"


def test_two_that_enter_the_same_file_take_turns(sessions: sessionmaker[Session], world: World, reader: Reader) -> None:
    """The second finds what the first entered; one that enters another file does not wait."""
    found: list[str | None] = []

    def second() -> None:
        with UnitOfWork(sessions) as unit:
            file = unit.raw_files.latest_of(PICKS, "mine.csv")
            found.append(None if file is None else file.sha256)

    thread = threading.Thread(target=second)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    with UnitOfWork(sessions) as unit:
        assert unit.raw_files.latest_of(PICKS, "mine.csv") is None
        thread.start()
        wait_until(lambda: bool(reader.value(waiting)))
        with UnitOfWork(sessions) as other:
            assert other.raw_files.latest_of(PICKS, "yours.csv") is None
        unit.raw_files.add(of_picks("7"))
        unit.commit()
    thread.join()
    assert found == ["7" * 64]
