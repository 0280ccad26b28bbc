"""What can be asked of the command: its help, and the choice of leagues and seasons."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner

from monps_platform.cli.failure import Failure
from monps_platform.cli.main import cli
from monps_platform.cli.up import choose
from monps_platform_tests.cli.conftest import Monps

COMMANDS = (
    *("alerts", "backup", "backups", "down", "forecasts", "health", "introspect", "match", "metrics", "migrate"),
    *("odds", "picks", "psql", "restore", "status", "team"),
    *("ui", "up", "url"),
)
PICKS = ("alias", "correct", "export", "import", "report")
ODDS = ("alias", "plan", "snapshot")
TODAY = date(2026, 11, 22)


def names(leagues: str | None = None, seasons: str | None = None, today: date = TODAY) -> list[str]:
    """The chosen partitions by name."""
    return [str(partition) for partition in choose(leagues, seasons, today)]


def test_every_command_has_help_that_says_what_it_does() -> None:
    runner = CliRunner()
    shown = runner.invoke(cli, ["--help"])
    assert shown.exit_code == 0
    assert "Begin with `monps up`" in shown.output
    assert set(COMMANDS) == set(cli.commands)
    for command in COMMANDS:
        assert f"\n  {command} " in shown.output
        for flag in ("--help", "-h"):
            own = runner.invoke(cli, [command, flag])
            assert own.exit_code == 0, command
            assert own.output.startswith(f"Usage: cli {command} [OPTIONS]"), command
            first = own.output.splitlines()[2].strip()
            assert len(first) > 20, command
    for group, command in [*(("picks", each) for each in PICKS), *(("odds", each) for each in ODDS)]:
        own = runner.invoke(cli, [group, command, "-h"])
        assert own.output.startswith(f"Usage: cli {group} {command} [OPTIONS]"), command
        assert len(own.output.splitlines()[2].strip()) > 20, command
    assert "--leagues E0,SP1" in runner.invoke(cli, ["up", "-h"]).output
    assert "--seasons 2019-20:2021-22" in runner.invoke(cli, ["up", "-h"]).output


def test_by_default_the_five_top_leagues_of_the_last_three_seasons_and_the_current_one_are_chosen() -> None:
    seasons = ("2023-24", "2024-25", "2025-26", "2026-27")
    assert names() == [f"{league} {season}" for league in ("E0", "SP1", "D1", "I1", "F1") for season in seasons]


def test_leagues_and_seasons_narrow_the_choice() -> None:
    assert names("sp1, E0", "2019-20:2021-22") == [
        *("E0 2019-20", "E0 2020-21", "E0 2021-22", "SP1 2019-20", "SP1 2020-21", "SP1 2021-22")
    ]
    assert names("G1", "2019-20,1999-00") == ["G1 1999-00", "G1 2019-20"]


def test_simulated_leagues_have_three_finished_seasons_by_default() -> None:
    assert names("SIM1") == ["SIM1 2023-24", "SIM1 2024-25", "SIM1 2025-26"]


def test_a_season_turns_in_july() -> None:
    assert names("E0", today=date(2026, 6, 30))[-1] == "E0 2025-26"
    assert names("E0", today=date(2026, 7, 1))[-1] == "E0 2026-27"


@pytest.mark.parametrize(
    ("leagues", "seasons", "told"),
    [
        ("E9", None, ["unknown league 'E9'", "E0, SP1", "SIM2"]),
        ("[/red]", None, ["unknown league '[/RED]'"]),
        (",", None, ["no league named"]),
        ("E0", "2019", ["'2019' is no season", "2019-20"]),
        ("E0", "2019-21", ["'2019-21' is no season"]),
        ("E0", "2021-22:2019-20", ["runs backwards", "2019-20:2021-22"]),
        ("E0", "1992-93", ["no season 1992-93", "from 1993-94"]),
        ("E0", "2090-91", ["no season 2090-91", "to 20"]),
    ],
)
def test_a_choice_that_cannot_be_is_an_error_of_use_that_names_what_can(
    plain: Monps, leagues: str, seasons: str | None, told: list[str]
) -> None:
    with pytest.raises(Failure) as failure:
        choose(leagues, seasons, TODAY)
    assert failure.value.exit_code == 2
    arguments = ["--leagues", leagues, *(["--seasons", seasons] if seasons else [])]
    said = plain("up", *arguments)
    assert said.code == 2
    assert said.out == ""
    assert all(word in said.err for word in told), said.err
    assert not plain.home.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["upp"], "No such command 'upp'"),
        (["up", "--league", "E0"], "No such option"),
        (["ui", "--port", "0"], "0 is not in the range 1<=x<=65535"),
    ],
)
def test_a_command_or_an_option_that_does_not_exist_is_an_error_of_use(
    plain: Monps, arguments: list[str], told: str
) -> None:
    said = plain(*arguments)
    assert said.code == 2
    assert told in said.err


CALLS: list[tuple[str, ...]] = [
    *((command,) for command in COMMANDS if command not in {"match", "odds", "picks", "restore", "team"}),
    *(("team", "Liverpool"), ("match", "Arsenal", "Chelsea"), ("restore", __file__)),
    *(("picks", "export"), ("picks", "report"), ("picks", "import", __file__)),
    ("picks", "alias", "Man Utd", "Man United", "--league", "E0"),
    *(("odds", "plan"), ("odds", "snapshot"), ("odds", "alias", "Man Utd", "Man United", "--league", "E0")),
    ("picks", "correct", "1", "--why", "a typing slip", "--result", "void"),
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_wrong_setting_is_named_without_its_value(plain: Monps, call: tuple[str, ...]) -> None:
    plain.set(MONPS_DB_PORT="hunter2")
    said = plain(*call)
    assert said.code == 1
    assert "a setting is wrong (environment or .env): MONPS_DB_PORT" in said.err
    assert "hunter2" not in said.err
    assert "Traceback" not in said.err


def test_the_version_is_told(plain: Monps) -> None:
    from monps_platform import __version__

    assert plain("--version").out == f"monps, version {__version__}"
