"""Leagues and clubs: entered once, found again by whole spellings, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.repositories.teams import UnknownLeagueCodeError, UnresolvedTeamError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain import leagues
from monps_platform.domain.leagues import LEAGUES, League, league
from monps_platform_tests.db.samples import E0, E1, SOURCE, SP1, Reader, statements
from monps_platform_tests.waiting import Meet, meeting


def enter_leagues(sessions: sessionmaker[Session]) -> None:
    with UnitOfWork(sessions) as unit:
        unit.leagues.ensure_all()
        unit.commit()


def resolve(sessions: sessionmaker[Session], where: League, *spellings: str, source: str = SOURCE) -> dict[str, int]:
    with UnitOfWork(sessions) as unit:
        found = unit.teams.resolve(source, where, spellings)
        unit.commit()
    return dict(found)


def test_the_leagues_table_becomes_the_reference_list(sessions: sessionmaker[Session], reader: Reader) -> None:
    enter_leagues(sessions)
    held = reader.rows(
        "SELECT code, name, country, tier, understat_name, odds_api_key, is_simulated FROM leagues ORDER BY id"
    )
    assert held == [
        (item.code, item.name, item.country, item.tier, item.understat_name, item.odds_api_key, item.is_simulated)
        for item in LEAGUES
    ]


def test_leagues_entered_again_are_not_touched_and_use_up_no_id(
    sessions: sessionmaker[Session], engine: Engine, reader: Reader
) -> None:
    enter_leagues(sessions)
    before = reader.traces("leagues")
    with statements(engine) as sent:
        enter_leagues(sessions)
    assert reader.traces("leagues") == before
    assert len(sent) == 1
    assert reader.value("SELECT last_value FROM leagues_id_seq") == len(LEAGUES)


def test_a_league_that_the_reference_list_changed_is_updated_alone(
    sessions: sessionmaker[Session], reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_leagues(sessions)
    before = reader.traces("leagues")
    renamed = [replace(item, name="Serie A TIM", odds_api_key=None) if item.code == "I1" else item for item in LEAGUES]
    monkeypatch.setattr(leagues, "LEAGUES", tuple(renamed))
    enter_leagues(sessions)
    after = reader.traces("leagues")
    changed = [key for key in before if after[key] != before[key]]
    rows = reader.rows("SELECT code, name, odds_api_key FROM leagues WHERE id = ANY(:ids)", ids=changed)
    assert rows == [("I1", "Serie A TIM", None)]
    assert after.keys() == before.keys()


def test_a_league_is_found_by_its_code_in_one_statement(sessions: sessionmaker[Session], engine: Engine) -> None:
    enter_leagues(sessions)
    with UnitOfWork(sessions) as unit, statements(engine) as sent:
        assert unit.leagues.id_of("E0") == 1
        assert len(sent) == 1
        with pytest.raises(UnknownLeagueCodeError, match=r"has no league 'XX': it holds .*E0"):
            unit.leagues.id_of("XX")


def test_new_spellings_are_new_clubs_and_known_ones_the_same_for_ever(
    sessions: sessionmaker[Session], engine: Engine, reader: Reader
) -> None:
    enter_leagues(sessions)
    first = resolve(sessions, E0, "Arsenal", "Man City", "Man United")
    before = reader.traces("teams"), reader.traces("team_aliases")
    with statements(engine) as sent:
        assert resolve(sessions, E0, "Man United", "Arsenal", "Man City") == first
    assert len(sent) == 2
    assert (reader.traces("teams"), reader.traces("team_aliases")) == before
    assert len(set(first.values())) == 3
    rows = reader.rows("SELECT name, country FROM teams ORDER BY name")
    assert rows == [("Arsenal", "England"), ("Man City", "England"), ("Man United", "England")]


def test_an_alias_says_how_it_was_resolved_and_from_what(sessions: sessionmaker[Session], reader: Reader) -> None:
    enter_leagues(sessions)
    resolve(sessions, E1, "Leeds")
    resolve(sessions, E0, "Leeds")
    rows = reader.rows(
        "SELECT l.code, a.spelling, a.method, a.evidence FROM team_aliases a JOIN leagues l ON l.id = a.league_id "
        "ORDER BY a.id"
    )
    assert rows == [
        ("E1", "Leeds", "founding_source", {"source": SOURCE, "league": "E1", "spelling": "Leeds"}),
        ("E0", "Leeds", "same_spelling_in_country", {"source": SOURCE, "league": "E0", "spelling": "Leeds"}),
    ]


def test_the_same_spelling_in_another_league_of_the_country_is_the_same_club(
    sessions: sessionmaker[Session], reader: Reader
) -> None:
    enter_leagues(sessions)
    assert resolve(sessions, E0, "Leeds", "Burnley")["Leeds"] == resolve(sessions, E1, "Leeds", "Hull")["Leeds"]
    assert reader.rows("SELECT name FROM teams ORDER BY name") == [("Burnley",), ("Hull",), ("Leeds",)]


def test_the_same_spelling_in_another_country_is_another_club(sessions: sessionmaker[Session], reader: Reader) -> None:
    enter_leagues(sessions)
    assert resolve(sessions, E0, "Everton") != resolve(sessions, SP1, "Everton")
    assert reader.rows("SELECT country FROM teams ORDER BY country") == [("England",), ("Spain",)]


def test_a_simulated_club_is_never_a_real_one(sessions: sessionmaker[Session]) -> None:
    enter_leagues(sessions)
    real = resolve(sessions, E0, "Arsenal")
    assert resolve(sessions, league("SIM1"), "Arsenal", source="simulated") != real


@pytest.mark.parametrize(
    "others", [("Man", "City"), ("MAN CITY",), ("Man City ",), ("Manchester City",), ("Man Cit%",)]
)
def test_spellings_that_only_resemble_each_other_are_different_clubs(
    sessions: sessionmaker[Session], others: tuple[str, ...]
) -> None:
    enter_leagues(sessions)
    known = resolve(sessions, E0, "Man City")
    assert known["Man City"] not in resolve(sessions, E0, *others).values()


def test_a_spelling_that_waits_for_a_decision_is_not_guessed(sessions: sessionmaker[Session], reader: Reader) -> None:
    enter_leagues(sessions)
    resolve(sessions, E0, "Arsenal")
    reader.do("UPDATE team_aliases SET team_id = NULL, method = NULL")
    with pytest.raises(UnresolvedTeamError, match="E0: no club is known for Arsenal of football-data"):
        resolve(sessions, E0, "Arsenal", "Chelsea")
    assert reader.value("SELECT count(*) FROM teams WHERE name = 'Chelsea'") == 0


def resolve_at_once(sessions: sessionmaker[Session], jobs: Sequence[tuple[League, str]]) -> list[int]:
    """Let several threads meet in front of the same new club."""

    def work(where: League, spelling: str, meet: Meet) -> int:
        with UnitOfWork(sessions) as unit:
            unit.leagues.id_of(where.code)
            meet()
            found = unit.teams.resolve(SOURCE, where, [spelling])[spelling]
            unit.commit()
        return found

    return meeting(*(partial(work, *job) for job in jobs))


@pytest.mark.parametrize("codes", [("E0", "E0", "E0"), ("E0", "E1", "E2")])
def test_threads_that_meet_the_same_new_club_make_one_row(
    sessions: sessionmaker[Session], reader: Reader, codes: tuple[str, ...]
) -> None:
    enter_leagues(sessions)
    for name in ("Leeds", "Hull", "Derby"):
        found = resolve_at_once(sessions, [(league(code), name) for code in codes])
        assert len(found) == 3
        assert len(set(found)) == 1
    assert reader.value("SELECT count(*) FROM teams") == 3
    assert reader.value("SELECT count(*) FROM team_aliases") == 3 * len(set(codes))
    assert reader.value("SELECT count(*) FROM team_aliases WHERE method = 'founding_source'") == 3
