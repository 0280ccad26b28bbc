"""Fetched files: the newest version of each is in force, and what became of its lines is kept and reconciled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.models import RawFile
from monps_platform.db.repositories.raw_files import RowCounts, StaleFileError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.feeds import FOOTBALL_DATA, UNDERSTAT, Feed
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.samples import E0, E1, LATER, SEASON, SOURCE, Reader, raw_file, statements

HERE, THERE = Partition(E0, SEASON), Partition(E1, LATER)
SIMULATED = Partition(league("SIM1"), SEASON)
FIXTURES = "fixtures.csv"
LEAGUE_KEY, MATCH_KEY = "getLeagueData/EPL/2019", "getMatchData/11643"


def of_understat(partition: Partition, key: str = LEAGUE_KEY, **values: Any) -> RawFile:
    return raw_file(partition, **{"source": "understat", "key": key, **values})


def of_picks(**values: Any) -> RawFile:
    file = raw_file(HERE, **{"source": "picks", "key": "mine.csv", **values})
    file.league = file.season = None
    return file


def sha(digit: str) -> str:
    return digit * 64


def enter(sessions: sessionmaker[Session], *files: RawFile) -> list[int]:
    with UnitOfWork(sessions) as unit:
        for file in files:
            unit.raw_files.add(file)
        unit.commit()
    return [file.id for file in files]


def in_force(sessions: sessionmaker[Session], *partitions: Partition) -> dict[Partition, list[str]]:
    with UnitOfWork(sessions) as unit:
        found = unit.raw_files.in_force(partitions)
    return {partition: [f"{file.key} {file.sha256[0]}" for file in files] for partition, files in found.items()}


def test_the_newest_version_of_each_file_is_in_force_the_seasons_own_first(sessions: sessionmaker[Session]) -> None:
    enter(
        sessions,
        raw_file(HERE, sha256=sha("1")),
        raw_file(HERE, key=FIXTURES, sha256=sha("a")),
        raw_file(THERE, sha256=sha("7")),
        raw_file(HERE, key=FIXTURES, sha256=sha("b")),
        raw_file(HERE, sha256=sha("2")),
    )
    nothing = Partition(league("SP1"), SEASON)
    assert in_force(sessions, HERE, THERE, nothing) == {
        HERE: ["mmz4281/1920/E0.csv 2", f"{FIXTURES} b"],
        THERE: ["mmz4281/2021/E1.csv 7"],
        nothing: [],
    }
    with UnitOfWork(sessions) as unit:
        assert sorted(file.sha256[0] for file in unit.raw_files.all_in_force()) == ["2", "7", "b"]


def test_the_version_in_force_is_the_last_one_entered_whatever_its_clock_says(sessions: sessionmaker[Session]) -> None:
    newer = raw_file(HERE, sha256=sha("1"))
    older = raw_file(HERE, sha256=sha("2"), fetched_at=newer.fetched_at.replace(year=2001))
    enter(sessions, newer, older)
    with UnitOfWork(sessions) as unit:
        latest = unit.raw_files.latest(HERE, newer.key)
    assert latest is not None
    assert latest.sha256 == sha("2")
    assert in_force(sessions, HERE) == {HERE: ["mmz4281/1920/E0.csv 2"]}


def test_the_latest_version_is_that_of_the_same_partition_and_key(sessions: sessionmaker[Session]) -> None:
    same_key = {"key": FIXTURES}
    enter(sessions, raw_file(HERE, sha256=sha("1"), **same_key), raw_file(THERE, sha256=sha("2"), **same_key))
    with UnitOfWork(sessions) as unit:
        found = [unit.raw_files.latest(partition, FIXTURES) for partition in (HERE, THERE)]
        assert unit.raw_files.latest(HERE, "mmz4281/1920/E0.csv") is None
        assert unit.raw_files.latest(Partition(E0, LATER), FIXTURES) is None
    assert [file.sha256[0] if file else None for file in found] == ["1", "2"]


def test_reading_takes_one_statement_whatever_the_number_of_partitions(
    sessions: sessionmaker[Session], engine: Engine
) -> None:
    partitions = [Partition(item, season) for item in (E0, E1) for season in (SEASON, LATER)]
    enter(sessions, *(raw_file(partition, sha256=sha(digit)) for partition in partitions for digit in "123"))
    reads: tuple[Callable[[UnitOfWork], object], ...] = (
        lambda unit: unit.raw_files.in_force(partitions),
        lambda unit: unit.raw_files.in_force(partitions[:1]),
        lambda unit: unit.raw_files.all_in_force(),
        lambda unit: unit.raw_files.latest(HERE, "mmz4281/1920/E0.csv"),
        lambda unit: unit.raw_files.any_fetched(),
    )
    for read in reads:
        with UnitOfWork(sessions) as unit, statements(engine) as sent:
            assert read(unit)
        assert len(sent) == 1


def test_a_file_of_which_a_newer_version_has_come_is_refused(sessions: sessionmaker[Session]) -> None:
    own, other = raw_file(HERE), raw_file(HERE, key=FIXTURES)
    enter(sessions, own, other)
    with UnitOfWork(sessions) as unit:
        unit.raw_files.require_latest(own)
    enter(sessions, raw_file(HERE, sha256=sha("1")))
    with UnitOfWork(sessions) as unit:
        unit.raw_files.require_latest(other)
        with pytest.raises(StaleFileError, match=r"E0\.csv: another process fetched a newer version"):
            unit.raw_files.require_latest(own)


def test_files_that_are_in_force_no_longer_are_refused(sessions: sessionmaker[Session]) -> None:
    def require(files: Sequence[RawFile]) -> None:
        with UnitOfWork(sessions) as unit:
            unit.raw_files.require_in_force(HERE, files)

    own, fixtures, other = raw_file(HERE), raw_file(HERE, key=FIXTURES), raw_file(THERE)
    require([])
    enter(sessions, own, fixtures, other)
    require([fixtures, own])
    for files in ([], [own], [own, fixtures, other]):
        with pytest.raises(StaleFileError, match="E0 2019-20: another process fetched a newer version"):
            require(files)
    newer = raw_file(HERE, sha256=sha("1"))
    enter(sessions, newer, raw_file(THERE, sha256=sha("1")))
    with pytest.raises(StaleFileError):
        require([own, fixtures])
    require([newer, fixtures])


def test_what_was_fetched_is_told_by_source(layer: Layer, sessions: sessionmaker[Session]) -> None:
    def fetched() -> list[str]:
        with layer.unit() as unit:
            assert unit.raw_files.any_fetched() is unit.raw_files.any_fetched(SOURCE)
            names = (*FOOTBALL_DATA.names, *UNDERSTAT.names)
            return [name for name in names if unit.raw_files.any_fetched(name)]

    assert fetched() == []
    enter(sessions, raw_file(SIMULATED, source="simulated"))
    assert fetched() == ["simulated"]
    enter(sessions, of_understat(HERE))
    assert fetched() == ["simulated", "understat"]
    enter(sessions, raw_file(HERE), of_understat(SIMULATED, source="simulated-understat"))
    assert fetched() == [*FOOTBALL_DATA.names, *UNDERSTAT.names]


def test_files_of_two_feeds_in_one_partition_do_not_mix(layer: Layer, sessions: sessionmaker[Session]) -> None:
    enter(
        sessions,
        raw_file(HERE, sha256=sha("1")),
        of_understat(HERE, sha256=sha("a")),
        of_understat(HERE, MATCH_KEY, sha256=sha("b")),
        of_understat(HERE, sha256=sha("c")),
        raw_file(SIMULATED, source="simulated", sha256=sha("2")),
        of_understat(SIMULATED, source="simulated-understat", sha256=sha("d")),
    )
    with layer.unit() as unit, statements(layer.engine) as sent:
        found = {feed: unit.raw_files.in_force([HERE, SIMULATED], feed) for feed in (FOOTBALL_DATA, UNDERSTAT)}
        whole = {feed: unit.raw_files.all_in_force(feed) for feed in (FOOTBALL_DATA, UNDERSTAT)}
        assert len(sent) == 4
        assert unit.raw_files.in_force([HERE, SIMULATED]) == found[FOOTBALL_DATA]
        assert set(unit.raw_files.all_in_force()) == set(whole[FOOTBALL_DATA])
    digits = {
        (feed, partition): {file.sha256[0] for file in files}
        for feed, of_feed in found.items()
        for partition, files in of_feed.items()
    }
    assert digits == {
        (FOOTBALL_DATA, HERE): {"1"},
        (FOOTBALL_DATA, SIMULATED): {"2"},
        (UNDERSTAT, HERE): {"b", "c"},
        (UNDERSTAT, SIMULATED): {"d"},
    }
    assert {feed: {file.sha256[0] for file in files} for feed, files in whole.items()} == {
        FOOTBALL_DATA: {"1", "2"},
        UNDERSTAT: {"b", "c", "d"},
    }


def test_a_new_version_makes_the_files_of_its_own_feed_stale_alone(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    def is_stale(files: Sequence[RawFile], feed: Feed) -> bool:
        with layer.unit() as unit:
            try:
                unit.raw_files.require_in_force(HERE, files, feed)
            except StaleFileError:
                return True
        return False

    own, other, of_match = raw_file(HERE), of_understat(HERE), of_understat(HERE, MATCH_KEY)
    enter(sessions, own, other)
    assert not is_stale([own], FOOTBALL_DATA)
    assert not is_stale([other], UNDERSTAT)
    assert is_stale([own], UNDERSTAT)
    assert is_stale([own, other], FOOTBALL_DATA)
    assert is_stale([], UNDERSTAT)
    enter(sessions, of_match)
    assert not is_stale([own], FOOTBALL_DATA)
    assert is_stale([other], UNDERSTAT)
    assert not is_stale([of_match, other], UNDERSTAT)


def record(sessions: sessionmaker[Session], file: RawFile, rows: RowCounts, quotes: RowCounts) -> None:
    with UnitOfWork(sessions) as unit:
        mine = unit.raw_files.attach(file)
        unit.raw_files.record_rows(mine, rows, "1")
        unit.raw_files.record_quotes(mine, quotes, "2")
        unit.commit()


RECORDED = """SELECT rows_read, rows_loaded, rows_rejected, rows_loader, quotes_read, quotes_loaded, quotes_rejected,
    quotes_loader FROM ops.raw_files ORDER BY id"""


def test_what_became_of_a_files_lines_is_recorded(sessions: sessionmaker[Session], reader: Reader) -> None:
    file, other = raw_file(HERE), raw_file(THERE)
    enter(sessions, file, other)
    record(sessions, file, RowCounts(380, 378, 2), RowCounts(9000, 8990, 10))
    assert reader.rows(RECORDED) == [(380, 378, 2, "1", 9000, 8990, 10, "2"), (None,) * 8]
    assert reader.value("SELECT created_at < updated_at FROM ops.raw_files WHERE id = :id", id=file.id)


def test_the_same_counts_again_touch_no_row(sessions: sessionmaker[Session], reader: Reader) -> None:
    file = raw_file(HERE)
    enter(sessions, file)
    for _ in range(2):
        record(sessions, file, RowCounts(3, 2, 1), RowCounts(5, 5, 0))
        with UnitOfWork(sessions) as unit:
            file = unit.raw_files.in_force([HERE])[HERE][0]
        before = reader.traces("ops.raw_files")
    record(sessions, file, RowCounts(3, 2, 1), RowCounts(5, 5, 0))
    assert reader.traces("ops.raw_files") == before


@pytest.mark.parametrize("counts", [RowCounts(380, 378, 1), RowCounts(380, 380, 1), RowCounts(0, 0, 1)])
@pytest.mark.parametrize("what", ["rows", "quotes"])
def test_the_database_refuses_counts_that_do_not_reconcile(
    sessions: sessionmaker[Session], reader: Reader, counts: RowCounts, what: str
) -> None:
    file = raw_file(HERE)
    enter(sessions, file)
    good = RowCounts(3, 2, 1)
    with pytest.raises(IntegrityError, match=f"ck_raw_files_{what}_reconcile"):
        record(sessions, file, *((counts, good) if what == "rows" else (good, counts)))
    assert reader.rows(RECORDED) == [(None,) * 8]


def test_counts_add_up() -> None:
    assert sum([RowCounts(3, 2, 1), RowCounts(10, 10, 0)], RowCounts()) == RowCounts(13, 12, 1)


def test_forgetting_loads_makes_files_count_as_not_loaded_and_keeps_their_counts(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    files = [raw_file(HERE, sha256=sha("1")), raw_file(HERE, sha256=sha("2")), raw_file(THERE)]
    enter(sessions, *files)
    for file in files:
        record(sessions, file, RowCounts(3, 2, 1), RowCounts(5, 5, 0))
    with UnitOfWork(sessions) as unit:
        unit.raw_files.forget_loads([HERE])
        unit.commit()
    loaded = (3, 2, 1, "1", 5, 5, 0, "2")
    assert reader.rows(RECORDED) == [loaded, (3, 2, 1, None, 5, 5, 0, None), loaded]


PLAYERS = """SELECT rows_loader, quotes_loader, players_read, players_loaded, players_rejected, players_loader
    FROM ops.raw_files ORDER BY id"""


def record_all(layer: Layer, *files: RawFile) -> None:
    with layer.unit() as unit:
        for file in files:
            mine = unit.raw_files.attach(file)
            unit.raw_files.record_rows(mine, RowCounts(30, 29, 1), "r")
            unit.raw_files.record_quotes(mine, RowCounts(5, 5, 0), "q")
            unit.raw_files.record_players(mine, RowCounts(28, 26, 2), "p")
        unit.commit()


def test_what_became_of_a_files_players_is_recorded_and_the_same_again_touches_no_row(
    layer: Layer, sessions: sessionmaker[Session], reader: Reader
) -> None:
    file, other = of_understat(HERE), of_understat(THERE)
    enter(sessions, file, other)
    record_all(layer, file)
    assert reader.rows(PLAYERS) == [("r", "q", 28, 26, 2, "p"), (None,) * 6]
    before = reader.traces("ops.raw_files")
    with layer.unit() as unit:
        (held,) = unit.raw_files.in_force([HERE], UNDERSTAT)[HERE]
    record_all(layer, held)
    assert reader.traces("ops.raw_files") == before


@pytest.mark.parametrize("counts", [RowCounts(380, 378, 1), RowCounts(0, -1, 1)])
def test_the_database_refuses_counts_of_players_that_do_not_reconcile(
    layer: Layer, sessions: sessionmaker[Session], reader: Reader, counts: RowCounts
) -> None:
    file = of_understat(HERE)
    enter(sessions, file)
    with layer.unit() as unit:
        mine = unit.raw_files.attach(file)
        with pytest.raises(IntegrityError, match="ck_raw_files_players_reconcile"):
            unit.raw_files.record_players(mine, counts, "p")
    assert reader.rows(PLAYERS) == [(None,) * 6]


def test_forgetting_the_loads_of_partitions_forgets_all_that_is_in_force_in_one_statement(
    layer: Layer, sessions: sessionmaker[Session], reader: Reader
) -> None:
    files = [raw_file(HERE), of_understat(HERE), of_understat(THERE), of_understat(HERE, sha256=sha("1"))]
    enter(sessions, *files)
    record_all(layer, *files)
    before = reader.traces("ops.raw_files")
    with layer.unit() as unit, statements(layer.engine) as sent:
        unit.raw_files.forget_loads([HERE])
        assert len(sent) == 1
        unit.raw_files.forget_loads([])
        unit.commit()
    loaded, forgotten = ("r", "q", 28, 26, 2, "p"), (None, None, 28, 26, 2, None)
    assert reader.rows(PLAYERS) == [forgotten, loaded, loaded, forgotten]
    after = reader.traces("ops.raw_files")
    assert {row_id for row_id in before if after[row_id] != before[row_id]} == {files[0].id, files[3].id}


def test_files_are_forgotten_by_their_keys_within_their_partition(
    layer: Layer, sessions: sessionmaker[Session], reader: Reader
) -> None:
    keys = [f"getMatchData/{number}" for number in (1, 2, 3)]
    files = [*(of_understat(HERE, key) for key in keys), of_understat(THERE, keys[0]), of_understat(HERE)]
    enter(sessions, *files)
    record_all(layer, *files)
    with layer.unit() as unit, statements(layer.engine) as sent:
        unit.raw_files.forget_files(HERE, [*keys[:2], "getMatchData/9"])
        assert len(sent) == 1
        unit.raw_files.forget_files(HERE, [])
        unit.commit()
    loaded, forgotten = ("r", "q", 28, 26, 2, "p"), (None, "q", 28, 26, 2, None)
    assert reader.rows(PLAYERS) == [forgotten, forgotten, loaded, loaded, loaded]


def test_forgetting_is_seen_by_what_the_unit_read_before(layer: Layer, sessions: sessionmaker[Session]) -> None:
    file = of_understat(HERE, MATCH_KEY)
    enter(sessions, file)
    record_all(layer, file)
    with layer.unit() as unit:
        (held,) = unit.raw_files.in_force([HERE], UNDERSTAT)[HERE]
        assert held.rows_loader == "r"
        unit.raw_files.forget_files(HERE, [MATCH_KEY])
        (again,) = unit.raw_files.in_force([HERE], UNDERSTAT)[HERE]
        assert again.rows_loader is None


def rejections(dataset: Dataset, *lines: int) -> list[Rejection]:
    return [Rejection(dataset, line, Reason.MISSING_TEAM, f"line {line}") for line in lines]


def reject(
    sessions: sessionmaker[Session], file: RawFile, datasets: Sequence[Dataset], found: Sequence[Rejection]
) -> None:
    with UnitOfWork(sessions) as unit:
        unit.raw_files.replace_rejections(file, datasets, found)
        unit.commit()


def rejected(reader: Reader) -> list[tuple[Any, ...]]:
    return reader.rows("SELECT raw_file_id, dataset::text, line_number FROM ops.rejected_rows ORDER BY 1, 2, 3")


def test_rejections_replace_earlier_ones_of_the_same_file_and_datasets(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    one, two = raw_file(HERE), raw_file(THERE)
    enter(sessions, one, two)
    rows = (Dataset.MATCHES, Dataset.MATCH_DETAILS)
    found = [*rejections(Dataset.MATCHES, 2, 3), *rejections(Dataset.MATCH_DETAILS, 4), *rejections(Dataset.ODDS, 5)]
    for file in (one, two):
        reject(sessions, file, rows, found)
        reject(sessions, file, [Dataset.ODDS], found)
    others = [(two.id, "match_details", 4), (two.id, "matches", 2), (two.id, "matches", 3), (two.id, "odds", 5)]
    assert rejected(reader) == sorted([*[(one.id, *other[1:]) for other in others], *others])
    reject(sessions, one, rows, rejections(Dataset.MATCHES, 9))
    assert rejected(reader) == [(one.id, "matches", 9), (one.id, "odds", 5), *others]
    reject(sessions, one, [Dataset.ODDS], [])
    assert rejected(reader) == [(one.id, "matches", 9), *others]


@pytest.mark.parametrize(
    "raw", ["E0,16/08/03,,Chelsea", 'a"b,\\N', "tab\there", "", "\\.", "M\u00f6nchengladbach \u2013"]
)
def test_a_rejected_line_is_kept_to_the_letter(sessions: sessionmaker[Session], reader: Reader, raw: str) -> None:
    file = raw_file(HERE)
    enter(sessions, file)
    reject(sessions, file, [Dataset.MATCHES], [Rejection(Dataset.MATCHES, 7, Reason.UNREADABLE_DATE, raw)])
    held = reader.rows("SELECT dataset::text, line_number, reason, raw_text FROM ops.rejected_rows")
    assert held == [("matches", 7, "unreadable_date", raw)]


def test_what_is_wrong_with_a_line_is_kept_in_words_where_the_reason_does_not_say_it(
    layer: Layer, sessions: sessionmaker[Session], reader: Reader
) -> None:
    file = of_picks()
    enter(sessions, file)
    found = [
        Rejection(Dataset.PICKS, 2, Reason.UNKNOWN_BOOKMAKER, "a,b", "no bookmaker is called 'Bet\t366': \\N"),
        Rejection(Dataset.PICKS, 3, Reason.MISSING_VALUE, "c,d", ""),
        Rejection(Dataset.PICKS, 4, Reason.DUPLICATE_PICK, "e,f"),
    ]
    with layer.unit() as unit:
        unit.raw_files.replace_rejections(file, [Dataset.PICKS], found)
        unit.commit()
    held = reader.rows("SELECT line_number, reason, raw_text, detail FROM ops.rejected_rows ORDER BY id")
    assert held == [(item.line_number, item.reason, item.raw_text, item.detail) for item in found]


def test_a_file_of_picks_is_of_no_partition_and_its_newest_version_alone_is_the_latest(
    layer: Layer, sessions: sessionmaker[Session]
) -> None:
    old, other = of_picks(), of_picks(key="yours.csv")
    enter(sessions, raw_file(HERE), old, other)
    with layer.unit() as unit:
        unit.raw_files.require_latest(old)
        assert unit.raw_files.any_fetched("picks")
        assert [file.source for file in unit.raw_files.in_force([HERE])[HERE]] == [SOURCE]
        assert {file.source for file in unit.raw_files.all_in_force()} == {SOURCE}
    newer = of_picks(sha256=sha("1"))
    enter(sessions, newer)
    with layer.unit() as unit:
        unit.raw_files.require_latest(newer)
        unit.raw_files.require_latest(other)
        with pytest.raises(StaleFileError, match=r"mine\.csv: another process fetched a newer version"):
            unit.raw_files.require_latest(old)


@pytest.mark.parametrize(
    "changes",
    [{"league": None}, {"season": None}, {"league": None, "season": None}, {"source": "picks"}],
    ids=["no_league", "no_season", "neither", "picks_of_a_partition"],
)
def test_only_files_of_picks_are_of_no_partition_and_all_of_them(
    layer: Layer, reader: Reader, changes: dict[str, Any]
) -> None:
    file = raw_file(HERE)
    for name, value in changes.items():
        setattr(file, name, value)
    with layer.unit() as unit, pytest.raises(IntegrityError, match="ck_raw_files_partition_of_source"):
        unit.raw_files.add(file)
    assert reader.value("SELECT count(*) FROM ops.raw_files") == 0


def test_a_files_rejections_go_with_it(sessions: sessionmaker[Session], reader: Reader) -> None:
    file = raw_file(HERE)
    enter(sessions, file)
    reject(sessions, file, [Dataset.ODDS], rejections(Dataset.ODDS, 2))
    reader.do("DELETE FROM ops.raw_files")
    assert rejected(reader) == []
