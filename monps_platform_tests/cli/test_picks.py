"""`monps picks` as a person calls it: import, export, report, alias, correct, and what each says when it cannot."""

from __future__ import annotations

import csv
import getpass
import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import league
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.picks import PICK_SIDES, PickStep
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.picks import ledger as ledger_module
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.orchestration.picks.settling import settle_picks
from monps_platform.testing.databases import throwaway_database
from monps_platform_tests.cli.conftest import Monps, Said
from monps_platform_tests.db.samples import E0, EMPTY_ALL, HERE, SEASON, Quote, block, played, write_matches, write_odds
from monps_platform_tests.environment import database_variables
from monps_platform_tests.orchestration.picks.importing_world import PICKS, TRACES, World, build_world, on
from monps_platform_tests.orchestration.platform import snapshot
from monps_platform_tests.sources.picks.pick_files import COLUMNS, COMPUTED, TOTAL, Cells, file_of, line_of

STATES = "SELECT agent, result, profit, closing_price, clv_percentage FROM tracking_clv_picks ORDER BY id"
CORRECTIONS = "SELECT part, corrected_by, reason, was, is_now FROM ops.pick_corrections ORDER BY id"


@pytest.fixture(scope="module")
def module_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the module's own: one for each test would take longer than the tests."""
    with throwaway_database(server) as made:
        yield made


@pytest.fixture
def database(module_database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """The module's database, without a row."""
    yield module_database
    admin = create_engine(module_database.url(), poolclass=NullPool)
    with admin.begin() as connection:
        connection.execute(text(EMPTY_ALL))


@dataclass(frozen=True)
class Picks:
    """Calls `monps picks` upon a database with matches and closing prices; what it says never holds the password."""

    monps: Monps
    world: World
    password: str

    def __call__(self, *arguments: str | Path) -> Said:
        said = self.monps("picks", *map(str, arguments))
        assert self.password not in said.out + said.err
        return said

    def take(self, *lines: Cells, name: str = "mine.csv", options: Sequence[str] = ()) -> Said:
        """Import lines as a file."""
        return self("import", self.world.write(name, *lines), *options)

    def exported(self, *options: str) -> list[dict[str, str]]:
        """What an export holds."""
        path = self.world.folder / "exported"
        said = self("export", "-o", path, *options)
        rows = read(path)
        assert (said.code, said.out) == (0, f"{len(rows):,} picks written to {path}")
        return rows

    def pick_id(self, agent: str = "me") -> str:
        """The id of an agent's only pick."""
        return str(self.world.value(f"SELECT id FROM tracking_clv_picks WHERE agent = '{agent}'"))

    def state(self, agent: str = "me") -> tuple[Any, ...]:
        """Result, profit, closing price and CLV of an agent's only pick."""
        (found,) = [row[1:] for row in self.world.rows(STATES) if row[0] == agent]
        return found


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def picks(
    monps: Monps, engine: Engine, sessions: sessionmaker[Session], database: DatabaseAddress, tmp_path: Path
) -> Picks:
    """Matches that end 2-1, closed by Bet365 at 2 for the home side and at 1.9 for more than two goals."""
    world = build_world(engine, sessions, tmp_path)
    every = range(len(world.matches))
    write_odds(
        sessions,
        world.matches,
        ["B365"],
        block(Market.ONE_X_TWO, *(Quote(number, ("2", "3.6", "3.9"), closing=True) for number in every)),
        block(Market.OVER_UNDER, *(Quote(number, ("1.9", "2"), line="2.5", closing=True) for number in every)),
    )
    return Picks(monps, world, database.password.get_secret_value())


# Import


def test_a_good_file_is_imported_compared_with_the_close_and_settled(picks: Picks) -> None:
    first, second = picks.world.matches[:2]
    said = picks.take(on(first), on(second, agent="she", side="away"), on(first, agent="he", **TOTAL, bookmaker="PS"))
    assert (said.code, said.err) == (0, "")
    assert said.out == "mine.csv: 3 lines read, 3 new, 0 held already, 0 rejected."
    assert picks.state() == ("win", Decimal("1.1"), Decimal(2), Decimal(5))
    assert picks.state("she")[:3] == ("loss", Decimal(-1), Decimal("3.9"))
    assert picks.state("he") == ("win", Decimal("1.1"), None, None)
    again = picks.take(on(first))
    assert again.out == "mine.csv: 1 line read, 0 new, 1 held already, 0 rejected."


def test_a_bad_file_is_told_line_by_line_and_nothing_of_it_is_imported(picks: Picks) -> None:
    said = picks.take(on(picks.world.matches[0]), {"market": "corners"}, {"home": "Arsenall"}, {"price": "1"})
    assert said.code == 1
    assert said.out.startswith("line 3: unknown_market: no market is called 'corners': there is 1x2, over_under, ")
    assert "line 4: unresolved_team: no club of E0 is called 'Arsenall' (did you mean arsenal" in said.out
    assert "line 5: price_not_above_one: a price is decimal odds above 1, not 1" in said.out
    assert said.err == (
        "monps: mine.csv: 4 lines read, 1 would be new, 0 held already, 3 rejected. Nothing was imported: correct the "
        "lines, or import the others with --skip-rejected"
    )
    assert picks.world.count() == 0


def test_of_many_bad_lines_the_first_are_shown_and_the_reasons_of_all_counted(picks: Picks) -> None:
    said = picks.take(*[{"price": "1"}] * 1200, *[{"market": "corners"}] * 30)
    assert said.out.count("line ") == 20
    assert "line 21: price_not_above_one" in said.out
    assert said.out.endswith("... 1,230 lines in all: 1,200 price_not_above_one 30 unknown_market")
    assert "1,230 lines read, 0 would be new, 0 held already, 1,230 rejected" in said.err


def test_the_good_lines_of_a_bad_file_can_be_imported(picks: Picks) -> None:
    said = picks.take(on(picks.world.matches[0]), {"price": "1"}, options=["--skip-rejected"])
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("line 3: price_not_above_one: ")
    assert said.out.endswith("mine.csv: 2 lines read, 1 new, 0 held already, 1 rejected.")
    assert picks.state()[0] == "win"


def test_bookmakers_that_nobody_knows_are_entered_only_when_they_are_meant(picks: Picks) -> None:
    line = on(picks.world.matches[0], bookmaker="Uncle Bob")
    said = picks.take(line)
    assert (said.code, picks.world.count()) == (1, 0)
    assert "line 2: unknown_bookmaker: no bookmaker is called 'Uncle Bob'" in said.out
    assert picks.take(line, options=["--add-bookmakers"]).code == 0
    assert picks.world.rows("SELECT key, name FROM bookmakers WHERE id > 0 AND key LIKE 'Uncle%'") == [
        ("Uncle Bob", "Uncle Bob")
    ]
    assert "1 held already" in picks.take(line).out


def test_it_is_said_what_can_be_done_about_names_that_nobody_knows(picks: Picks) -> None:
    match = picks.world.matches[0]
    club = picks.take(on(match, home="Gunners"))
    assert "monps picks alias" in club.out + club.err
    book = picks.take(on(match, bookmaker="Uncle Bob"))
    assert "--add-bookmakers" in book.out + book.err


@pytest.mark.parametrize("options", [[], ["--skip-rejected", "--add-bookmakers"]], ids=["plain", "with all options"])
def test_a_dry_run_tells_everything_and_changes_nothing(picks: Picks, options: list[str]) -> None:
    match = picks.world.matches[0]
    before = snapshot(picks.world.engine)
    good = picks.take(on(match), options=["--dry-run", *options])
    assert (good.code, good.err) == (0, "")
    assert good.out.endswith("1 line read, 1 would be new, 0 held already, 0 rejected. Nothing was changed: a dry run.")
    lines = [on(match), on(match, home="Gunners"), on(match, bookmaker="Uncle Bob", side="draw")]
    bad = picks.take(*lines, options=["--dry-run", *options])
    assert "line 3: unresolved_team" in bad.out
    assert bad.code == (0 if options else 1)
    assert snapshot(picks.world.engine) == before
    assert not (picks.monps.home / "raw").exists()


def test_rejected_lines_can_be_written_into_a_file(picks: Picks, tmp_path: Path) -> None:
    target = tmp_path / "rejected lines.csv"
    bad = {"agent": 'the "one",\nme', "price": "1"}
    assert picks.take({"home": "Arsenall"}, bad, options=["--rejected", str(target)]).code == 1
    first, second = read(target)
    assert list(first) == ["line", "reason", "what is wrong", "text"]
    assert (first["line"], first["reason"], first["text"]) == ("2", "unresolved_team", line_of({"home": "Arsenall"}))
    assert "did you mean arsenal" in first["what is wrong"]
    assert (second["line"], second["text"]) == ("3", line_of(bad))
    assert picks.take(on(picks.world.matches[0]), options=["--rejected", str(target)]).code == 0
    assert read(target) == []


def test_where_rejected_lines_cannot_be_written_nothing_is_imported(picks: Picks, tmp_path: Path) -> None:
    said = picks.take(on(picks.world.matches[0]), options=["--rejected", str(tmp_path / "no" / "file.csv")])
    assert said.code == 1
    assert "No such file or directory" in said.err
    assert picks.world.count() == 0


def test_rejected_lines_are_not_written_over_the_file_they_stand_in(picks: Picks) -> None:
    path = picks.world.write("mine.csv", on(picks.world.matches[0]), {"price": "1"})
    before = path.read_bytes()
    assert picks("import", path, "--rejected", path).code != 0
    assert path.read_bytes() == before


def test_columns_that_are_not_read_are_named(picks: Picks) -> None:
    columns = ("pick_id", *COLUMNS, "result")
    line = line_of({**on(picks.world.matches[0]), "pick_id": "7", "result": "win"}, columns)
    path = picks.world.write("mine.csv", body=f"{','.join(columns)}\n{line}\n".encode())
    assert picks("import", path).out.startswith(
        "Not read, because the platform computes them: pick_id, result mine.csv:"
    )


def test_a_file_that_is_none_is_told_to_be_that(picks: Picks) -> None:
    bodies = {
        "mine.csv is not UTF-8 (byte 0): save it as CSV UTF-8": b"\xff\xfea\x00",
        "mine.csv is empty: it needs a header with agent, league, date": b"",
        "mine.csv: the cells are not separated by commas": b"agent;league\nme;E0\n",
        "mine.csv lacks the columns date, home": b'agent,league\n"me',
    }
    for words, body in bodies.items():
        said = picks("import", picks.world.write("mine.csv", body=body))
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith(f"monps: nothing was imported: {words}")
    assert picks.world.count("ops.raw_files") == 0


def test_a_file_that_is_not_there_is_a_wrong_call(picks: Picks) -> None:
    for path, words in ((picks.world.folder / "none.csv", "does not exist"), (picks.world.folder, "is a directory")):
        said = picks("import", path)
        assert said.code == 2
        assert words in said.err


def test_picks_that_could_not_be_settled_are_not_passed_over_in_silence(
    picks: Picks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("prices of which no probabilities can be made")

    monkeypatch.setattr(ledger_module, "close_picks", fail)
    said = picks.take(on(picks.world.matches[0]))
    assert picks.world.count() == 1
    assert "prices of which no probabilities can be made" in said.out + said.err


# Export


def everything(picks: Picks) -> list[Cells]:
    """Every side of every market, quarter lines, probabilities, times in other zones, names that need quotes."""
    lines: list[Cells] = []
    for market, sides in PICK_SIDES.items():
        for side in sides:
            match = picks.world.matches[len(lines) % 12]
            line = {Market.OVER_UNDER: "2.75", Market.ASIAN_HANDICAP: "-0.25"}.get(market, "")
            cells = {
                "market": market.value,
                "side": side.value,
                "line": line,
                "bookmaker": ("B365", "PS")[len(lines) % 2],
            }
            lines.append(
                on(match, **cells, price=f"{1.0001 + len(lines) * 7.7:.4f}", stake=f"{0.5 + len(lines) / 3:.3f}")
            )
    first, zoned = picks.world.matches[0], picks.world.matches[1]
    day = zoned.match_date
    lines += [
        on(first, agent='the "one", me', strategy="late,\tgoals", model_probability="0.123456789012345"),
        on(first, agent="Zoë 李", model_probability="0.1", bookmaker="William Hill"),
        on(zoned, agent="zones", taken_at=f"{day}T03:00:00.123456-07:00", market="ah", line="0"),
        on(zoned, agent="zones", taken_at=f"{day - timedelta(days=1)}T23:59+05:30", market="ah", line="+10.75"),
        {"agent": "spain", "league": "SP1", "home": "Sevilla", "away": "Betis", "taken_at": "2019-08-09T09:00Z"},
    ]
    return lines


def test_what_is_exported_can_be_imported_again_and_gives_the_same_picks(picks: Picks, tmp_path: Path) -> None:
    values = "origin, edge, hours_before_kickoff, result, profit, closing_price, clv_percentage, clv_no_vig_percentage"
    query = PICKS.replace(
        "p.agent, h.name", f"{', '.join(f'p.{name}' for name in values.split(', '))}, p.agent, h.name"
    )
    lines = everything(picks)
    assert picks.take(*lines).code == 0
    before = picks.world.rows(query)
    assert len(before) == len(lines) == 19
    path = tmp_path / "exported.csv"
    assert picks("export", "--own", "-o", path).code == 0
    picks.world.do("DELETE FROM tracking_clv_picks")
    said = picks("import", path)
    assert said.out.startswith(f"Not read, because the platform computes them: {', '.join(COMPUTED)}")
    assert said.out.endswith("19 lines read, 19 new, 0 held already, 0 rejected.")
    assert picks.world.rows(query) == before
    assert picks("import", path).out.endswith("19 lines read, 0 new, 19 held already, 0 rejected.")


def test_a_small_probability_can_be_exported_and_imported_again(picks: Picks, tmp_path: Path) -> None:
    assert picks.take(on(picks.world.matches[0], price="900", model_probability="0.00005")).code == 0
    path = tmp_path / "exported.csv"
    picks("export", "-o", path)
    assert read(path)[0]["model_probability"] == "0.00005"
    assert "1 held already" in picks("import", path).out


def test_an_export_shows_picks_as_they_were_taken_with_their_close_and_their_end(picks: Picks) -> None:
    match = picks.world.matches[0]
    picks.take(on(match, price="2.10", stake="1.50", taken_at="2019-08-10T12:00+02:00"))
    (row,) = picks.exported()
    assert list(row) == [*COLUMNS, *COMPUTED]
    taken = {"agent": "me", "league": "E0", "date": "2019-08-10", "home": "Arsenal", "away": "Brentford", "line": ""}
    bet = {"market": "1x2", "side": "home", "bookmaker": "B365", "price": "2.1", "stake": "1.5"}
    close = {"closing_price": "2", "closing_source": "same_bookmaker", "closing_bookmaker": "B365"}
    end = {"season": "2019-20", "score": "2-1", "result": "win", "profit": "1.65", "clv_percentage": "5"}
    others = {"taken_at": "2019-08-10T10:00:00+00:00", "pick_id": picks.pick_id(), "origin": "own", "strategy": ""}
    expected = {**taken, **bet, **close, **end, **others}
    assert {name: row[name] for name in expected} == expected


def test_an_export_goes_to_standard_output_and_nothing_else_does(picks: Picks) -> None:
    picks.take(on(picks.world.matches[0]), on(picks.world.matches[1]))
    said = picks("export")
    assert (said.code, said.err) == (0, "")
    picks.exported()
    assert said.out == " ".join((picks.world.folder / "exported").read_text(encoding="utf-8").split())
    assert said.out.startswith(",".join((*COLUMNS, *COMPUTED)) + " me,E0,2019-08-10,Arsenal,")


def test_an_export_without_a_pick_is_a_header(picks: Picks) -> None:
    assert picks("export").out == ",".join((*COLUMNS, *COMPUTED))
    assert picks.exported() == []


@pytest.fixture
def several(picks: Picks) -> Picks:
    """Picks of persons in two leagues and two seasons, and one of a built-in agent."""
    last_year = played("Arsenal", "Derby", day=date(2019, 2, 10))
    write_matches(picks.world.sessions, last_year, partition=Partition(E0, Season(2018)))
    first = picks.world.matches[0]
    spain = {"league": "SP1", "home": "Sevilla", "away": "Betis", "taken_at": "2019-08-09T09:00Z"}
    picks.take(on(first), on(first, agent="she"), {**spain, "agent": "she"}, on(last_year, agent="he"))
    picks.take(on(first, agent="robot"), name="robot.csv")
    copied = "match_id, market, side, bookmaker_id, price_taken, stake, data_version"
    picks.world.do(
        f"INSERT INTO tracking_clv_picks (agent, origin, {copied}) "
        f"SELECT 'sharp_value', 'walk_forward', {copied} FROM tracking_clv_picks WHERE agent = 'robot'",
        "DELETE FROM tracking_clv_picks WHERE agent = 'robot'",
    )
    return picks


CHOICES: dict[str, tuple[Sequence[str], str]] = {
    "nothing": ([], "he me she sharp_value she"),
    "persons": (["--own"], "he me she she"),
    "one agent": (["--agents", "she"], "she she"),
    "two agents": (["--agents", " she , sharp_value,"], "she sharp_value she"),
    "a built-in agent's own": (["--agents", "sharp_value", "--own"], ""),
    "a league": (["--leagues", "sp1"], "she"),
    "two leagues": (["--leagues", "SP1,E0"], "he me she sharp_value she"),
    "a league without picks": (["--leagues", "D1"], ""),
    "a season": (["--seasons", "2018-19"], "he"),
    "all three": (["--seasons", "2018-19:2019-20", "--leagues", "E0", "--agents", "he,she"], "he she"),
    "a season without picks": (["--seasons", "1999-00"], ""),
}


def test_agents_leagues_and_seasons_can_be_chosen(several: Picks) -> None:
    for what, (options, agents) in CHOICES.items():
        assert sorted(row["agent"] for row in several.exported(*options)) == sorted(agents.split()), what


def test_leagues_and_seasons_that_there_are_not_are_a_wrong_call(several: Picks) -> None:
    wrong = {
        "unknown league 'XX9'; known leagues: E0, SP1": ("--leagues", "XX9"),
        "no league named": ("--leagues", ","),
        "2019": ("--seasons", "2019"),
        "2020-21": ("--seasons", "2020-21:2019-20"),
    }
    for (words, options), command in itertools.product(wrong.items(), ("export", "report")):
        said = several(command, *options)
        assert (said.code, said.out) == (2, ""), (command, options)
        assert words in said.err


def test_an_agent_that_there_is_not_is_a_wrong_call(several: Picks) -> None:
    for command in ("export", "report"):
        said = several(command, "--agents", "me,nobody")
        assert (said.code, said.out) == (2, ""), command
        assert "nobody" in said.err


def test_an_agent_whose_name_has_a_comma_can_be_chosen(picks: Picks) -> None:
    name = "sharp value(threshold=1.05, stake=2.0)"  # as a built-in agent is called whose parameters are one's own
    picks.take(on(picks.world.matches[0], agent=name), on(picks.world.matches[1]))
    assert [row["agent"] for row in picks.exported("--agents", name)] == [name]


def test_where_an_export_cannot_be_written_it_says_where_and_why(picks: Picks, tmp_path: Path) -> None:
    target = tmp_path / "no" / "file.csv"
    said = picks("export", "-o", target)
    assert said.code == 1
    assert f"{target}: No such file or directory" in said.err
    assert picks("export", "-o", tmp_path).code == 2


# Report


def test_a_report_shows_what_picks_were_worth_and_what_they_came_to(several: Picks) -> None:
    said = several("report")
    assert said.code == 0
    for words in ("What the picks were worth at the close", "What they came to", "sharp_value: closing prices"):
        assert words in said.out
    assert "she: by league" in said.out
    assert "she: 2 picks on 2 matches" in said.out
    assert "Simulated" not in said.out
    assert said.out.endswith("All columns of all tables, and pictures: --html FILE; or --markdown.")
    chosen = several("report", "--agents", "he", "--seasons", "2018-19")
    assert "he: 1 pick on 1 match" in chosen.out
    assert "she" not in chosen.out


def test_a_report_as_markdown_has_tables_and_no_terminal(several: Picks) -> None:
    said = several("report", "--markdown", "--agents", "she")
    assert said.code == 0
    assert said.out.startswith("- she: 2 picks on 2 matches")
    assert "| agent | picks |" in said.out
    assert "What they came to" not in said.out


def test_simulated_football_is_named_and_kept_apart(picks: Picks) -> None:
    simulated = played("Sim A", "Sim B", day=date(2019, 8, 10))
    where = Partition(league("SIM1"), SEASON)
    write_matches(picks.world.sessions, simulated, partition=where, source="simulated")
    picks.take(on(simulated, league="SIM1"), on(picks.world.matches[0]))
    said = picks("report", "--markdown")
    assert said.out.count("me: 1 pick on 1 match") == 2
    assert said.out.index("Simulated leagues, no real football.") > said.out.index("me: 1 pick on 1 match")


def test_the_page_holds_its_pictures_and_escapes_the_names_of_agents(picks: Picks, tmp_path: Path) -> None:
    name = "<b>x</b> & [red]co[/]"
    picks.take(*(on(match, agent=name) for match in picks.world.matches))
    page = tmp_path / "new" / "report.html"
    said = picks("report", "--html", page, "--agents", name)
    assert (said.code, said.out) == (0, f"Report written to {page}")
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert len(sources) >= 2
    assert [source[:40] for source in sources if not source.startswith("data:image/png;base64,iVBOR")] == []
    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("&lt;b&gt;x&lt;/b&gt; &amp; [red]co[/]") > 3
    assert "agents &lt;b&gt;x" in html  # which picks were chosen
    assert [path.name for path in page.parent.iterdir()] == ["report.html"]


def test_a_bar_in_the_name_of_an_agent_ends_no_cell_of_a_table(picks: Picks) -> None:
    picks.take(on(picks.world.matches[0], agent="[red]a|b[/]"))
    assert "[red]a|b[/]: 1 pick on 1 match" in picks("report").out
    assert r"| [red]a\|b[/] | 1 |" in picks("report", "--markdown").out


def test_a_name_is_shown_to_the_letter_even_where_a_terminal_knows_a_picture_for_it(picks: Picks) -> None:
    assert "no club of E0 is called 'FC :heart:'" in picks.take({"home": "FC :heart:"}).out
    picks.take(on(picks.world.matches[0], agent=":x:"))
    assert ":x:: 1 pick on 1 match" in picks("report").out


def test_a_report_without_picks_says_what_to_do_and_writes_no_page(picks: Picks, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    for options in ([], ["--markdown"], ["--html", str(page)], ["--leagues", "D1"]):
        said = picks("report", *options)
        assert (said.code, said.out) == (1, "")
        wrong = "no picks of leagues D1: choose others" if "D1" in options else "There are no picks yet. Run: monps up"
        assert said.err == f"monps: {wrong}"
    assert not page.exists()


# Alias


def test_a_spelling_can_be_given_its_club_and_the_file_goes_in(picks: Picks) -> None:
    line = on(picks.world.matches[0], home="The Gunners")
    assert picks.take(line).code == 1
    said = picks("alias", "The Gunners", "Arsenal", "--league", "e0")
    assert (said.code, said.err) == (0, "")
    assert said.out == "In files of picks 'The Gunners' means Arsenal (E0). Import the file again."
    assert picks.take(line).code == 0
    assert picks.world.rows("SELECT method FROM team_aliases WHERE spelling = 'The Gunners'") == [("by_hand",)]
    assert picks.world.queued() == []


def test_an_alias_can_be_given_before_the_spelling_was_met_and_to_another_club_later(picks: Picks) -> None:
    for club in ("Arsenal", "Chelsea"):
        assert picks("alias", "Londoners", club, "--league", "E0").code == 0
    assert picks.world.rows("""SELECT t.name FROM team_aliases a JOIN teams t ON t.id = a.team_id
                               WHERE a.spelling = 'Londoners'""") == [("Chelsea",)]


def test_an_alias_of_a_club_or_league_that_there_is_not_is_refused_with_what_comes_near(picks: Picks) -> None:
    said = picks("alias", "Gunners", "Arsenall", "--league", "E0")
    assert (said.code, said.out) == (1, "")
    assert said.err == "monps: no club in E0 is called 'Arsenall'. Did you mean Arsenal?"
    assert "no club in SP1 is called 'Arsenal'" in picks("alias", "Gunners", "Arsenal", "--league", "SP1").err
    unknown = picks("alias", "Gunners", "Arsenal", "--league", "XX9")
    assert (unknown.code, "unknown league 'XX9'" in unknown.err) == (2, True)
    assert picks("alias", "Gunners", "Arsenal").code == 2
    assert picks.world.count("team_aliases WHERE source = 'picks'") == 0


def test_an_alias_in_a_database_without_football_says_what_to_do(monps: Monps) -> None:
    said = monps("picks", "alias", "Gunners", "Arsenal", "--league", "E0")
    assert said.code == 1
    assert "load some football first (monps up)" in said.err


def test_an_alias_without_a_letter_is_refused(picks: Picks) -> None:
    assert picks("alias", " ", "Arsenal", "--league", "E0").code != 0
    assert picks.world.count("team_aliases WHERE source = 'picks'") == 0


# Correct


@pytest.fixture
def corrected(picks: Picks, monkeypatch: pytest.MonkeyPatch) -> Picks:
    """Two picks of the same match, both won; the login is alice."""
    monkeypatch.setattr(getpass, "getuser", lambda: "alice")
    match = picks.world.matches[0]
    assert picks.take(on(match), on(match, agent="other")).code == 0
    return picks


def test_a_result_can_be_corrected_and_it_is_kept_who_did_it_and_why_and_what_was(corrected: Picks) -> None:
    said = corrected("correct", corrected.pick_id(), "--result", "void", "--why", "abandoned, stakes returned")
    assert (said.code, said.err) == (0, "")
    kept = f"Pick {corrected.pick_id()} is corrected; what it was is kept in ops.pick_corrections."
    assert said.out == kept
    assert corrected.state() == ("void", Decimal(0), Decimal(2), Decimal(5))
    assert corrected.state("other")[0] == "win"
    ((part, who, why, was, is_now),) = corrected.world.rows(CORRECTIONS)
    assert (part, who, why) == ("settlement", "alice", "abandoned, stakes returned")
    assert (was["result"], was["profit"], is_now["result"], is_now["profit"]) == ("win", 1.1, "void", 0)


def test_a_closing_price_can_be_corrected_and_gives_clv_without_a_no_vig_one(corrected: Picks) -> None:
    arguments = ["correct", corrected.pick_id(), "--closing-price", "1.95", "--why", "screenshot", "--by", "bob"]
    assert corrected(*arguments).code == 0
    result, profit, price, clv = corrected.state()
    assert (result, profit, price) == ("win", Decimal("1.1"), Decimal("1.95"))
    assert float(clv) == pytest.approx((2.1 / 1.95 - 1) * 100, abs=1e-9)
    others = "closing_source, clv_no_vig_percentage, no_closing_reason"
    assert corrected.world.rows(f"SELECT {others} FROM tracking_clv_picks WHERE agent = 'me'") == [
        ("stated", None, None)
    ]
    ((part, who, why, was, is_now),) = corrected.world.rows(CORRECTIONS)
    assert (part, who, why, was["closing_price"], is_now["closing_price"]) == ("closing", "bob", "screenshot", 2, 1.95)


def test_a_closing_price_can_be_stated_where_there_was_none_and_both_at_once(picks: Picks) -> None:
    picks.take(on(picks.world.matches[0], market="btts", side="yes"))
    assert picks.state() == ("win", Decimal("1.1"), None, None)
    arguments = ["--closing-price", "2", "--result", "loss", "--why", "own records", "--by", "bob"]
    assert picks("correct", picks.pick_id(), *arguments).code == 0
    assert picks.state() == ("loss", Decimal(-1), Decimal(2), Decimal(5))
    assert [row[0] for row in picks.world.rows(CORRECTIONS)] == ["settlement", "closing"]


def test_what_was_corrected_by_hand_the_platform_leaves_alone(corrected: Picks) -> None:
    arguments = ["--result", "void", "--closing-price", "1.95", "--why", "own records"]
    assert corrected("correct", corrected.pick_id(), *arguments).code == 0
    state, world = corrected.state(), corrected.world
    lost = played("Arsenal", "Brentford", (0, 3), day=date(2019, 8, 10))
    write_matches(world.sessions, lost, *world.matches[1:])
    write_odds(world.sessions, [lost], ["B365"], block(Market.ONE_X_TWO, Quote(0, ("3", "3.5", "2.4"), closing=True)))
    ledger = Ledger(lambda: UnitOfWork(world.sessions), [])
    worked = list(ledger.work(ledger.partitions(), (PickStep.CLOSE, PickStep.SETTLE)))
    assert [outcome.changes.updated for outcome in worked if outcome.partition == HERE] == [2]
    assert corrected.state("other") == ("loss", Decimal(-1), Decimal(3), Decimal(-30))
    assert corrected.state() == state
    assert corrected.take(on(world.matches[1], agent="late")).code == 0
    assert corrected.state() == state
    export = {row["agent"]: row for row in corrected.exported()}
    assert (export["me"]["result"], export["me"]["closing_source"]) == ("void", "stated")
    assert corrected("report").code == 0


def test_a_correction_waits_for_the_platform_and_corrects_what_it_has_done(corrected: Picks) -> None:
    """Else the platform, which looked before, would write over it."""
    world, said = corrected.world, list[Said]()
    arguments = ["correct", corrected.pick_id(), "--result", "void", "--why", "own records"]
    thread = threading.Thread(target=lambda: said.append(corrected(*arguments)))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    with UnitOfWork(world.sessions) as unit:
        unit.picks.hold(HERE)
        write_matches(world.sessions, played("Arsenal", "Brentford", (0, 3), day=date(2019, 8, 10)), *world.matches[1:])
        settle_picks(unit, HERE, datetime.now(UTC))
        thread.start()
        while thread.is_alive() and not world.value(waiting):
            thread.join(0.01)
        assert thread.is_alive()
        unit.commit()
    thread.join()
    assert [item.code for item in said] == [0]
    assert corrected.state()[0] == "void"
    kept = world.rows(
        "SELECT p.agent, was ->> 'result', is_now ->> 'result' FROM ops.pick_corrections c "
        "JOIN tracking_clv_picks p ON p.id = c.pick_id ORDER BY p.agent, c.id"
    )
    assert kept == [("me", "win", "loss"), ("me", "loss", "void"), ("other", "win", "loss")]


def refused_correction(corrected: Picks, *arguments: str) -> str:
    """What is said of a correction that is a wrong call and changes nothing."""
    before = corrected.world.rows(TRACES)
    said = corrected("correct", corrected.pick_id(), "--why", "a test", *arguments)
    assert (said.code, said.out) == (2, "")
    assert corrected.world.rows(TRACES) == before
    assert corrected.world.count("ops.pick_corrections") == 0
    return said.err


def test_a_correction_that_makes_no_sense_is_refused_and_changes_nothing(corrected: Picks) -> None:
    results = "is no result: win, half_win, push, half_loss, loss, void"
    prices = "is no price: decimal odds above 1, at most 1000"
    for result in ("won", "", "WIN"):
        assert refused_correction(corrected, "--result", result) == f"monps: {result!r} {results}"
    for price in ("1", "evens", "NaN", "Infinity", "-110", ""):
        assert refused_correction(corrected, "--closing-price", price) == f"monps: {price!r} {prices}"
    assert "'x' is no price" in refused_correction(corrected, "--result", "void", "--closing-price", "x")
    assert "say what is to be corrected: --result or --closing-price" in refused_correction(corrected)


def test_a_closing_price_beyond_all_numbers_is_refused(corrected: Picks) -> None:
    assert "'1e400' is no price" in refused_correction(corrected, "--closing-price", "1e400")


@pytest.mark.parametrize("result", ["half_win", "half_loss", "push"])
def test_a_result_that_a_bet_cannot_have_is_refused_in_words(corrected: Picks, result: str) -> None:
    said = refused_correction(corrected, "--result", result)
    assert result in said
    assert "Failing row" not in said


def test_a_pick_that_there_is_not_and_a_correction_without_who_and_why_are_refused(corrected: Picks) -> None:
    unknown = corrected("correct", "4711", "--result", "void", "--why", "a test")
    assert (unknown.code, unknown.err) == (1, "monps: there is no pick 4711: monps picks export shows their ids")
    for arguments in (["--why", " "], ["--why", "a test", "--by", " "]):
        said = corrected("correct", corrected.pick_id(), "--result", "void", *arguments)
        assert (said.code, said.err) == (2, "monps: a correction is kept with who made it and why: give both")
    assert corrected("correct", corrected.pick_id(), "--result", "void").code == 2
    assert corrected("correct", "first", "--result", "void", "--why", "a test").code == 2
    assert corrected.world.count("ops.pick_corrections") == 0


# Any of them


COMMANDS: Sequence[Sequence[str]] = (
    ("import", "mine.csv"),
    ("export",),
    ("report",),
    ("alias", "Gunners", "Arsenal", "--league", "E0"),
    ("correct", "1", "--result", "void", "--why", "a test"),
)


@pytest.fixture
def file_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of picks in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_bytes(file_of({}))


@pytest.mark.usefixtures("file_at_hand")
def test_without_a_database_each_says_what_to_do_and_makes_none(plain: Monps) -> None:
    for arguments in COMMANDS:
        said = plain("picks", *arguments)
        assert (said.code, said.out) == (1, ""), arguments
        assert "there is no database yet" in said.err
        assert said.err.endswith("Run: monps up")
    assert not plain.home.exists()


@pytest.mark.usefixtures("file_at_hand")
def test_a_database_that_is_not_migrated_is_said_to_be_that(plain: Monps, empty_database: DatabaseAddress) -> None:
    plain.set(**database_variables(empty_database))
    for arguments in COMMANDS:
        said = plain("picks", *arguments)
        assert said.code == 1, arguments
        assert "not migrated yet: monps migrate" in said.err


@pytest.mark.usefixtures("file_at_hand")
def test_no_password_is_told_when_the_server_does_not_let_one_in(picks: Picks) -> None:
    picks.monps.set(MONPS_DB_PASSWORD="hunter2")
    for arguments in COMMANDS:
        said = picks(*arguments)
        assert (said.code, said.out) == (1, ""), arguments
        assert "password authentication failed" in said.err
        assert "Check MONPS_DB_USER and MONPS_DB_PASSWORD" in said.err
        assert "hunter2" not in said.err


def test_the_group_says_what_it_can_do(plain: Monps) -> None:
    said = plain("picks", "--help")
    assert said.code == 0
    for command, *_ in COMMANDS:
        assert f" {command} " in said.out
