"""The `monps` command and its sub-commands."""

from __future__ import annotations

import logging
import os
import sys
from datetime import datetime
from pathlib import Path

import click
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from monps_platform import __version__
from monps_platform.cli.failure import Failure
from monps_platform.settings import Settings

# Only this module is imported for --help: what a command needs is imported when it runs.

CONTEXT = {"help_option_names": ["-h", "--help"]}
err = Console(stderr=True, highlight=False)


def load_settings() -> Settings:
    """The settings; raises Failure naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"MONPS_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" if item["loc"] else item["msg"]
            for item in error.errors()
        ]
        raise Failure("a setting is wrong (environment or .env):\n" + "\n".join(lines)) from None


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="monps")
@click.option("-v", "--verbose", is_flag=True, help="Show what happens underneath.")
def cli(verbose: bool) -> None:
    """Football odds, shots and forecasts in PostgreSQL, with lineage, checks and history.

    Begin with `monps up`: it starts a database, fetches what changed, loads it, checks it and tells you how it went.
    `monps ui` shows it in the browser, `monps psql` opens it in SQL.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    # Whoever waits for another migration should know it.
    logging.getLogger("monps_platform.db.schema.migrations").setLevel(logging.INFO if verbose else logging.WARNING)


@cli.command()
@click.option("--leagues", metavar="E0,SP1", help="Leagues by code, comma-separated. Default: the five top leagues.")
@click.option(
    "--seasons",
    metavar="2019-20:2021-22",
    help="Seasons, one, a range or comma-separated. Default: the last three and the current one.",
)
@click.option("--reload", is_flag=True, help="Load again even what has not changed since it was loaded.")
def up(leagues: str | None, seasons: str | None, reload: bool) -> None:
    """Fetch, load and check everything there is.

    Starts the embedded PostgreSQL if no server is configured, creates and migrates the databases, fetches the files
    that changed, loads matches, odds, shots and players, forecasts the matches, runs every check and ends with a table.
    Run it as often as you like: what has not changed is not touched. Exit code 0 only if every partition was loaded and
    every blocking check passed.

    Without a connection to football-data.co.uk, and nothing fetched before, simulated leagues (SIM1, SIM2) stand in.
    """
    from monps_platform.cli.up import run_up

    run_up(load_settings(), leagues, seasons, reload=reload)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1. Default: MONPS_UI_PORT, else 3000.")
def ui(port: int | None) -> None:
    """Open Dagster's UI: lineage, runs, checks and their history.

    Serves on 127.0.0.1 until Ctrl-C, together with the daemon that runs what you launch there.
    """
    from monps_platform.cli.ui import run_ui

    settings = load_settings()
    run_ui(settings, port or settings.ui_port)


@cli.command()
def down() -> None:
    """Stop the embedded PostgreSQL. The data stays; `monps up` starts it again."""
    from monps_platform.cli.server import stop

    stop(load_settings())


@cli.command()
def status() -> None:
    """Show the server, the migration, and how many rows each table holds."""
    from monps_platform.cli.server import show_status

    show_status(load_settings())


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON; docs/health.md says what the keys mean.")
def health(as_json: bool) -> None:
    """Look at everything and tell how it is, worst first.

    Database, disks, age of the data, Dagster's daemons and runs, backups: each finding has a severity and says what to
    do. It starts nothing. The findings are kept in ops.health_sweeps and written as metrics for Prometheus to
    metrics/monps.prom in MONPS_HOME. Exit code 0, or 1 if something is critical.
    """
    from monps_platform.cli.health import show_health

    show_health(load_settings(), as_json=as_json)


@cli.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1. Default: MONPS_METRICS_PORT, else 9543."
)
def metrics(port: int | None) -> None:
    """Serve the health sweep to Prometheus.

    Answers http://127.0.0.1:9543/metrics until Ctrl-C; each answer is a sweep that is a few seconds old at most.
    """
    from monps_platform.cli.health import serve_metrics

    settings = load_settings()
    serve_metrics(settings, port or settings.metrics_port)


@cli.command()
@click.option(
    "--check", is_flag=True, help="Change nothing: tell what is left to migrate, and drift of tables and roles."
)
@click.option("--adopt", is_flag=True, help="Take over a database that has the tables but no migration's stamp.")
def migrate(check: bool, adopt: bool) -> None:
    """Bring the tables to the newest version of the schema.

    With --check the exit code is 0 only if the database is at the newest migration and its tables are those of the
    models. With --adopt the database is stamped with the migration that its tables equal, if there is one; the proof
    makes a database on the server for a moment.
    """
    from monps_platform.cli import schema

    if check and adopt:
        raise click.UsageError("--check changes nothing, --adopt does: choose one of them")
    chosen = schema.check if check else schema.adopt_database if adopt else schema.migrate
    chosen(load_settings())


@cli.command()
def backup() -> None:
    """Back the database up into MONPS_BACKUPS_DIR.

    One snapshot is dumped, read back and kept with what is in it: rows and checksums of every table. Older backups go
    by count and age (MONPS_BACKUPS_KEEP_COUNT, MONPS_BACKUPS_KEEP_DAYS), the newest verified one never.
    """
    from monps_platform.cli.backups import make

    make(load_settings())


@cli.command()
def backups() -> None:
    """List the backups, newest first."""
    from monps_platform.cli.backups import show

    show(load_settings())


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--database", metavar="NAME", help="Into a database of this name, which is made if there is none.")
def restore(file: Path, database: str | None) -> None:
    """Restore a backup into an empty database.

    FILE is a backup that `monps backups` lists, or its path. Its sha256 is checked before, and afterwards rows and
    checksums of every table and the schema. A database that holds anything is refused: nothing is ever written over.
    """
    from monps_platform.cli.backups import bring_back

    bring_back(load_settings(), file, database)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON; docs/migrations.md says what the keys mean.")
@click.option("--table", "tables", metavar="NAME", multiple=True, help="Only this table; may be given several times.")
def introspect(as_json: bool, tables: tuple[str, ...]) -> None:
    """Compare the live tables with the models.

    Tells every difference and changes nothing.

    Columns, types, nullability, defaults, keys, constraints, indexes, triggers, enum labels and comments. Exit code 0
    if they are equal, 1 if not, 2 if the command was called wrongly.
    """
    from monps_platform.cli.schema import introspect as compare

    compare(load_settings(), tables, as_json=as_json)


@cli.command()
@click.option("--leagues", metavar="E0,SP1", help="Leagues by code, comma-separated. Default: all.")
@click.option("--seasons", metavar="2019-20:2021-22", help="Seasons, one, a range or comma-separated. Default: all.")
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="As Markdown, with everything that docs/forecasts.md shows."
)
@click.option(
    "--picture", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Draw the calibration."
)
def forecasts(leagues: str | None, seasons: str | None, as_markdown: bool, picture: Path | None) -> None:
    """Show how good the forecasts of played matches were.

    The goal model beside the market before the match and at its close, without the bookmaker's margin, and beside base
    rates: ranked probability score, log loss, Brier score and calibration, on the same matches, with intervals.
    """
    from monps_platform.cli.forecasts import show_forecasts

    show_forecasts(load_settings(), leagues, seasons, as_markdown=as_markdown, picture=picture)


@cli.command("team")
@click.argument("name")
@click.option("--season", metavar="2020-21", help="Default: the newest that the team has DNA of.")
@click.option("--as-of", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="As it stood on a day: 2021-01-01.")
def team_card(name: str, season: str | None, as_of: datetime | None) -> None:
    """Show a team's card: profile, DNA, opponents, scorers.

    NAME is the club's name, or how a source spells it. Every figure says what it rests on, or why it is missing;
    docs/cards.md says what they mean.
    """
    from monps_platform.cli.cards.team import show_team

    show_team(load_settings(), name, season, None if as_of is None else as_of.date())


@cli.command("match")
@click.argument("home")
@click.argument("away")
@click.option("--season", metavar="2020-21", help="Default: the newest that both teams have DNA of.")
def match_card(home: str, away: str, season: str | None) -> None:
    """Show a match's card: forecast, market, friction, scorers.

    It is about the next match that HOME plays at home against AWAY; if none is scheduled, about one that might be.
    """
    from monps_platform.cli.cards.match import show_match

    show_match(load_settings(), home, away, season)


@cli.group()
def picks() -> None:
    """Import your picks, and see what they and the agents' were worth.

    docs/picks.md says what a file of picks holds and how each figure comes about.
    """


_OF_LEAGUES = click.option("--leagues", metavar="E0,SP1", help="Leagues by code, comma-separated. Default: all.")
_OF_SEASONS = click.option(
    "--seasons", metavar="2019-20:2021-22", help="Seasons, one, a range or comma-separated. Default: all."
)
_OF_AGENTS = click.option("--agents", metavar="NAME,NAME", help="Agents by name, comma-separated. Default: all.")
_FILE = click.Path(dir_okay=False, path_type=Path)


@picks.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-rejected", is_flag=True, help="Import the lines that are right, leave out the others.")
@click.option("--add-bookmakers", is_flag=True, help="Enter bookmakers that are not known yet.")
@click.option("--dry-run", is_flag=True, help="Change nothing: tell what would be imported, and what is wrong.")
@click.option("--rejected", metavar="FILE", type=_FILE, help="Write the rejected lines with their reasons as CSV.")
def import_picks(file: Path, skip_rejected: bool, add_bookmakers: bool, dry_run: bool, rejected: Path | None) -> None:
    """Import a CSV file of your own picks.

    A file goes in whole or not at all: if a line is wrong, it is told with its reason, nothing is imported, and the
    exit code is 1. Imported picks are compared with the close and settled at once, as far as their matches are played.
    Importing a file again adds what is new in it.
    """
    from monps_platform.cli.picks import Import, run_import

    run_import(load_settings(), file, Import(skip_rejected, add_bookmakers, dry_run, rejected))


@picks.command("export")
@click.option("-o", "--output", metavar="FILE", type=_FILE, help="Where to write. Default: standard output.")
@click.option("--own", is_flag=True, help="Only your own picks: what can be imported again.")
@_OF_AGENTS
@_OF_LEAGUES
@_OF_SEASONS
def export_picks(output: Path | None, own: bool, agents: str | None, leagues: str | None, seasons: str | None) -> None:
    """Write picks as CSV: as they were taken, with their close and their end."""
    from monps_platform.cli.picks import Chosen, run_export

    run_export(load_settings(), Chosen(agents, leagues, seasons), output, own=own)


@picks.command("report")
@click.option("--html", metavar="FILE", type=_FILE, help="Write a page with tables and pictures.")
@click.option(
    "--pictures", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path), help="Draw the pictures as PNG."
)
@click.option("--markdown", "as_markdown", is_flag=True, help="As Markdown, with every breakdown.")
@_OF_AGENTS
@_OF_LEAGUES
@_OF_SEASONS
def report_picks(
    html: Path | None,
    pictures: Path | None,
    as_markdown: bool,
    agents: str | None,
    leagues: str | None,
    seasons: str | None,
) -> None:
    """Show what picks were worth at the close and what they came to.

    By agent, league, market, bookmaker and season, each figure with a 95 % interval; and whether that may be chance.
    """
    from monps_platform.cli.picks import Chosen, Written, run_report

    run_report(load_settings(), Chosen(agents, leagues, seasons), Written(html, pictures), as_markdown=as_markdown)


@picks.command("alias")
@click.argument("spelling")
@click.argument("club")
@click.option("--league", metavar="E0", required=True, help="The league in which it is spelled so, by code.")
def alias_picks(spelling: str, club: str, league: str) -> None:
    """Say which CLUB a SPELLING in your files of picks means."""
    from monps_platform.cli.picks import run_alias

    run_alias(load_settings(), spelling, club, league)


@picks.command("correct")
@click.argument("pick_id", type=int)
@click.option("--why", required=True, help="The reason: it is kept, with your name and what was there before.")
@click.option("--by", metavar="NAME", help="Who corrects. Default: your login.")
@click.option("--result", metavar="RESULT", help="win, half_win, push, half_loss, loss or void.")
@click.option("--closing-price", metavar="PRICE", help="The last price before kickoff, as you saw it.")
def correct_pick(pick_id: int, why: str, by: str | None, result: str | None, closing_price: str | None) -> None:
    """Correct the result or the closing price of a pick by hand.

    The platform leaves alone what was corrected so. What was taken (price, stake, side, line) never changes. A stated
    closing price gives no no-vig CLV: the other sides' prices are not known.
    """
    from monps_platform.cli.picks import run_correct

    if result is None and closing_price is None:
        raise click.UsageError("say what is to be corrected: --result or --closing-price")
    run_correct(load_settings(), pick_id, (by, why), result, closing_price)


@cli.group()
def odds() -> None:
    """Ask The Odds API for prices of now, within its credits.

    docs/odds-api.md says how to get a key, what a call costs, when which league is asked, and what is stored.
    """


@odds.command("snapshot")
@_OF_LEAGUES
@click.option("--force", is_flag=True, help="Before their turn, too; the reserve of credits is kept all the same.")
def snapshot_odds(leagues: str | None, force: bool) -> None:
    """Ask for the leagues whose turn it is, and add the prices to the odds."""
    from monps_platform.cli.odds import run_snapshot

    run_snapshot(load_settings(), leagues, force=force)


@odds.command("plan")
@_OF_LEAGUES
def plan_odds(leagues: str | None) -> None:
    """Show which leagues would be asked now, and what may be spent. Nothing is sent."""
    from monps_platform.cli.odds import run_plan

    run_plan(load_settings(), leagues)


@odds.command("alias")
@click.argument("spelling")
@click.argument("club")
@click.option("--league", metavar="E0", required=True, help="The league in which it is spelled so, by code.")
def alias_odds(spelling: str, club: str, league: str) -> None:
    """Say which CLUB a SPELLING of The Odds API means."""
    from monps_platform.cli.odds import run_alias

    run_alias(load_settings(), spelling, club, league)


@cli.command()
@click.option("--all", "show_all", is_flag=True, help="Those that are over, too: the newest hundred.")
@click.option("--test", is_flag=True, help="Send a test message by every channel, and tell how that went.")
@click.option("--resolve", metavar="SUBJECT", help="Take an alert for over, for example of a job that is no more.")
def alerts(show_all: bool, test: bool, resolve: str | None) -> None:
    """Show what fails: jobs, checks, the database.

    Alerts go out by webhook (MONPS_ALERT_WEBHOOK_URL) or e-mail (MONPS_ALERT_EMAIL_TO) while `monps ui` runs;
    docs/alerts.md says when, to whom and how often. Exit code 1 if a test message could not be delivered.
    """
    from monps_platform.cli import alerts as commands

    settings = load_settings()
    if test:
        commands.send_test(settings)
    elif resolve is not None:
        commands.resolve(settings, resolve)
    else:
        commands.show(settings, show_all=show_all)


@cli.command()
@click.option("--dagster", is_flag=True, help="The database of Dagster's own storage instead.")
def url(dagster: bool) -> None:
    """Print a libpq URL, password included, for psql and other tools. Starts the embedded server if it is down.

    For example: pg_dump "$(monps url)" > odds.sql
    """
    from monps_platform.cli.server import print_url

    print_url(load_settings(), dagster=dagster)


@cli.command(context_settings={**CONTEXT, "ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open the database in psql. Further arguments go to psql.

    For example: monps psql -c 'select count(*) from odds'
    """
    from monps_platform.cli.server import run_psql

    run_psql(load_settings(), arguments)


def main() -> None:
    """The entry point: failures that a person can mend are told in words, without a traceback."""
    try:
        cli(prog_name="monps", standalone_mode=False)
    except Failure as failure:
        err.print(f"[bold red]monps:[/] {escape(str(failure))}", soft_wrap=True)
        sys.exit(failure.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        err.print("monps: interrupted; what was loaded whole stays, the rest is as it was")
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except _expected() as error:
        from monps_platform.cli.expected import in_words

        err.print(f"[bold red]monps:[/] {escape(in_words(error))}", soft_wrap=True)
        sys.exit(1)


def _expected() -> tuple[type[Exception], ...]:
    """Called when something else was raised, so that no command waits for the import."""
    from monps_platform.cli.expected import EXPECTED

    return EXPECTED
