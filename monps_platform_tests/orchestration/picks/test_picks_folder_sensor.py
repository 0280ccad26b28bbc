"""The watched folder: which of its files are imported and when, and what asks for the run that does it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.errors import DatabaseError
from monps_platform.domain.rejections import Reason
from monps_platform.orchestration.jobs.data import picks_job
from monps_platform.orchestration.picks import importing
from monps_platform.orchestration.picks.importing import Importer
from monps_platform.orchestration.sensors import SENSORS
from monps_platform.orchestration.sensors.picks_folder import picks_folder_sensor
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.raw_store import RawStore, sha256_of
from monps_platform_tests.orchestration.picks.importing_world import REJECTED, TRACES, World, build_world, on
from monps_platform_tests.orchestration.platform import snapshot
from monps_platform_tests.sources.picks.pick_files import file_of

GOOD = "good.csv"


@pytest.fixture
def world(engine: Engine, sessions: sessionmaker[Session], tmp_path: Path) -> World:
    """A few matches to pick on, and a folder."""
    return build_world(engine, sessions, tmp_path)


# What of a folder is imported


def test_new_files_are_imported_by_name_and_those_that_were_are_not_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in enumerate(("b.csv", "a.csv", "c d.csv")):
        world.write(name, on(world.matches[number]))
    reports = world.watch()
    assert [(name, report.is_imported, report.new) for name, report in reports.items()] == [
        ("a.csv", True, 1),
        ("b.csv", True, 1),
        ("c d.csv", True, 1),
    ]
    before = snapshot(world.engine)
    monkeypatch.setattr(importing, "parse_picks", None)  # whatever is parsed now, fails
    assert world.watch() == {}
    assert snapshot(world.engine) == before


def test_a_file_that_changed_is_imported_again_and_one_that_was_only_touched_is_not(world: World) -> None:
    path = world.write("mine.csv", on(world.matches[0]))
    world.watch()
    os.utime(path)
    assert world.watch() == {}
    world.write("mine.csv", on(world.matches[0]), on(world.matches[1]))
    report = world.watch()["mine.csv"]
    assert (report.new, report.held, world.count()) == (1, 1, 2)
    assert world.count("ops.raw_files") == 2
    world.write("mine.csv", on(world.matches[0]))
    assert world.watch()["mine.csv"].held == 1  # as it was once: it is what is in force that counts
    assert world.watch() == {}


def test_a_file_of_an_earlier_parser_is_read_again_and_its_picks_stay_untouched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("mine.csv", on(world.matches[0]))
    world.watch()
    before = world.rows(TRACES)
    monkeypatch.setattr(importing, "PARSER_VERSION", "picks-2")
    assert world.watch()["mine.csv"].held == 1
    assert world.rows(TRACES) == before
    assert world.rows("SELECT rows_loader FROM ops.raw_files") == [("picks-2",)]
    assert world.watch() == {}


def test_a_refused_file_is_tried_again_until_what_it_lacks_is_there(world: World) -> None:
    world.write("mine.csv", on(world.matches[0], home="Gunners"), on(world.matches[1]))
    world.write(GOOD, on(world.matches[2]))
    for tries in range(2):
        report = world.watch()["mine.csv"]
        assert [(item.line_number, item.reason) for item in report.rejections] == [(2, Reason.UNRESOLVED_TEAM)]
        assert not report.is_imported
        assert (world.count(), world.count("ops.rejected_rows"), world.count("ops.raw_files")) == (1, 1, 2), tries
    world.settle("Gunners", "Arsenal")
    report = world.watch()["mine.csv"]
    assert (report.is_imported, report.new) == (True, 2)
    assert (world.count(), world.rows(REJECTED)) == (3, [])
    assert world.watch() == {}


def test_a_file_whose_good_lines_were_kept_by_hand_is_done(world: World) -> None:
    path = world.write("mine.csv", on(world.matches[0]), {"price": "x"})
    assert not world.watch()["mine.csv"].is_imported
    assert world.importer.import_file(path, keep_good=True).new == 1
    assert world.watch() == {}


def test_an_unreadable_file_is_kept_with_what_is_wrong_and_does_not_hold_up_the_others(world: World) -> None:
    body = b"agent;league\n" + b"x" * 500 + "é".encode("latin-1")
    world.write("a.csv", body=body)
    world.write(GOOD, on(world.matches[0]))
    said = "a.csv is not UTF-8 (byte 513): save it as CSV UTF-8"
    for _ in range(2):
        reports = world.watch()
        assert (reports["a.csv"].is_imported, reports["a.csv"].error) == (False, said)
        assert world.count() == 1
        assert world.rows(REJECTED) == [(1, Reason.UNREADABLE_FILE, body[:200].decode("latin-1"), said)]
    assert world.rows("SELECT key, sha256, rows_loader FROM ops.raw_files WHERE rows_loader IS NULL") == [
        ("a.csv", sha256_of(body), None)
    ]
    assert RawStore(world.store).get(sha256_of(body)) == body
    world.write("a.csv", on(world.matches[1]))
    assert world.watch()["a.csv"].new == 1
    assert world.watch() == {}


def test_the_beginning_of_a_binary_file_can_be_kept(world: World) -> None:
    world.write("mine.csv", body=b"PK\x00\x03\xff")
    assert "not UTF-8" in str(world.watch()["mine.csv"].error)
    assert world.rows(REJECTED)[0][2] == "PK\N{REPLACEMENT CHARACTER}\x03\N{REPLACEMENT CHARACTER}"


def test_an_empty_file_is_told_and_leaves_nothing(world: World) -> None:
    world.write("mine.csv", body=b"")
    assert "mine.csv is empty: it needs a header" in str(world.watch()["mine.csv"].error)
    assert world.count("ops.raw_files") == 0


def test_other_files_and_folders_within_are_left_alone(world: World) -> None:
    for name in ("notes.txt", "mine.csv.bak", "mine.xlsx", "csv"):
        world.write(name, on(world.matches[0]))
    (world.folder / "old").mkdir()
    world.write("old/mine.csv", on(world.matches[0]))
    assert world.watch() == {}
    assert world.count("ops.raw_files") == 0


def test_a_folder_that_is_missing_empty_or_a_file_holds_nothing(world: World) -> None:
    assert world.watch() == {}
    assert world.importer.import_folder(world.folder / "none") == []
    assert world.importer.import_folder(world.write(GOOD, on(world.matches[0]))) == []


def test_what_cannot_be_read_from_the_disk_is_told_and_does_not_hold_up_the_others(world: World) -> None:
    (world.folder / "a.csv").mkdir()
    (world.folder / "b.csv").symlink_to(world.folder / "nowhere")
    world.write(GOOD, on(world.matches[0]))
    reports = world.watch()
    assert reports["a.csv"].error == f"{world.folder / 'a.csv'}: Is a directory"
    assert reports["b.csv"].error == f"{world.folder / 'b.csv'}: No such file or directory"
    assert reports[GOOD].new == 1


def test_a_file_that_cannot_be_read_any_more_does_not_hold_up_the_others_either(world: World) -> None:
    path = world.write("a.csv", on(world.matches[0]))
    world.watch()
    path.unlink()
    path.symlink_to(world.folder / "nowhere")
    world.write(GOOD, on(world.matches[1]))
    assert world.watch()[GOOD].new == 1


@pytest.mark.parametrize(
    "cells", [{"date": "9999-12-31"}, {"agent": "m\0e"}, {"taken_at": "0001-01-01T00:00+05:00"}], ids=ascii
)
def test_a_file_with_a_value_out_of_every_range_does_not_hold_up_the_others(
    world: World, cells: dict[str, str]
) -> None:
    world.write("a.csv", on(world.matches[0], **cells))
    world.write(GOOD, on(world.matches[1]))
    reports = world.watch()
    assert (reports["a.csv"].is_imported, reports[GOOD].new) == (False, 1)


def test_a_database_that_fails_ends_the_import_and_what_was_imported_before_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("a.csv", on(world.matches[0]))
    world.write("b.csv", on(world.matches[1]))
    add = importing._add

    def failing(unit: object, file: object, picks: object) -> None:
        if world.count():
            raise DatabaseError("the server is gone")
        add(unit, file, picks)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "_add", failing)
    with pytest.raises(DatabaseError):
        world.watch()
    assert world.rows("SELECT key FROM ops.raw_files") == [("a.csv",)]
    monkeypatch.undo()
    assert list(world.watch()) == ["b.csv"]


def just_now(world: World) -> Importer:
    """An importer whose clock goes."""
    return replace(world.importer, now=lambda: datetime.now(UTC))


def test_a_file_that_was_written_a_moment_ago_is_left_to_the_next_run(world: World) -> None:
    path = world.write("mine.csv", on(world.matches[0]), age=0)
    world.write(GOOD, on(world.matches[1]))
    good, mine = just_now(world).import_folder(world.folder)
    assert (good.new, mine.is_imported) == (1, False)
    assert mine.error == "mine.csv is still being written: the next run takes it"
    assert world.rows("SELECT key FROM ops.raw_files") == [(GOOD,)]
    os.utime(path, (time.time() - 3, time.time() - 3))
    (report,) = just_now(world).import_folder(world.folder)
    assert (report.name, report.new) == ("mine.csv", 1)
    os.utime(path)
    assert just_now(world).import_folder(world.folder) == [], "what is held is held"


@pytest.mark.parametrize("late", [b"\nhalf a line", b""], ids=["longer", "touched"])
def test_a_file_that_changes_while_it_is_read_is_not_imported(
    world: World, monkeypatch: pytest.MonkeyPatch, late: bytes
) -> None:
    path = world.write("mine.csv", on(world.matches[0]))
    read = Path.read_bytes

    def slowly(of: Path) -> bytes:
        body = read(of)
        of.write_bytes(body + late)
        return body

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", slowly)
        assert world.watch()["mine.csv"].error == "mine.csv is still being written: the next run takes it"
        with pytest.raises(UnreadableFileError, match=r"^mine.csv is still being written$"):
            world.importer.import_file(path)
    assert world.count("ops.raw_files") == world.count() == 0


# What asks for the run


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder that the settings name."""
    made = tmp_path / "my picks"
    made.mkdir()
    monkeypatch.setenv("MONPS_PICKS_DIR", str(made))
    return made


def write(folder: Path, name: str = "mine.csv", body: bytes = b"x", age: float = 60.0) -> None:
    """Write a file that was changed so many seconds ago."""
    path = folder / name
    path.write_bytes(body)
    changed = time.time() - age
    os.utime(path, (changed, changed))


def look(cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    """What the sensor says when it looked last at a cursor."""
    found = picks_folder_sensor(dg.build_sensor_context(cursor=cursor))
    assert isinstance(found, (dg.SensorResult, dg.SkipReason))
    return found


def asked(cursor: str | None = None) -> str:
    """The cursor with which the sensor asks for one run, whose key it is."""
    found = look(cursor)
    assert isinstance(found, dg.SensorResult)
    assert found.run_requests is not None
    assert [request.run_key for request in found.run_requests] == [found.cursor]
    assert found.cursor
    return found.cursor


def skipped(cursor: str | None = None) -> str:
    """Why the sensor asks for nothing."""
    found = look(cursor)
    assert isinstance(found, dg.SkipReason)
    return str(found.skip_message)


def test_the_sensor_runs_the_job_of_picks_unless_somebody_stops_it() -> None:
    assert picks_folder_sensor in SENSORS
    assert picks_folder_sensor.job_name == picks_job.name
    assert picks_folder_sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert picks_folder_sensor.minimum_interval_seconds == 30


def test_a_file_that_is_seen_for_the_first_time_asks_for_a_run_and_for_no_second_one(folder: Path) -> None:
    write(folder)
    cursor = asked()
    assert skipped(cursor) == "no file is new or has changed"


def test_every_change_of_the_folder_asks_for_another_run(folder: Path) -> None:
    write(folder)
    cursors = [asked()]
    write(folder, age=50)  # written again, as long as before
    cursors.append(asked(cursors[-1]))
    write(folder, body=b"xx", age=50)
    cursors.append(asked(cursors[-1]))
    write(folder, "other.csv")
    cursors.append(asked(cursors[-1]))
    assert len(set(cursors)) == 4
    assert skipped(cursors[-1]) == "no file is new or has changed"


def test_a_file_that_was_written_a_moment_ago_waits_and_is_not_forgotten(folder: Path) -> None:
    write(folder)
    cursor = asked()
    write(folder, "other.csv", age=0)
    assert "may not be whole yet" in skipped(cursor)
    write(folder, "other.csv", age=3)
    assert asked(cursor) != cursor


def test_a_folder_that_is_again_as_it_was_asks_for_another_run(folder: Path) -> None:
    """Dagster never runs the same key twice."""
    write(folder)
    seen = (folder / "mine.csv").stat()
    cursors = [asked()]
    write(folder, body=b"xx", age=50)
    cursors.append(asked(cursors[-1]))
    (folder / "mine.csv").write_bytes(b"x")
    os.utime(folder / "mine.csv", ns=(seen.st_atime_ns, seen.st_mtime_ns))
    cursors.append(asked(cursors[-1]))
    assert len(set(cursors)) == 3
    assert skipped(cursors[-1]) == "no file is new or has changed"


def test_a_cursor_of_before_runs_were_counted_is_understood(folder: Path) -> None:
    write(folder)
    _, _, seen = asked().partition(":")
    assert skipped(seen) == "no file is new or has changed"
    assert asked("0" * 64) == f"1:{seen}"


def test_a_file_whose_time_lies_in_the_future_is_not_waited_for(folder: Path) -> None:
    write(folder, age=-3600)
    cursor = asked()
    assert skipped(cursor) == "no file is new or has changed"


def test_a_folder_without_a_file_of_picks_asks_for_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "notes.txt")
    assert skipped() == f"there is no CSV file in {folder}"
    monkeypatch.setenv("MONPS_PICKS_DIR", str(folder / "none"))
    assert skipped() == f"there is no CSV file in {folder / 'none'}"


def test_without_a_setting_the_folder_is_picks_in_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MONPS_HOME", str(tmp_path / "home"))
    assert skipped() == f"there is no CSV file in {tmp_path / 'home' / 'picks'}"
    (tmp_path / "home" / "picks").mkdir(parents=True)
    write(tmp_path / "home" / "picks")
    assert asked()


def test_a_link_to_nowhere_does_not_stop_the_sensor(folder: Path) -> None:
    (folder / "gone.csv").symlink_to(folder / "nowhere")
    write(folder)
    assert asked()


def test_what_is_asked_for_is_imported(folder: Path, world: World) -> None:
    write(folder, body=file_of(on(world.matches[0])))
    assert asked()
    (report,) = world.importer.import_folder(folder)
    assert report.new == 1
