"""The quantum assets, run by Dagster: what they tell, what a second run does, and that nothing sees the future."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.orchestration.outcomes import Status
from monps_platform.orchestration.pictures import canvas
from monps_platform.orchestration.pipelines import QUANTUM
from monps_platform.orchestration.quantum.config import QuantumConfig
from monps_platform.sources.raw_store import RawStore
from monps_platform.testing.databases import throwaway_database
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.db.quality.quantum_league import (
    CLUBS,
    CLUBS_OF_SMALL,
    CURRENT,
    PAST,
    SMALL,
    WINTER,
    load_seasons,
)
from monps_platform_tests.orchestration.platform import Platform, failure_text, fingerprint, materializations, recording

TABLES = tuple(f"quantum.{asset}" for asset in QUANTUM.steps)
PROFILES, DNA, STRATEGIES, FRICTION, SCORERS = QUANTUM.steps
HERE, BEFORE, THERE = str(CURRENT), str(PAST), str(SMALL)
WITHOUT_ROWS_OF_THEIR_OWN = ("id", "created_at", "updated_at", "data_version", "is_current")


@pytest.fixture(scope="module")
def whole(
    server: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory, shared_instance: dg.DagsterInstance
) -> Iterator[tuple[Platform, dg.ExecuteInProcessResult]]:
    """Simulated leagues, and the run over all of them with all checks; no test changes their rows."""
    folder = tmp_path_factory.mktemp("whole")
    with throwaway_database(server) as address:
        platform = _platform(address, folder, shared_instance)
        load_seasons(session_factory(platform.engine), platform.store)
        yield platform, platform.derive(checks=True)
        platform.engine.dispose()


@pytest.fixture
def loaded(
    server: DatabaseAddress, whole: tuple[Platform, dg.ExecuteInProcessResult], tmp_path: Path
) -> Iterator[Platform]:
    """A copy of it of the test's own."""
    original, _ = whole
    original.engine.dispose()
    with throwaway_database(server, template=original.database.database) as address:
        platform = _platform(address, tmp_path, original.instance)
        yield platform
        platform.engine.dispose()


def _platform(address: DatabaseAddress, folder: Path, instance: dg.DagsterInstance) -> Platform:
    return Platform(address, build_engine(address), RawStore(folder / "raw"), folder / "raw", Mirror(""), instance)


def quantum_rows(engine: Engine) -> Mapping[str, tuple[Any, ...]]:
    """Count and state of every row of the quantum tables."""
    return {name: state for name, state in fingerprint(engine).items() if name in TABLES}


def derived(
    platform: Platform, config: QuantumConfig | None = None, steps: Sequence[str] = QUANTUM.steps
) -> dict[str, dict[str, Status]]:
    """What a run did with each league's season, by asset."""
    progress = recording()
    result = platform.derive(config, progress, steps=steps)
    assert result.success, failure_text(result)
    return {asset: progress.of(asset) for asset in steps}


def changed(found: Mapping[str, Mapping[str, Status]]) -> dict[str, set[str]]:
    """The leagues' seasons whose rows a run changed, by asset."""
    return {asset: {name for name, status in of.items() if status is Status.LOADED} for asset, of in found.items()}


# What they tell


def test_a_run_derives_a_row_per_team_pair_strategy_and_player_and_passes_every_check(
    whole: tuple[Platform, dg.ExecuteInProcessResult],
) -> None:
    platform, result = whole
    assert result.success, failure_text(result)
    teams, both = 2 * CLUBS + CLUBS_OF_SMALL, CLUBS + CLUBS_OF_SMALL
    held = {name: state[0] for name, state in quantum_rows(platform.engine).items()}
    assert held["quantum.chess_classifications"] == held["quantum.team_quantum_dna"] == teams
    assert held["quantum.quantum_friction_matrix"] == CLUBS * (CLUBS - 1) + both * (both - 1)
    assert held["quantum.goalscorer_profiles"] > 300
    evaluations = result.get_asset_check_evaluations()
    assert {item.asset_key.to_user_string() for item in evaluations} == set(QUANTUM.steps)
    # Simulated teams have no style: their profiles are of chance and their friction foretells nothing, and those checks
    # are there to say so.
    assert {item.check_name for item in evaluations if not item.passed} == {"profiles_are_stable", "friction_foretells"}


@pytest.mark.parametrize("asset", QUANTUM.steps)
def test_an_asset_tells_its_rows_and_shows_some(whole: tuple[Platform, dg.ExecuteInProcessResult], asset: str) -> None:
    platform, result = whole
    (told,) = materializations(result, asset).values()
    count = quantum_rows(platform.engine)[f"quantum.{asset}"][0]
    assert told["dagster/row_count"] == told["rows_inserted"] == told["rows_loaded"] == count
    assert (told["partitions"], told["partitions_unchanged"]) == (3, 0)
    assert (told["rows_updated"], told["rows_deleted"], told["rows_rejected"]) == (0, 0, 0)
    assert len(told["preview"].records) > 0


def test_a_season_without_shots_has_no_scorers_no_profiles_and_dna_with_reasons(
    whole: tuple[Platform, dg.ExecuteInProcessResult],
) -> None:
    platform, _ = whole
    of_season = "league_id = (SELECT id FROM leagues WHERE code = 'SIM2') AND season = '2018-19'"
    assert platform.value(f"SELECT count(*) FROM quantum.goalscorer_profiles WHERE {of_season}") == 0
    query = f"SELECT DISTINCT profile::text, no_profile_reason FROM quantum.chess_classifications WHERE {of_season}"
    ((profile, reason),) = platform.rows(query)
    assert profile is None
    assert reason.startswith("no shots are held")
    told = """SELECT DISTINCT luck #>> '{xg}', luck #>> '{gaps,xg}', jsonb_typeof(risk -> 'draw_rate'),
        risk #>> '{gaps,draw_rate}' FROM quantum.team_quantum_dna WHERE """
    assert platform.rows(told + of_season) == [(None, "no shots are held", "object", None)]


# Running again


def test_a_second_run_touches_no_row(loaded: Platform) -> None:
    before = fingerprint(loaded.engine)
    found = derived(loaded)
    assert changed(found) == {asset: set() for asset in QUANTUM.steps}
    assert found[SCORERS] == {HERE: Status.UNCHANGED, BEFORE: Status.NOT_PUBLISHED, THERE: Status.NOT_PUBLISHED}
    assert found[DNA] == dict.fromkeys((HERE, BEFORE, THERE), Status.UNCHANGED)
    assert fingerprint(loaded.engine) == before


def pictures(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """The picture of each asset of a run that has one."""
    told = {asset: next(iter(materializations(result, asset).values())) for asset in QUANTUM.steps}
    return {asset: metadata["picture"] for asset, metadata in told.items() if "picture" in metadata}


def test_of_rows_that_are_the_same_nothing_is_drawn_again(loaded: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[float] = []
    original = canvas.png

    def counting(draw: Any, width: float = 6.0, height: float = 4.0) -> bytes:
        drawn.append(width)
        return original(draw, width, height)

    for module in ("canvas", "profiles"):
        monkeypatch.setattr(f"monps_platform.orchestration.pictures.{module}.png", counting)
    first = pictures(loaded.derive())
    drawn.clear()
    assert pictures(loaded.derive()) == first
    assert first.keys() == set(QUANTUM.steps)
    assert drawn == []
    loaded.do("UPDATE shots SET xg = 0.9 WHERE id = (SELECT min(id) FROM shots WHERE result = 'Goal')")
    loaded.derive()
    # Strategies have no part in it: shots are not what they are derived from.
    assert len(drawn) == len(QUANTUM.steps) - 1


def test_a_changed_shot_derives_again_what_saw_it_and_nothing_else(loaded: Platform) -> None:
    loaded.do(
        "UPDATE shots SET xg = 0.9, x = 0.97, y = 0.5 WHERE id = (SELECT min(id) FROM shots WHERE result = 'Goal')"
    )
    traces = _traces(loaded)
    assert changed(derived(loaded)) == {
        PROFILES: {HERE},
        DNA: {HERE},
        STRATEGIES: set(),
        # Of one season all teams are compared with each other, of whatever league.
        FRICTION: {HERE, THERE},
        SCORERS: {HERE},
    }
    kept = {table: rows & _traces(loaded)[table] for table, rows in traces.items()}
    past, strategies = _of_season(loaded, "2018-19"), "quantum.quantum_strategies"
    assert {table: len(rows) >= past[table] for table, rows in kept.items()} == dict.fromkeys(TABLES, True)
    assert kept[strategies] == traces[strategies]


def test_a_changed_match_of_the_season_before_is_seen_by_what_looks_back(loaded: Platform) -> None:
    loaded.do(
        "UPDATE matches SET home_corners = home_corners + 1, home_fouls = home_fouls + 9 "
        "WHERE id = (SELECT min(id) FROM matches WHERE season = '2018-19')"
    )
    found = derived(loaded, steps=(PROFILES, DNA, SCORERS))
    assert changed(found) == {PROFILES: {BEFORE}, DNA: {BEFORE, HERE}, SCORERS: set()}


def _traces(platform: Platform) -> Mapping[str, set[tuple[Any, ...]]]:
    return {table: set(platform.rows(f"SELECT id, xmin::text FROM {table}")) for table in TABLES}


def _of_season(platform: Platform, season: str) -> Mapping[str, int]:
    return {table: platform.value(f"SELECT count(*) FROM {table} WHERE season = '{season}'") for table in TABLES}


# As of a day


def stated(platform: Platform, table: str) -> Sequence[tuple[Any, ...]]:
    """What the rows of a table say, without what tells when and from what they were written."""
    own = "".join(f" - '{name}'" for name in WITHOUT_ROWS_OF_THEIR_OWN)
    return platform.rows(f"SELECT (to_jsonb(t){own})::text FROM {table} t WHERE as_of <= '{WINTER}' ORDER BY 1")


FORGET_LATER = f"""DELETE FROM odds WHERE match_id IN (SELECT id FROM matches WHERE match_date >= '{WINTER}');
    DELETE FROM quantum.match_forecasts WHERE match_id IN (SELECT id FROM matches WHERE match_date >= '{WINTER}');
    DELETE FROM shots WHERE match_id IN (SELECT id FROM matches WHERE match_date >= '{WINTER}');
    DELETE FROM player_matches WHERE match_id IN (SELECT id FROM matches WHERE match_date >= '{WINTER}');
    DELETE FROM understat_matches WHERE match_id IN (SELECT id FROM matches WHERE match_date >= '{WINTER}');
    DELETE FROM quantum.goal_model_strengths WHERE fit_id IN (SELECT id FROM quantum.goal_model_fits
        WHERE as_of >= '{WINTER}');
    DELETE FROM quantum.goal_model_fits WHERE as_of >= '{WINTER}';
    DELETE FROM matches WHERE match_date >= '{WINTER}'; DELETE FROM player_seasons"""
"""Players' totals tell of matches to come as well, and no source says what they were."""
EMPTY = "; ".join(f"DELETE FROM {table}" for table in TABLES)


def test_rows_as_of_a_day_are_those_of_a_database_that_never_had_the_later_matches(loaded: Platform) -> None:
    day = QuantumConfig(as_of=WINTER.isoformat())
    loaded.do(EMPTY)
    derived(loaded, day)
    knowing = {table: stated(loaded, table) for table in TABLES}
    loaded.do(EMPTY)
    loaded.do(FORGET_LATER)
    assert loaded.value("SELECT max(match_date) FROM matches") < WINTER
    derived(loaded, day)
    for table in TABLES:
        assert stated(loaded, table) == knowing[table], table
        assert len(knowing[table]) > CLUBS


def test_a_day_in_a_season_adds_rows_and_leaves_those_of_other_days(loaded: Platform) -> None:
    before = {table: stated_on_the_newest_day(loaded, table) for table in TABLES}
    found = derived(loaded, QuantumConfig(leagues="SIM2", seasons="2019-20", as_of="2019-12-01"))
    # Teams of all leagues are compared with each other; profiles and scorers are of one.
    both = {HERE, THERE}
    assert changed(found) == {PROFILES: {HERE}, DNA: both, STRATEGIES: both, FRICTION: both, SCORERS: {HERE}}
    assert {table: stated_on_the_newest_day(loaded, table) for table in TABLES} == before
    assert loaded.rows("SELECT DISTINCT as_of FROM quantum.team_quantum_dna WHERE season = '2019-20' ORDER BY 1")[
        0
    ] == (date(2019, 12, 1),)
    current = "SELECT count(*), min(as_of) FROM quantum.chess_classifications WHERE is_current AND season = '2019-20'"
    ((count, oldest),) = loaded.rows(current)
    assert (count, oldest > WINTER) == (CLUBS + CLUBS_OF_SMALL, True)


def test_a_run_of_one_league_gives_the_matrix_and_the_strategies_that_one_of_all_leagues_gives(
    loaded: Platform,
) -> None:
    shared = "quantum.quantum_friction_matrix", "quantum.quantum_strategies"
    one = QuantumConfig(leagues="SIM1", seasons="2019-20")
    whole_run = {table: _all_stated(loaded, table, "2019-20") for table in shared}
    assert changed(derived(loaded, one)) == {asset: set() for asset in QUANTUM.steps}
    loaded.do(EMPTY)
    derived(loaded, one)
    assert {table: _all_stated(loaded, table, "2019-20") for table in shared} == whole_run


def test_a_matrix_of_which_a_league_s_dna_is_missing_fails_and_says_what_to_do(loaded: Platform) -> None:
    loaded.do(
        "DELETE FROM quantum.quantum_friction_matrix; DELETE FROM quantum.team_quantum_dna "
        "WHERE league_id = (SELECT id FROM leagues WHERE code = 'SIM1')"
    )
    progress = recording()
    result = loaded.derive(progress=progress, steps=(FRICTION,))
    assert not result.success
    assert progress.of(FRICTION) == {BEFORE: Status.LOADED, HERE: Status.FAILED, THERE: Status.FAILED}
    assert f"no DNA of {THERE} as of" in failure_text(result)
    assert "derive team_quantum_dna of all leagues first" in failure_text(result)


def _all_stated(platform: Platform, table: str, season: str) -> Sequence[tuple[Any, ...]]:
    own = "".join(f" - '{name}'" for name in WITHOUT_ROWS_OF_THEIR_OWN)
    return platform.rows(f"SELECT (to_jsonb(t){own})::text FROM {table} t WHERE season = '{season}' ORDER BY 1")


def stated_on_the_newest_day(platform: Platform, table: str) -> Sequence[tuple[Any, ...]]:
    """Every row of the days after winter, with its place."""
    return platform.rows(f"SELECT id, xmin::text FROM {table} WHERE as_of > '{WINTER}' ORDER BY id")


# What goes wrong


WRONG: dict[str, tuple[QuantumConfig, str]] = {
    "a league": (QuantumConfig(leagues="XX"), "unknown league 'XX'; known leagues: E0"),
    "a season": (QuantumConfig(seasons="1920"), "'1920' is no season: write it as 2019-20"),
    "a day": (QuantumConfig(as_of="winter"), "as_of is 'winter', which is no day: write it as 2021-01-31"),
}


@pytest.mark.parametrize(("config", "message"), WRONG.values(), ids=WRONG)
def test_a_configuration_that_makes_no_sense_fails_in_words_and_changes_no_row(
    whole: tuple[Platform, dg.ExecuteInProcessResult], config: QuantumConfig, message: str
) -> None:
    platform, _ = whole
    before = quantum_rows(platform.engine)
    result = platform.derive(config, steps=(PROFILES,))
    assert not result.success
    assert message in failure_text(result)
    assert quantum_rows(platform.engine) == before


def test_a_season_that_fails_is_named_after_the_others_are_done(loaded: Platform) -> None:
    loaded.do("""DELETE FROM quantum.chess_classifications;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.season = '2018-19' THEN RAISE EXCEPTION 'refused by the test'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON quantum.chess_classifications FOR EACH ROW EXECUTE FUNCTION refuse()""")
    progress = recording()
    result = loaded.derive(progress=progress, steps=(PROFILES,))
    assert not result.success
    assert progress.of(PROFILES) == {BEFORE: Status.FAILED, HERE: Status.LOADED, THERE: Status.LOADED}
    said = failure_text(result)
    assert "1 of 3 partitions failed; their old rows stay, the others are done" in said
    assert f"{BEFORE}: refused by the test" in said
    assert loaded.rows("SELECT DISTINCT season FROM quantum.chess_classifications") == [("2019-20",)]
    loaded.do("DROP FUNCTION refuse CASCADE")
    assert changed(derived(loaded, steps=(PROFILES,))) == {PROFILES: {BEFORE}}


def test_without_matches_there_is_nothing_to_derive(platform: Platform) -> None:
    result = platform.derive()
    assert result.success, failure_text(result)
    for asset in QUANTUM.steps:
        (told,) = materializations(result, asset).values()
        assert (told["dagster/row_count"], told["partitions"]) == (0, 0)
