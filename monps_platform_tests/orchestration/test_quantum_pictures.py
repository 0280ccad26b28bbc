"""What people see of the quantum tables: whole, small pictures of what the rows say, and figures besides them."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.days import as_of_days
from monps_platform.domain.quantum.dna.team_dna import VECTORS
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.quantum.friction.worth import Outcome, Relation
from monps_platform.domain.quantum.strategies.evaluate import Trial
from monps_platform.domain.tactics import TacticalProfile
from monps_platform.orchestration.pictures import canvas
from monps_platform.orchestration.pictures.canvas import VERMILLION
from monps_platform.orchestration.pictures.dna import AXES, MOST_TEAMS, Place, Portrait, dna_picture, portraits
from monps_platform.orchestration.pictures.friction import friction_picture
from monps_platform.orchestration.pictures.profiles import profiles_picture
from monps_platform.orchestration.pictures.scorers import MOST_PLAYERS, ScorerRate, scorers_picture
from monps_platform.orchestration.pictures.strategies import MOST_ROWS, Returned, strategies_picture
from monps_platform.orchestration.quantum.dna import DNA
from monps_platform.orchestration.quantum.friction import friction_table
from monps_platform.orchestration.quantum.judging import friction_judged, friction_shown, friction_stands_out
from monps_platform.orchestration.quantum.profiles import PROFILES
from monps_platform.orchestration.quantum.running import Show
from monps_platform.orchestration.quantum.scorers import SCORERS
from monps_platform.orchestration.quantum.showing import (
    by_strength,
    show_dna,
    show_friction,
    show_profiles,
    show_scorers,
    show_strategies,
)
from monps_platform.orchestration.quantum.strategies import Evaluation, strategies_table
from monps_platform.settings import PROJECT_ROOT
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.conftest import Mirror
from monps_platform_tests.db.quality.quantum_league import (
    CLUBS,
    CLUBS_OF_SMALL,
    CURRENT,
    PAST,
    SMALL,
    derive,
    load_seasons,
)
from monps_platform_tests.orchestration.platform import Platform
from monps_platform_tests.orchestration.test_pictures import size

LARGEST = 120_000
ODD_NAME = r"$\nothing_$ & <b> Knödel_%"
SHOWS: Mapping[str, Show] = {
    "profiles": show_profiles,
    "dna": show_dna,
    "friction": show_friction,
    "scorers": show_scorers,
    "strategies": lambda unit, days: show_strategies(Evaluation(), unit, days),
}


# Pictures


def portrait(name: str, seed: int = 1) -> Portrait:
    """A team somewhere in its league, without two of its figures."""
    values = np.random.default_rng(seed).uniform(0, 100, len(AXES)).tolist()
    places: list[Place | str] = [Place(value, max(0, value - 30), min(100, value + 30)) for value in values[2:]]
    return Portrait(name, [Place(values[0], None, None), "no shots are held", *places])


def scores(teams: int) -> dict[tuple[int, int], float | None]:
    """Friction of each team with each other."""
    random = np.random.default_rng(teams)
    return {(one, other): random.uniform(20, 80) for one in range(teams) for other in range(teams) if one != other}


def scorer(at: int) -> ScorerRate:
    """A player."""
    return ScorerRate(f"Player {at} {ODD_NAME}", "Club", 30 - at, 2700, 0.9 - at / 50, 0.5 - at / 50, 1.3 - at / 50)


def returned(at: int, bets: int = 20) -> Returned:
    """What a strategy returned."""
    if not bets:
        return Returned(f"{ODD_NAME} {at}", 0, None, None, None)
    return Returned(f"{ODD_NAME} {at}", bets, 3.0 * at, 3.0 * at - 20, 3.0 * at + 200, at == 1, "p 0.010, q 0.04")


def names(teams: int) -> dict[int, str]:
    """Clubs with names as long as they come."""
    return {number: f"Evian Thonon Gaillard {number}" for number in range(teams)}


COUNTS = {TacticalProfile.POSSESSION: 19, TacticalProfile.BALANCED: 15, TacticalProfile.LOW_BLOCK: 2, None: 5}
DRAWN: Mapping[str, tuple[Callable[[], bytes | None], tuple[int, int]]] = {
    "dna": (lambda: dna_picture([portrait(f"Club {at}", at) for at in range(9)], "one"), (1140, 866)),
    "friction": (lambda: friction_picture(names(20), scores(20), "one"), (1065, 1065)),
    "friction of two": (lambda: friction_picture(names(2), scores(2), "one"), (600, 600)),
    "profiles": (lambda: profiles_picture(COUNTS, "one"), (840, 600)),
    "strategies": (
        lambda: strategies_picture([returned(at) for at in range(9)], [returned(at) for at in range(20)], "one"),
        (1140, 1100),
    ),
    "scorers": (lambda: scorers_picture([scorer(at) for at in range(20)], "one"), (1080, 753)),
}


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures behind the pictures that a test draws."""
    kept: list[Figure] = []
    original = canvas.png

    def keeping(draw: Callable[[Figure], object], width: float = 6.0, height: float = 4.0) -> bytes:
        def both(figure: Figure) -> None:
            kept.append(figure)
            draw(figure)

        return original(both, width, height)

    for module in ("canvas", "profiles"):
        monkeypatch.setattr(f"monps_platform.orchestration.pictures.{module}.png", keeping)
    return kept


@pytest.mark.parametrize(("draw", "pixels"), DRAWN.values(), ids=DRAWN)
def test_a_picture_is_whole_small_quickly_drawn_and_always_the_same(
    draw: Callable[[], bytes | None], pixels: tuple[int, int]
) -> None:
    began = time.process_time()
    made = draw()
    assert time.process_time() - began < 4
    assert made is not None
    assert size(made) == pixels
    assert len(made) < LARGEST
    assert draw() == made


def test_of_nothing_there_is_no_picture() -> None:
    assert dna_picture([], "one") is None
    assert friction_picture(names(2), {(0, 1): None, (1, 0): None}, "one") is None
    assert profiles_picture({}, "one") is None
    assert scorers_picture([], "one") is None
    assert strategies_picture([returned(1, bets=0)], [], "one") is None


def test_a_radar_has_the_teams_name_its_points_and_why_one_is_missing(figures: list[Figure]) -> None:
    dna_picture([portrait(f"{ODD_NAME} {at}", at) for at in range(MOST_TEAMS + 1)], "one")
    panels = figures[0].axes
    assert [axes.get_title() for axes in panels] == [f"{ODD_NAME} {at}" for at in range(MOST_TEAMS)]
    for axes in panels:
        assert [text.get_text().replace("\n", " ") for text in axes.texts] == ["no shots are held"]
        assert sum(line.get_marker() == "o" for line in axes.lines) == len(AXES) - 1
        assert len(axes.collections) == len(AXES) - 2
        assert [label.get_text() for label in axes.get_xticklabels()] == list(VECTORS)


def test_a_point_of_a_radar_lies_on_its_spoke_at_its_place(figures: list[Figure]) -> None:
    shown = portrait("One")
    dna_picture([shown], "one")
    points = [line for line in figures[0].axes[0].lines if line.get_marker() == "o"]
    at = {round(float(np.asarray(line.get_xdata())[0]), 6): float(np.asarray(line.get_ydata())[0]) for line in points}
    spokes = [round(2 * np.pi * spoke / len(AXES), 6) for spoke in range(len(AXES))]
    expected = {
        spoke: place.value for spoke, place in zip(spokes, shown.places, strict=True) if isinstance(place, Place)
    }
    assert at == expected


def test_no_side_of_a_radar_goes_over_a_gap(figures: list[Figure]) -> None:
    dna_picture([portrait("One")], "one")
    sides = [line for line in figures[0].axes[0].lines if line.get_marker() != "o" and len(line.get_path()) == 2]
    assert len(sides) == len(AXES) - 2


def test_what_stands_out_keeps_its_colour() -> None:
    places = [Place(50, 20, 80)] * (len(AXES) - 1)
    made = dna_picture([Portrait("One", [Place(95, 70, 100), *places])], "one")
    assert made is not None
    with Image.open(io.BytesIO(made)) as picture:
        colours = np.unique(np.asarray(picture.convert("RGB"), dtype=np.int64).reshape(-1, 3), axis=0)
    orange = [int(VERMILLION[at : at + 2], 16) for at in (1, 3, 5)]
    assert np.abs(colours - orange).sum(axis=1).min() < 30


def test_a_forest_has_a_row_for_each_strategy_and_the_first_of_teams(figures: list[Figure]) -> None:
    over_all = [returned(at, bets=20 * (at != 3)) for at in range(9)]
    strategies_picture(over_all, [returned(at) for at in range(MOST_ROWS + 5)], "one")
    above, below = figures[0].axes
    assert [label.get_text() for label in above.get_yticklabels()] == [item.name for item in over_all]
    assert [text.get_text() for text in above.texts] == ["no bets"]
    assert len(below.get_yticklabels()) == MOST_ROWS
    assert sum(line.get_marker() == "s" for line in below.lines) == MOST_ROWS
    assert sum(line.get_color() == VERMILLION for line in below.lines) == 1


def test_every_vector_has_one_axis() -> None:
    assert [vector for vector, _, _ in AXES] == list(VECTORS)


@pytest.mark.parametrize(
    ("low", "high", "stands_out"),
    [(51.0, 90.0, True), (10.0, 49.0, True), (49.0, 90.0, False), (50.0, 90.0, False), (None, None, False)],
)
def test_a_place_stands_out_where_its_interval_leaves_out_the_middle(
    low: float | None, high: float | None, stands_out: bool
) -> None:
    assert Place(60, low, high).stands_out is stands_out


@pytest.mark.parametrize("odd", [scores(1), {(0, 1): 40.0}, {(0, 1): 40.0, (1, 0): 40.0}, {(0, 1): 0.0, (1, 0): 100.0}])
def test_friction_of_few_pairs_can_be_drawn(odd: dict[tuple[int, int], float | None]) -> None:
    made = friction_picture({0: ODD_NAME, 1: "B"}, odd, ODD_NAME.replace("$", ""))
    assert made is None or size(made)


def test_home_teams_are_rows_and_away_teams_columns_and_no_team_meets_itself(figures: list[Figure]) -> None:
    given = scores(3) | {(2, 0): 11.0, (0, 2): 99.0, (1, 2): None}
    friction_picture({2: "Third", 0: "First", 1: "Second"}, given, "one")
    (axes,) = figures[0].axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Third", "First", "Second"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Third", "First", "Second"]
    told = {text.get_position(): text.get_text() for text in axes.texts}
    assert (told[1, 0], told[0, 1]) == ("11", "99")
    assert len(told) == 5
    assert {(0, 0), (1, 1), (2, 2)}.isdisjoint(told)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("away", "home")


def test_all_profiles_have_a_bar_the_commonest_first_and_teams_without_one_last(figures: list[Figure]) -> None:
    profiles_picture(COUNTS, "one")
    (axes,) = figures[0].axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert (labels[:3], labels[-1]) == (["possession", "balanced", "low block"], "no profile")
    assert len(labels) == len(TacticalProfile) + 1
    assert (widths[:4], widths[-1], sum(widths)) == ([19, 15, 2, 0], 5, 41)


def test_a_scorer_is_shown_with_goals_rate_and_what_his_minutes_gave(figures: list[Figure]) -> None:
    scorers_picture([scorer(at) for at in range(MOST_PLAYERS + 3)], "one")
    (axes,) = figures[0].axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == MOST_PLAYERS
    assert labels[0] == f"Player 0 {ODD_NAME} (Club), 30 goals"
    rates, raw = (np.asarray(line.get_xdata()).tolist() for line in axes.lines)
    assert (rates[0], raw[0]) == (0.9, pytest.approx(1.0))


def test_matplotlib_and_pillow_are_not_imported_before_something_is_drawn() -> None:
    code = (
        "import sys, monps_platform.orchestration.quantum.showing; "
        "sys.exit('matplotlib' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0


# What is shown of a database


@pytest.fixture(scope="module")
def derived(
    module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory, shared_instance: dg.DagsterInstance
) -> Iterator[Platform]:
    """Simulated leagues, and what is derived of them; every test leaves it as it was."""
    raw = tmp_path_factory.mktemp("shown") / "raw"
    engine = build_engine(module_database)
    sessions = session_factory(engine)
    load_seasons(sessions, RawStore(raw))
    derive(sessions, PROFILES, DNA, friction_table(), SCORERS, strategies_table())
    yield Platform(module_database, engine, RawStore(raw), raw, Mirror(""), shared_instance)
    engine.dispose()


@pytest.fixture
def sessions(derived: Platform) -> sessionmaker[Session]:
    """Sessions on them."""
    return session_factory(derived.engine)


def days(unit: UnitOfWork, *chosen: Partition) -> dict[Partition, date]:
    """The days after the last match of some seasons, of all without any."""
    held = unit.league_seasons.played()
    return as_of_days(held, chosen or held)


def shown(sessions: sessionmaker[Session], name: str, *chosen: Partition) -> dict[str, Any]:
    """What an asset shows after it derived some seasons."""
    with UnitOfWork(sessions, read_only=True) as unit:
        return dict(SHOWS[name](unit, days(unit, *chosen)))


def numbers(found: Mapping[str, Any]) -> dict[str, float]:
    """Those that plot over time."""
    return {name: value for name, value in found.items() if isinstance(value, (int, float))}


@pytest.mark.parametrize("name", SHOWS)
def test_an_asset_shows_a_small_picture_and_says_what_it_is(sessions: sessionmaker[Session], name: str) -> None:
    found = shown(sessions, name)
    head, data = found["picture"].value.rstrip(")").split("base64,")
    assert re.fullmatch(r"!\[[a-z][^\]]+\]\(data:image/png;", head)
    made = base64.b64decode(data, validate=True)
    assert size(made)
    assert len(made) < LARGEST
    assert len(found["reading"].value) > 80


def test_strategies_are_pooled_over_all_seasons_held_each_evaluated_as_its_rows_are(
    derived: Platform, sessions: sessionmaker[Session]
) -> None:
    kept = derived.rows(
        """SELECT season, strategy::text, market::text, team_id, out_of_sample_bets, in_sample_bets, p_value
        FROM quantum.quantum_strategies ORDER BY 1, 2, 3, 4"""
    )
    newest = max(season for season, *_ in kept)
    with UnitOfWork(sessions, read_only=True) as unit:
        of_newest = {item: day for item, day in days(unit).items() if item.season.name == newest}
        season = next(iter(of_newest)).season
        tried = Evaluation().all_trials(unit, season, True, of_newest)
        assert {each.season for each in Evaluation().all_trials(unit, season, False, of_newest)} == set()
    found = [
        (each.season.name, *map(str, (each.strategy, each.market)), each.team_id, *_bets(each), each.evidence.p_value)
        for each in tried
    ]
    assert sorted(found, key=lambda row: row[:4]) == [tuple(row) for row in kept]
    seasons = {season for season, *_ in kept}
    assert len(seasons) > 1
    assert f"{len(seasons)} seasons up to {newest}, " in shown(sessions, "strategies")["reading"].value


def _bets(trial: Trial) -> tuple[int, int]:
    return len(trial.out_of_sample), len(trial.in_sample)


def test_figures_are_those_of_the_newest_season(derived: Platform, sessions: sessionmaker[Session]) -> None:
    both = CLUBS + CLUBS_OF_SMALL
    of_season = "season = '2019-20'"
    with_profile = derived.value(
        f"SELECT count(*) FROM quantum.chess_classifications WHERE {of_season} AND profile IS NOT NULL"
    )
    scorers = derived.rows("SELECT count(*), count(rate_per_90), sum(goals) FROM quantum.goalscorer_profiles")[0]
    pairs = derived.rows(
        f"""SELECT count(*), avg(friction_score), avg(chaos_potential) FROM quantum.quantum_friction_matrix
        WHERE {of_season} AND same_league"""
    )[0]
    assert numbers(shown(sessions, "profiles")) == {"teams": both, "teams_with_profile": with_profile}
    assert numbers(shown(sessions, "dna")) == {"teams": both, "teams_with_shots": CLUBS}
    names = ("players", "players_with_rate", "goals")
    assert numbers(shown(sessions, "scorers")) == dict(zip(names, scorers, strict=True))
    tried = derived.rows(
        f"""SELECT count(*), count(*) FILTER (WHERE is_active), sum(out_of_sample_bets) FROM quantum.quantum_strategies
        WHERE {of_season}"""
    )[0]
    of_strategies = numbers(shown(sessions, "strategies"))
    assert of_strategies.pop("pooled_survivors") == 0
    assert of_strategies == dict(zip(("tried", "active", "bets"), tried, strict=True))
    friction = numbers(shown(sessions, "friction"))
    assert friction["pairs"] == pairs[0] == CLUBS * (CLUBS - 1) + CLUBS_OF_SMALL * (CLUBS_OF_SMALL - 1)
    assert friction["mean_friction_score"] == pytest.approx(pairs[1])
    assert friction["mean_chaos_potential"] == pytest.approx(pairs[2])


def test_the_picture_is_of_the_first_league_that_has_something_to_show(sessions: sessionmaker[Session]) -> None:
    """SIM1 is before SIM2, but has no shots."""
    assert f"the best teams of {CURRENT} " in shown(sessions, "dna")["picture"].value
    assert f"the best scorers of {CURRENT}]" in shown(sessions, "scorers")["picture"].value
    assert f"friction in {SMALL}]" in shown(sessions, "friction")["picture"].value


@pytest.mark.parametrize("name", ["profiles", "dna"])
def test_a_season_without_shots_is_shown_where_there_is_no_other(sessions: sessionmaker[Session], name: str) -> None:
    found = shown(sessions, name, PAST)
    assert "base64," in found["picture"].value
    assert found["teams"] == CLUBS
    assert 0 in numbers(found).values()


def test_scorers_of_a_season_without_shots_show_nothing(sessions: sessionmaker[Session]) -> None:
    assert shown(sessions, "scorers", PAST) == {}


@pytest.mark.parametrize("name", SHOWS)
def test_where_nothing_is_derived_nothing_is_shown(server: DatabaseAddress, name: str) -> None:
    engine = build_engine(server)
    assert shown(session_factory(engine), name) == {}
    engine.dispose()


def test_places_are_percentiles_among_the_teams_of_the_league(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        teams = unit.team_dna.known(CURRENT, days(unit)[CURRENT])
        small = unit.team_dna.known(SMALL, days(unit)[SMALL])
    found = portraits(teams, {team_id: str(team_id) for team_id in teams})
    for at, (vector, _, _) in enumerate(AXES):
        places = [portrait.places[at] for portrait in found.values()]
        known = [place for place in places if isinstance(place, Place)]
        assert len(known) == len(teams), vector
        assert np.mean([place.value for place in known]) == pytest.approx(50), vector
        assert all(place.low is None or place.high is None or place.low <= place.value <= place.high for place in known)
    luckiest = max(teams, key=lambda team_id: teams[team_id].luck.points_z or 0)
    assert found[luckiest].places[-1] == Place(100 - 50 / len(teams), *ends(found[luckiest].places[-1]))
    # The z of luck varies by 1.19 over real teams, not by 1; the others' bars are those of a z-score.
    some = teams[luckiest]
    for at, deviation in ((-1, 1.19), (list(VECTORS).index("nemesis"), 1.0)):
        read = AXES[at][2](some)
        assert not isinstance(read, str)
        assert read[1:] == pytest.approx((read[0] - 1.96 * deviation, read[0] + 1.96 * deviation))
    without = portraits(small, {team_id: str(team_id) for team_id in small})
    assert {portrait.places[-1] for portrait in without.values()} == {"no shots are held"}


def ends(place: Place | str) -> tuple[float | None, float | None]:
    """The interval of a place."""
    assert isinstance(place, Place)
    return place.low, place.high


def test_teams_are_ordered_by_their_points(derived: Platform, sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        order = by_strength(unit.team_dna.known(CURRENT, days(unit)[CURRENT]))
    table = dict(
        derived.rows("""SELECT team_id, sum(points) FROM (
            SELECT home_team_id AS team_id, CASE WHEN home_goals > away_goals THEN 3 WHEN home_goals = away_goals
            THEN 1 ELSE 0 END AS points, league_id, season FROM matches UNION ALL
            SELECT away_team_id, CASE WHEN away_goals > home_goals THEN 3 WHEN home_goals = away_goals
            THEN 1 ELSE 0 END, league_id, season FROM matches) AS sides
            JOIN leagues l ON l.id = league_id WHERE l.code = 'SIM2' AND season = '2019-20' GROUP BY team_id""")
    )
    points = [table[team_id] for team_id in order]
    assert points == sorted(points, reverse=True)
    assert len(points) == CLUBS


# What friction foretells

FORETELLS = "friction_foretells"
BY_CARDS = """UPDATE quantum.quantum_friction_matrix f SET chaos_potential = least(100, 8 * (m.home_yellow_cards
    + m.home_red_cards + m.away_yellow_cards + m.away_red_cards)
    + abs(hashint8(m.id)) % 11) FROM matches m WHERE m.home_team_id = f.home_team_id
    AND m.away_team_id = f.away_team_id AND m.season = '2019-20' AND f.season = '2018-19'"""
ALL_ALIKE = """UPDATE quantum.quantum_friction_matrix SET friction_score = 40, style_friction = 40, tempo_friction = 40,
    physical_friction = 40, mental_friction = 40, tier_friction = 40, chaos_potential = 40 WHERE season = '2018-19'"""
ONLY_CHAOS_AT_RANDOM = f"""{ALL_ALIKE}; UPDATE quantum.quantum_friction_matrix
    SET chaos_potential = abs(hashint8(home_team_id * 1000 + away_team_id)) % 100 WHERE season = '2018-19'"""
TOO_LATE = """UPDATE quantum.quantum_friction_matrix SET as_of = (SELECT min(match_date) + 1 FROM matches
    WHERE season = '2019-20') WHERE season = '2018-19'"""


@contextmanager
def changed(platform: Platform, statements: str) -> Iterator[None]:
    """The friction matrix after some statements, as long as the block lasts."""
    table = "quantum.quantum_friction_matrix"
    platform.do(f"CREATE TABLE kept AS TABLE {table}; {statements}")
    try:
        yield
    finally:
        platform.do(f"DELETE FROM {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE kept; DROP TABLE kept")


def told(platform: Platform) -> tuple[bool, dict[str, Any]]:
    """Whether the check passes, and what it shows."""
    evaluation = platform.check(FORETELLS)
    assert evaluation.severity is dg.AssetCheckSeverity.WARN
    return bool(evaluation.passed), {name: value.value for name, value in evaluation.metadata.items()}


def test_scores_that_go_with_next_seasons_cards_pass(derived: Platform) -> None:
    with changed(derived, BY_CARDS):
        passed, found = told(derived)
    assert passed
    assert found["chaos_potential_and_cards"] > 0.9
    assert found["relations_that_stand_out"] >= 1
    assert "chaos potential and cards of the following season's matches: +0.9" in found["worth"]


def test_scores_that_go_with_nothing_are_a_warning(derived: Platform) -> None:
    with changed(derived, ONLY_CHAOS_AT_RANDOM):
        passed, found = told(derived)
    assert not passed
    assert found["relations_that_stand_out"] == 0
    assert "nothing is known that these scores foretell" in found["worth"]
    assert "friction_score_and_cards" not in found


def test_scores_are_held_against_the_following_season_alone(derived: Platform, sessions: sessionmaker[Session]) -> None:
    """SIM1 has no season before, and the current one none after."""
    with UnitOfWork(sessions) as unit:
        relations = friction_judged(unit)
    matches = derived.value("""SELECT count(*) FROM matches m JOIN leagues l ON l.id = m.league_id
        JOIN quantum.quantum_friction_matrix f ON f.home_team_id = m.home_team_id AND f.away_team_id = m.away_team_id
        WHERE l.code = 'SIM2' AND m.season = '2019-20' AND f.season = '2018-19'""")
    assert {(item.score, item.outcome) for item in relations} == {(one, other) for one in Score for other in Outcome}
    assert max(item.n for item in relations) == friction_shown(relations)["matches"] == matches > 100


@pytest.mark.parametrize("statements", [TOO_LATE, "DELETE FROM quantum.quantum_friction_matrix", ALL_ALIKE])
def test_where_nothing_can_be_tested_nothing_is_wrong(derived: Platform, statements: str) -> None:
    with changed(derived, statements):
        passed, found = told(derived)
    assert passed
    assert "No relation could be tested." in found["worth"]


def test_the_newest_scores_before_the_following_season_count(
    derived: Platform, sessions: sessionmaker[Session]
) -> None:
    columns = "home_team_id, away_team_id, league_id, same_league, n_home_matches, n_away_matches, season, data_version"
    older, late = "as_of - 100", "(SELECT min(match_date) + 1 FROM matches WHERE season = '2019-20')"
    others = "; ".join(
        f"""INSERT INTO quantum.quantum_friction_matrix ({columns}, as_of, chaos_potential, recommended_markets)
        SELECT {columns}, {day}, 7, '[]' FROM kept WHERE season = '2018-19'"""
        for day in (older, late)
    )
    with UnitOfWork(sessions) as unit:
        before = friction_judged(unit)
    with changed(derived, others), UnitOfWork(sessions) as unit:
        assert friction_judged(unit) == before


def test_an_empty_database_has_nothing_to_foretell(server: DatabaseAddress, tmp_path: Path) -> None:
    engine = build_engine(server)
    with dg.DagsterInstance.ephemeral() as instance:
        platform = Platform(server, engine, RawStore(tmp_path), tmp_path, Mirror(""), instance)
        assert platform.check(FORETELLS).passed
    engine.dispose()


def relation(score: Score, q: float | None) -> Relation:
    """A score's relation with cards."""
    return Relation(score, Outcome.CARDS, 100, 20, 0.1, q=q)


@pytest.mark.parametrize(
    ("relations", "verdict"),
    [
        ([], None),
        ([relation(Score.FRICTION, None)], None),
        ([relation(Score.TIER, 0.001)], None),
        ([relation(Score.TIER, 0.001), relation(Score.CHAOS, 0.2)], False),
        ([relation(Score.FRICTION, 0.051), relation(Score.CHAOS, None)], False),
        ([relation(Score.FRICTION, 0.05)], True),
        ([relation(Score.FRICTION, 0.9), relation(Score.CHAOS, 0.01)], True),
    ],
)
def test_components_alone_prove_nothing_of_the_scores(relations: list[Relation], verdict: bool | None) -> None:
    assert friction_stands_out(relations) is verdict
