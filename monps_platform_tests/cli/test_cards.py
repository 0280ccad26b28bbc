"""`monps team` and `monps match` as a person calls them: what they show, and what they say when they cannot."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from monps_platform.cli.cards import printing
from monps_platform.cli.cards.match import MatchCard, print_match, read_match
from monps_platform.cli.cards.team import print_team, read_team
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.models import Team
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import Forecast, ForecastGap, ForecastModel
from monps_platform.domain.goal_model.dixon_coles import Inputs, fit
from monps_platform.domain.judgement import VERSIONS
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.cards.outlook import MatchOutlook
from monps_platform.domain.quantum.dna.nemesis import OpponentResidual
from monps_platform.domain.quantum.dna.team_dna import VECTORS, TeamDna, team_dna
from monps_platform.domain.quantum.scorers.profile import scorer_profiles
from monps_platform.domain.seasons import Season
from monps_platform.testing.databases import throwaway_database
from monps_platform_tests.cli.conftest import Monps
from monps_platform_tests.db.repositories.quantum_samples import World as Ids
from monps_platform_tests.db.repositories.quantum_samples import active, classification, friction, strategy
from monps_platform_tests.db.samples import (
    EMPTY_ALL,
    HERE,
    SEASON,
    SOURCE,
    SP1,
    played,
    statements,
    to_come,
    write_matches,
)
from monps_platform_tests.domain.quantum.scorers import season_builder

E0 = league("E0")
CLUBS = (
    *("Arsenal", "Aston Villa", "Bournemouth", "Burnley", "Chelsea", "Everton"),
    *("Leeds", "Leicester", "Liverpool", "Man City", "Man United", "Watford"),
)
FIRST = date(2019, 8, 1)
AS_OF = FIRST + timedelta(days=132)
EARLIER = FIRST + timedelta(days=60)
FIXTURE_DAY = date(2999, 5, 10)
SEASON_NAME = "2019-20"


@dataclass(frozen=True)
class Cards:
    """The command, and the database behind it."""

    monps: Monps
    sessions: sessionmaker[Session]
    ids: Mapping[str, int]

    @property
    def samples(self) -> Ids:
        """Ids as the sample rows want them."""
        with UnitOfWork(self.sessions, read_only=True) as unit:
            leagues = {code: unit.leagues.id_of(code) for code in ("E0", "SP1")}
        return Ids(leagues, self.ids, MappingProxyType({}), MappingProxyType({}))

    def enter(self, repository: str, *rows: Mapping[str, Any]) -> None:
        """Write rows of a table."""
        with UnitOfWork(self.sessions) as unit:
            getattr(unit, repository).create_many(rows)
            unit.commit()

    def scorers(self, *teams: str) -> None:
        """Write the players of simulated teams as those of the teams named."""
        made = scorer_profiles(season_builder.simulated(0, teams=6).season)
        for number, name in enumerate(teams, 1):
            squad = [replace(item, team_id=self.ids[name]) for item in made if item.team_id == number]
            rows = [
                {
                    **asdict(item),
                    "goal_periods": item.goal_periods.to_json(),
                    "league_id": self.samples.leagues["E0"],
                    "season": SEASON_NAME,
                    "as_of": AS_OF,
                    "data_version": "1",
                }
                for item in squad
            ]
            self.enter("goalscorers", *rows)

    def friction(self, home: str, away: str, **changes: Any) -> dict[str, Any]:
        """The friction of a pair as of the day."""
        return friction(self.samples, home, away, **{"season": SEASON_NAME, "as_of": AS_OF, **changes})


@pytest.fixture(scope="module")
def module_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the module's own."""
    with throwaway_database(server) as made:
        yield made


@pytest.fixture
def database(module_database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """The module's database, without a row."""
    yield module_database
    admin = create_engine(module_database.url(), poolclass=NullPool)
    with admin.begin() as connection:
        connection.execute(text(EMPTY_ALL))


@pytest.fixture
def cards(monps: Monps, sessions: sessionmaker[Session]) -> Cards:
    """A season of twelve English clubs and a match of two Spanish ones, each club with DNA."""
    chance = np.random.default_rng(5)
    matches = [
        played(home, away, (int(chance.poisson(1.6)), int(chance.poisson(1.2))), FIRST + timedelta(days=at))
        for at, (home, away) in enumerate(permutations(CLUBS, 2))
    ]
    write_matches(sessions, *matches)
    write_matches(sessions, played("Barcelona", "Real Madrid", day=FIRST), partition=Partition(SP1, SEASON))
    for where, day in ((HERE, EARLIER), (HERE, AS_OF), (Partition(SP1, SEASON), AS_OF)):
        _write_dna(sessions, where, day)
    with UnitOfWork(sessions) as unit:
        ids = dict(unit.session.execute(select(Team.name, Team.id)).tuples().all())
    return Cards(monps, sessions, ids)


def _write_dna(sessions: sessionmaker[Session], where: Partition, day: date) -> None:
    with UnitOfWork(sessions) as unit:
        made = team_dna(unit.league_seasons.get(where, day), {})
        rows = [
            {"team_id": team_id, "n_matches": dna.risk.n_matches, "data_version": "1", **_documents(dna)}
            for team_id, dna in made.items()
        ]
        unit.team_dna.replace_as_of(where, day, rows)
        unit.commit()


def _documents(dna: TeamDna) -> dict[str, Any]:
    return {name: getattr(dna, name).to_json() for name in VECTORS}


# A team's card


def test_a_team_s_card_says_whose_it_is_how_many_matches_it_rests_on_and_as_of_when(cards: Cards) -> None:
    said = cards.monps("team", "Liverpool")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Liverpool Premier League (E0), England, 2019-20: 22 matches, as of {AS_OF}")
    assert "points at home" in said.out
    # Once for each vector that lacks them (context, temporal, psyche, roster, physical, luck), and of scorers.
    assert said.out.count("no shots are held") == 7
    assert "no prices are held" in said.out


def test_what_is_not_derived_yet_is_said_so(cards: Cards) -> None:
    said = cards.monps("team", "Liverpool")
    assert "Tactical profile: not classified yet" in said.out
    assert "Strategies: not evaluated yet" in said.out
    assert "Scorers: none, for no shots are held" in said.out
    assert "No best opponent: no prices are held." in said.out


def test_profile_strategies_and_scorers_are_shown_once_derived(cards: Cards) -> None:
    here = {"season": SEASON_NAME, "as_of": AS_OF}
    cards.enter("tactical_profiles", classification(cards.samples, "Liverpool", n_matches=22, **here))
    cards.enter("strategies", strategy(cards.samples, "Liverpool", **here))
    cards.scorers("Liverpool")
    said = cards.monps("team", "Liverpool")
    assert "POSSESSION, score 71.5 of 100, 4.2 ahead of GEGENPRESS; 22 matches" in said.out
    assert "Strategies: none survives: 1 tested, of 1 that bet this season and 1 in all" in said.out
    assert "model_value 1x2 50 +5% -10% to +20% -2.10 48 0.600 0.00" in said.out
    assert "CLV: mean by closing prices without margin, over the n bets that have one." in said.out
    assert "Scorers: 8 of " in said.out
    assert "anytime" in said.out
    assert "over past seasons about a tenth too high (docs/goalscorers.md)" in said.out


def test_a_team_without_a_profile_says_why(cards: Cards) -> None:
    none = {"profile": None, "score": None, "runner_up": None, "margin": None, "no_profile_reason": "too little"}
    cards.enter(
        "tactical_profiles", classification(cards.samples, "Liverpool", season=SEASON_NAME, as_of=AS_OF, **none)
    )
    assert "Tactical profile: none, for too little; 19 matches" in cards.monps("team", "Liverpool").out


def test_active_strategies_alone_are_shown_where_there_are_any(cards: Cards) -> None:
    here = {"season": SEASON_NAME, "as_of": AS_OF}
    dead = strategy(cards.samples, "Liverpool", strategy="sharp_value", **here)
    alive = strategy(cards.samples, "Liverpool", **here, **active())
    cards.enter("strategies", dead, alive)
    said = cards.monps("team", "Liverpool")
    assert "Strategies: 1 active: 2 tested" in said.out
    assert "0.010 0.50" in said.out
    assert "sharp_value" not in said.out


def test_best_and_worst_opponents_are_named_with_their_meetings(cards: Cards) -> None:
    record = {"points": 12, "expected_points": 8.0, "residual": 0.67, "shrunk": 0.05, "z": 1.4, "n_matches": 6}
    best = OpponentResidual(opponent_id=cards.ids["Chelsea"], **record)
    worst = OpponentResidual(
        opponent_id=cards.ids["Everton"], **{**record, "points": 2, "residual": -1.0, "shrunk": -0.07}
    )
    with UnitOfWork(cards.sessions) as unit:
        row = unit.team_dna.get_newest(cards.ids["Liverpool"])
        assert row is not None
        gaps = {name: why for name, why in row.nemesis["gaps"].items() if not name.endswith("_opponents")}
        found = {"best_opponents": [best.to_json()], "worst_opponents": [worst.to_json()]}
        row.nemesis = {**row.nemesis, **found, "gaps": gaps}
        unit.commit()
    said = cards.monps("team", "Liverpool")
    assert "Chelsea best 6 12 8.0 +0.67 +0.05 +1.4" in said.out
    assert "Everton worst 6 2 8.0 -1.00 -0.07 +1.4" in said.out
    assert "Differences of this size are no surprise among so many opponents" in said.out


def test_an_earlier_day_and_a_season_can_be_asked_for(cards: Cards) -> None:
    said = cards.monps("team", "Arsenal", "--as-of", str(AS_OF - timedelta(days=1)), "--season", SEASON_NAME)
    assert f"as of {EARLIER}" in said.out
    too_early = cards.monps("team", "Arsenal", "--as-of", "2019-08-01")
    assert too_early.code == 1
    assert f"has no DNA as of 2019-08-01 or earlier: it has 2019-20, the first as of {EARLIER}" in too_early.err
    other = cards.monps("team", "Arsenal", "--season", "2018-19")
    assert other.code == 1
    assert "has no DNA of 2018-19: it has 2019-20" in other.err


def test_rows_of_a_later_day_do_not_show_on_an_earlier_card(cards: Cards) -> None:
    cards.enter("tactical_profiles", classification(cards.samples, "Arsenal", season=SEASON_NAME, as_of=AS_OF))
    cards.enter("strategies", strategy(cards.samples, season=SEASON_NAME, as_of=AS_OF))
    cards.scorers("Arsenal")
    said = cards.monps("team", "Arsenal", "--as-of", str(EARLIER))
    for words in ("not classified yet", "not evaluated yet", "Scorers: none"):
        assert words in said.out


@pytest.mark.parametrize("name", ["Liverpool", "liverpool", "LIVERPOOL", " man united "])
def test_a_name_is_accepted_in_any_case(cards: Cards, name: str) -> None:
    said = cards.monps("team", name)
    assert said.code == 0
    assert said.out.casefold().startswith(name.strip().casefold())


def test_an_unknown_name_is_refused_with_the_ones_that_come_near(cards: Cards) -> None:
    said = cards.monps("team", "Liverpol")
    assert (said.code, said.out) == (2, "")
    assert "no club is called 'Liverpol'. Did you mean Liverpool?" in said.err


def test_a_name_that_several_clubs_have_in_other_cases_is_refused(cards: Cards) -> None:
    write_matches(cards.sessions, played("LIVERPOOL", "Sevilla"), partition=Partition(SP1, Season(2018)))
    assert cards.monps("team", "Liverpool").code == 0
    said = cards.monps("team", "liverpool")
    assert said.code == 2
    assert "2 clubs are called 'liverpool'" in said.err


def test_what_is_no_season_is_refused(cards: Cards) -> None:
    said = cards.monps("team", "Liverpool", "--season", "20")
    assert said.code == 2
    assert "is no season" in said.err


# A match's card


def test_a_pair_without_a_fixture_gets_the_goal_model_s_word_and_no_market(cards: Cards) -> None:
    cards.enter("friction", cards.friction("Arsenal", "Chelsea"))
    cards.scorers("Arsenal", "Chelsea")
    said = cards.monps("match", "arsenal", "Chelsea")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Arsenal - Chelsea No such match is scheduled")
    assert f"Dixon-Coles, fitted to 132 matches of the league, as of {AS_OF}" in said.out
    assert "Market: absent, for no match between them is scheduled." in said.out
    assert "friction 50.0" in said.out
    assert "chaos potential 40.0 how erratic both teams' results have been" in said.out
    assert "What it is worth: friction goes a little with the cards of the season after" in said.out
    assert "Scenario: open game. Recommended markets: none has out-of-sample evidence." in said.out
    assert "sum 100.0% 100.0%" in said.out


def test_what_a_match_lacks_is_said_with_the_reason(cards: Cards) -> None:
    said = cards.monps("match", "Arsenal", "Chelsea")
    assert "Friction: not derived for these two" in said.out
    assert "Scorers: absent, for no shots are held of Arsenal and Chelsea in 2019-20." in said.out


def test_teams_of_different_leagues_have_friction_but_no_forecast(cards: Cards) -> None:
    nothing = dict.fromkeys(
        ("predicted_scenario", "predicted_btts_prob", "predicted_over25_prob", "predicted_total_goals")
    )
    cards.enter("friction", cards.friction("Arsenal", "Barcelona", same_league=False, **nothing))
    said = cards.monps("match", "Arsenal", "Barcelona")
    assert said.code == 0
    assert "Forecast: absent, for the teams play in different leagues" in said.out
    assert "Scenario: none, for no goals are foretold across leagues." in said.out
    assert "Scorers: absent, for there is no forecast" in said.out


def _schedule(cards: Cards, *models: ForecastModel, gap: ForecastGap | None = None) -> None:
    """A match to come of the next season, with forecasts (or gaps) of the models named."""
    where = Partition(E0, Season(2020))
    fixture = to_come("Arsenal", "Chelsea", FIXTURE_DAY)
    write_matches(cards.sessions, fixture, partition=where)
    with UnitOfWork(cards.sessions) as unit:
        (match_id,) = unit.matches.ids(SOURCE, where.league, where.season, [fixture])
        book = unit.bookmakers.ensure(["PS"])["PS"]
        history = unit.forecasts.matches(E0, SEASON).history
        teams = np.array([cards.ids["Arsenal"], cards.ids["Chelsea"]], dtype=np.int64)
        fitted = fit(Inputs.of(history, AS_OF.toordinal(), SEASON.start_year, teams))
        unit.goal_models.save(E0, {"0" * 64: fitted})
        fits = {day: known.id for day, known in unit.goal_models.known(E0).items()}
        rows = [_forecast(match_id, model, book, gap) for model in models]
        unit.forecasts.save(where.league, where.season, rows, fits)
        unit.commit()


def _forecast(match_id: int, model: ForecastModel, book: int, gap: ForecastGap | None) -> Forecast:
    is_model = model is ForecastModel.DIXON_COLES
    made = Forecast(match_id, model, VERSIONS[model], AS_OF if is_model else None, gap)
    if gap is not None:
        return made
    made = replace(made, home_prob=0.5, draw_prob=0.3, away_prob=0.2, over25_prob=0.6)
    made = replace(made, over15_prob=0.8, over35_prob=0.4)
    if is_model:
        return replace(made, btts_prob=0.55, home_goals_expected=1.7, away_goals_expected=1.1)
    return replace(made, one_x_two_bookmaker_id=book, over_under_bookmaker_id=book)


def test_the_stored_forecast_of_a_scheduled_match_is_shown_with_what_it_was_fitted_to(cards: Cards) -> None:
    _schedule(cards, ForecastModel.DIXON_COLES, ForecastModel.MARKET_PRE_MATCH)
    said = cards.monps("match", "Arsenal", "Chelsea")
    assert "goal model 50.0% 30.0% 20.0% 60.0% 55.0% 1.70 - 1.10" in said.out
    assert f"Dixon-Coles, fitted to 132 matches of the league, as of {AS_OF}." in said.out
    assert "Market: absent" not in said.out


def test_a_stored_gap_is_told_as_the_reason(cards: Cards) -> None:
    _schedule(cards, ForecastModel.DIXON_COLES, gap=ForecastGap.TOO_LITTLE_HISTORY)
    said = cards.monps("match", "Arsenal", "Chelsea")
    assert "Forecast: absent, for the league has too few earlier matches for a goal model." in said.out


def test_the_market_of_a_scheduled_match_is_shown_without_its_margin(cards: Cards) -> None:
    _schedule(cards, ForecastModel.MARKET_PRE_MATCH)
    said = cards.monps("match", "Arsenal", "Chelsea")
    assert f"To be played on {FIXTURE_DAY} (2020-21)" in said.out
    assert "market, before 50.0% 30.0% 20.0% 60.0% - -" in said.out
    assert "margin taken out (power method)" in said.out
    assert "Forecast: absent, for the fixture is not forecast yet" in said.out


def test_a_scheduled_match_without_prices_says_so(cards: Cards) -> None:
    _schedule(cards)
    assert (
        "Market: absent, for no prices are held of the scheduled match."
        in cards.monps("match", "Arsenal", "Chelsea").out
    )


def test_a_fixture_of_the_past_is_not_the_next_one(cards: Cards) -> None:
    _schedule(cards)
    with UnitOfWork(cards.sessions, read_only=True) as unit:
        before = read_match(unit, ("Arsenal", "Chelsea"), None, FIXTURE_DAY)
        after = read_match(unit, ("Arsenal", "Chelsea"), None, FIXTURE_DAY + timedelta(days=1))
    assert before.rows.fixture is not None
    assert after.rows.fixture is None
    assert isinstance(after.outlook, MatchOutlook)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("Arsenal", "Chelsee"), 2, "no club is called 'Chelsee'. Did you mean Chelsea?"),
        (("Arsenal", "arsenal"), 2, "Arsenal does not play itself"),
        (("Arsenal", "Chelsea", "--season", "2018-19"), 1, "have no DNA both in 2018-19: Arsenal has 2019-20; Chelsea"),
    ],
)
def test_a_match_that_cannot_be_is_refused(cards: Cards, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = cards.monps("match", *arguments)
    assert (said.code, said.out) == (code, "")
    assert words in said.err


# Both


def test_no_line_is_wider_than_80_columns_or_cut(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    cards.enter("friction", cards.friction("Arsenal", "Chelsea"))
    cards.scorers("Arsenal", "Chelsea")
    widest = strategy(
        cards.samples,
        season=SEASON_NAME,
        as_of=AS_OF,
        strategy="convergence_under",
        market="over_under",
        out_of_sample_roi=1.05,
        roi_low=-0.99,
        roi_high=2.5,
        mean_clv_no_vig_percentage=-10.55,
        clv_no_vig_low=-20.0,
    )
    cards.enter("strategies", widest)
    written = io.StringIO()
    monkeypatch.setattr(printing, "out", Console(file=written, width=60))
    assert cards.monps("team", "Arsenal").code == 0
    assert cards.monps("match", "Arsenal", "Chelsea").code == 0
    lines = written.getvalue().splitlines()
    assert len(lines) > 100
    assert max(map(len, lines)) == 80
    assert not [line for line in lines if "…" in line]


def test_cards_are_read_in_few_statements(cards: Cards, engine: Engine) -> None:
    cards.scorers("Arsenal", "Chelsea")
    cards.enter("friction", cards.friction("Arsenal", "Chelsea"))
    with statements(engine) as sent, UnitOfWork(cards.sessions, read_only=True) as unit:
        print_team(read_team(unit, "Arsenal", None, None))
        assert len(sent) <= 6
        sent.clear()
        card: MatchCard = read_match(unit, ("Arsenal", "Chelsea"), None, datetime.now(UTC).date())
        print_match(card)
        assert len(sent) <= 9
