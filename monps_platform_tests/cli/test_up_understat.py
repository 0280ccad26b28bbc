"""`monps up` with both sources: what Understat adds, and what its absence or failure costs."""

from __future__ import annotations

from sqlalchemy import Engine

from monps_platform.orchestration.pipelines import LOAD_STEPS
from monps_platform_tests.cli.conftest import Monps
from monps_platform_tests.cli.summaries import AWAY, E0, NARROW, SP1, count, publish, row
from monps_platform_tests.orchestration import understat_files
from monps_platform_tests.orchestration.football_files import (
    MATCHES,
    QUOTES,
    key_of,
    partition,
    season_file,
    season_lines,
)


def publish_understat(monps: Monps) -> None:
    """Put two leagues' files on the mirror of Understat."""
    understat_files.serve(monps.mirror, E0, SP1)


def test_up_loads_what_both_sources_have_and_forecasts_it_and_a_second_one_changes_nothing(
    monps: Monps, engine: Engine
) -> None:
    publish(monps)
    publish_understat(monps)
    monps.set(MONPS_UNDERSTAT_SHOTS=1)
    said = monps("up", *NARROW)
    assert said.code == 0, said.err + said.out
    assert row(said, "raw_understat")[:6] == ["26", "files", "26", "0", "2", "new"]
    changed = {"team_identities": (24, 24 + 8), "shots": (160, 160 + 112), "player_seasons": (18, 20)}
    for asset, (loaded, rows) in (*changed.items(), ("match_forecasts", (24, 4 * 24))):
        assert row(said, asset)[:4] == [str(loaded), str(loaded), "0", str(rows)]
        assert row(said, asset)[5:7] == ["0", "0"]
    for told in ("understat: 2 partitions ...", "identities: done", "players: done", "forecasts: done"):
        assert told in said.out
    assert "warning" not in said.out
    assert count(engine, "shots") == 160
    again = monps("up", *NARROW)
    assert again.code == 0, again.err
    assert "Nothing new: no row of any table was touched, all is unchanged." in again.out
    assert {row(again, asset)[3] for asset in LOAD_STEPS} == {"unchanged"}
    assert row(again, "raw_understat")[:5] == ["26", "files", "26", "0", "unchanged"]

    monps.set(MONPS_UNDERSTAT_URL=AWAY)
    later = monps("up", *NARROW, "--reload")
    assert later.code == 0, later.err
    assert "cannot be reached: nothing new is fetched there, what was fetched before is loaded." in later.out
    assert row(later, "player_seasons")[:4] == ["18", "18", "0", "unchanged"]
    assert row(later, "shots")[:4] == ["160", "160", "0", "unchanged"]


def test_without_the_wish_for_shots_up_asks_for_league_files_alone_and_tells_what_is_none_of_our_matches(
    monps: Monps, engine: Engine
) -> None:
    monps.mirror.serve(key_of(E0), season_file(E0, season_lines(E0)[1:]))
    publish_understat(monps)
    said = monps("up", "--leagues", "E0", "--seasons", "2019-20")
    assert said.code == 0, said.err
    assert [path for path, _ in monps.mirror.requests if path.startswith("getMatchData/")] == []
    assert row(said, "raw_understat")[:6] == ["1", "files", "1", "0", "1", "new"]
    assert row(said, "shots")[:4] == ["0", "0", "0", "unchanged"]
    assert row(said, "player_seasons")[:4] == ["9", "9", "0", "10"]
    assert count(engine, "shots") == 0
    assert "warning 1 listed matches are none of ours: Arsenal - The Bees of 2019-08-10 (no_such_match)" in said.out
    assert "warning team_identities / listed_matches_are_joined: 1 found" in said.out


def test_when_understat_alone_is_away_up_says_so_loads_the_rest_and_ends_well(monps: Monps, engine: Engine) -> None:
    publish(monps)
    monps.set(MONPS_UNDERSTAT_URL="http://reader:hunter2@127.0.0.1:1", MONPS_UNDERSTAT_SHOTS=1)
    said = monps("up", *NARROW)
    assert said.code == 0, said.err
    notice = "http://127.0.0.1:1/ cannot be reached: nothing new is fetched there, what was fetched before is loaded."
    assert notice in said.out
    assert "hunter2" not in said.out + said.err
    assert (count(engine, "matches"), count(engine, "odds")) == (2 * MATCHES, 2 * QUOTES)
    assert row(said, "match_forecasts")[:3] == ["24", "24", "0"]
    assert "raw_understat" not in said.out


def test_when_understat_answers_with_errors_up_ends_with_code_1_and_the_rest_is_loaded(
    monps: Monps, engine: Engine
) -> None:
    publish(monps)
    publish_understat(monps)
    monps.mirror.serve(understat_files.key_of(SP1), b"<html>[/bold] maintenance</html>")
    del monps.mirror.answers[understat_files.key_of(E0)]
    said = monps("up", *NARROW)
    assert said.code == 1
    assert "failed raw_understat SP1 2019-20:" in said.out
    assert "the server sent an HTML page where JSON was due" in said.out
    assert "Understat, or its mirror, has no file of: E0 2019-20" in said.out
    assert row(said, "matches")[:4] == ["24", "24", "0", "24"]
    assert row(said, "match_forecasts")[:3] == ["24", "24", "0"]


def test_seasons_that_are_held_are_forecast_again_when_an_earlier_one_is_loaded(monps: Monps) -> None:
    earlier = partition("E0", "2018-19")
    publish(monps)
    monps.mirror.serve(key_of(earlier), season_file(earlier))
    assert monps("up", "--leagues", "E0", "--seasons", "2019-20").code == 0
    said = monps("up", "--leagues", "E0", "--seasons", str(earlier.season))
    assert said.code == 0, said.err
    assert row(said, "matches")[:4] == ["12", "12", "0", "12"]
    assert row(said, "match_forecasts")[:4] == ["24", "24", "0", "48"]
