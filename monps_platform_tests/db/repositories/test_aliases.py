"""Spellings of clubs on both drivers: learned from fixtures season by season, never unlearned in silence."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.aliases import SHARED_FIXTURES, IdentityConflictError
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.identities import Pairing
from monps_platform.domain.leagues import League, league
from monps_platform.domain.seasons import Season
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.repositories.quantum_samples import World, build_world
from monps_platform_tests.db.samples import E0, E1, LATER, SEASON, SOURCE, Reader, statements
from monps_platform_tests.waiting import wait_until

UNDERSTAT = "understat"
TOO_FEW = "agrees on 1 of 1 fixtures: at least 3 must agree"
ALIASES = "SELECT spelling, team_id, method FROM team_aliases WHERE source = 'understat' ORDER BY league_id, spelling"


@pytest.fixture
def world(sessions: sessionmaker[Session]) -> World:
    """The clubs that the spellings are of."""
    return build_world(sessions)


def proved(spelling: str, team: int, agreed: int = 38) -> Pairing:
    return Pairing(spelling, team, team, agreed, 38, 4, None)


def doubtful(spelling: str, candidate: int | None = None) -> Pairing:
    return Pairing(spelling, None, candidate, 1, 1, 0, TOO_FEW)


def record(layer: Layer, *pairings: Pairing, season: Season = SEASON, of: League = E0) -> Changes:
    with layer.unit() as unit:
        changes = unit.aliases.record_pairings(UNDERSTAT, of, season, pairings)
        unit.commit()
    return changes


def teams(layer: Layer, source: str = UNDERSTAT, of: League = E0) -> dict[str, int]:
    with layer.unit(read_only=True) as unit:
        return dict(unit.aliases.teams(source, of))


def seasons_of(reader: Reader, spelling: str) -> Any:
    query = "SELECT evidence -> 'seasons' FROM team_aliases WHERE source = 'understat' AND spelling = :spelling"
    return reader.value(query, spelling=spelling)


def test_a_proved_spelling_is_its_club_and_a_doubtful_one_is_queued_with_the_reason(
    layer: Layer, world: World, reader: Reader
) -> None:
    arsenal = world.teams["Arsenal"]
    assert record(layer, proved("Arsenal FC", arsenal), doubtful("Che", 2)) == Changes(inserted=2)
    assert reader.rows(ALIASES) == [("Arsenal FC", arsenal, SHARED_FIXTURES), ("Che", None, None)]
    assert seasons_of(reader, "Arsenal FC") == {"2019-20": {"agreed": 38, "compared": 38, "runner_up": 4}}
    assert seasons_of(reader, "Che") == {"2019-20": {"agreed": 1, "compared": 1, "runner_up": 0, "not_proved": TOO_FEW}}
    assert teams(layer) == {"Arsenal FC": arsenal}


def test_a_queued_spelling_is_resolved_by_a_later_season_and_keeps_its_id(
    layer: Layer, world: World, reader: Reader
) -> None:
    record(layer, doubtful("Che"))
    held = reader.rows("SELECT id, created_at FROM team_aliases WHERE spelling = 'Che'")
    assert record(layer, proved("Che", world.teams["Chelsea"]), season=LATER) == Changes(updated=1)
    assert reader.rows("SELECT id, created_at FROM team_aliases WHERE spelling = 'Che'") == held
    assert teams(layer) == {"Che": world.teams["Chelsea"]}
    evidence = seasons_of(reader, "Che")
    assert {season: "not_proved" in told for season, told in evidence.items()} == {"2019-20": True, "2020-21": False}


def test_a_queued_spelling_is_resolved_by_more_of_the_same_season(layer: Layer, world: World, reader: Reader) -> None:
    record(layer, doubtful("Che"))
    assert record(layer, proved("Che", world.teams["Chelsea"], 5)) == Changes(updated=1)
    assert seasons_of(reader, "Che") == {"2019-20": {"agreed": 5, "compared": 38, "runner_up": 4}}


def test_the_same_evidence_again_touches_no_row(layer: Layer, world: World, reader: Reader) -> None:
    pairings = [proved("Arsenal FC", world.teams["Arsenal"]), doubtful("Che")]
    record(layer, *pairings)
    record(layer, *pairings, season=LATER)
    before = reader.traces("team_aliases")
    for season in (SEASON, LATER):
        assert record(layer, *reversed(pairings), season=season) == Changes()
    assert record(layer) == Changes()
    assert reader.traces("team_aliases") == before


def test_news_of_one_spelling_touch_its_row_alone(layer: Layer, world: World, reader: Reader) -> None:
    arsenal, chelsea = proved("Arsenal FC", world.teams["Arsenal"], 20), proved("Che", world.teams["Chelsea"], 20)
    record(layer, arsenal, chelsea)
    before = reader.traces("team_aliases")
    assert record(layer, arsenal, replace(chelsea, agreed=21)) == Changes(updated=1)
    after = reader.traces("team_aliases")
    (touched,) = [row_id for row_id in before if after[row_id] != before[row_id]]
    assert reader.rows("SELECT spelling FROM team_aliases WHERE id = :id", id=touched) == [("Che",)]
    assert after[touched][-1] > before[touched][-1]


def test_a_resolved_spelling_stays_so_while_a_season_proves_nothing(layer: Layer, world: World, reader: Reader) -> None:
    record(layer, proved("Arsenal FC", world.teams["Arsenal"]))
    assert record(layer, doubtful("Arsenal FC", world.teams["Chelsea"]), season=LATER) == Changes(updated=1)
    assert teams(layer) == {"Arsenal FC": world.teams["Arsenal"]}
    assert seasons_of(reader, "Arsenal FC")["2020-21"]["not_proved"] == TOO_FEW
    assert reader.rows(ALIASES) == [("Arsenal FC", world.teams["Arsenal"], SHARED_FIXTURES)]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_contradiction_is_refused_and_changes_nothing_even_if_the_caller_goes_on(
    layer: Layer, world: World, reader: Reader, at: int
) -> None:
    arsenal, chelsea = world.teams["Arsenal"], world.teams["Chelsea"]
    record(layer, proved("Arsenal FC", arsenal), doubtful("Che"))
    before = reader.traces("team_aliases")
    others = [proved("Che", world.teams["Everton"]), proved("New", world.teams["Leeds"])]
    message = (
        rf"understat spells team {arsenal} 'Arsenal FC' so far, but in 2020-21 its fixtures are those of team "
        rf"{chelsea} \(12 of 38 agree\)"
    )
    given = [*others[:at], proved("Arsenal FC", chelsea, 12), *others[at:]]
    with layer.unit() as unit:
        with pytest.raises(IdentityConflictError, match=message):
            unit.aliases.record_pairings(UNDERSTAT, E0, LATER, given)
        unit.commit()
    assert reader.traces("team_aliases") == before
    assert teams(layer) == {"Arsenal FC": arsenal}


def test_what_a_person_decided_stays_and_gets_its_evidence(layer: Layer, world: World, reader: Reader) -> None:
    chelsea = world.teams["Chelsea"]
    record(layer, doubtful("Che"))
    decided = "UPDATE team_aliases SET team_id = :team, method = 'by_hand', evidence = NULL WHERE spelling = 'Che'"
    reader.do(decided, team=chelsea)
    assert record(layer, proved("Che", chelsea)) == Changes(updated=1)
    assert reader.rows(ALIASES) == [("Che", chelsea, "by_hand")]
    assert seasons_of(reader, "Che").keys() == {"2019-20"}
    with pytest.raises(IdentityConflictError):
        record(layer, proved("Che", world.teams["Arsenal"]), season=LATER)


def test_other_sources_and_leagues_have_spellings_of_their_own(layer: Layer, world: World, reader: Reader) -> None:
    founding = teams(layer, SOURCE)
    assert founding == {name: world.teams[name] for name in ("Arsenal", "Chelsea", "Everton")}
    record(layer, proved("Chelsea", world.teams["Arsenal"]))
    record(layer, proved("Chelsea", world.teams["Leeds"]), of=E1)
    assert teams(layer, SOURCE) == founding
    assert teams(layer) == {"Chelsea": world.teams["Arsenal"]}
    assert teams(layer, of=E1) == {"Chelsea": world.teams["Leeds"]}
    assert teams(layer, of=league("SP1")) == teams(layer, "simulated-understat") == {}
    assert len(reader.rows(ALIASES)) == 2


def test_reading_takes_two_statements_and_recording_no_more_for_more_spellings(layer: Layer, world: World) -> None:
    def sent_by(pairings: Sequence[Pairing]) -> int:
        with statements(layer.engine) as sent, layer.unit() as unit:
            unit.aliases.record_pairings(UNDERSTAT, E0, SEASON, pairings)
            unit.commit()
        return len(sent)

    one = sent_by([doubtful("Spelling 0")])
    assert sent_by([doubtful(f"Spelling {number}") for number in range(1, 20)]) == one
    again = sent_by([proved("Spelling 0", world.teams["Arsenal"])])
    assert sent_by([proved(f"Spelling {number}", world.teams["Arsenal"]) for number in range(1, 20)]) == again
    assert max(one, again) <= 6
    with layer.unit() as unit, statements(layer.engine) as sent:
        assert len(unit.aliases.teams(UNDERSTAT, E0)) == 20
        assert len(sent) == 2


def test_two_that_bring_the_same_new_spelling_take_turns(
    sessions: sessionmaker[Session], world: World, reader: Reader
) -> None:
    results: list[Changes] = []

    def second() -> None:
        with UnitOfWork(sessions) as unit:
            results.append(unit.aliases.record_pairings(UNDERSTAT, E0, LATER, [doubtful("Che")]))
            unit.commit()

    thread = threading.Thread(target=second)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    with UnitOfWork(sessions) as unit:
        unit.aliases.record_pairings(UNDERSTAT, E0, SEASON, [proved("Che", world.teams["Chelsea"])])
        thread.start()
        wait_until(lambda: bool(reader.value(waiting)))
        unit.commit()
    thread.join()
    assert results == [Changes(updated=1)]
    assert reader.rows(ALIASES) == [("Che", world.teams["Chelsea"], SHARED_FIXTURES)]


def test_a_league_that_the_table_does_not_hold_is_refused(layer: Layer) -> None:
    with layer.unit() as unit:
        with pytest.raises(UnknownLeagueCodeError, match="has no league 'E0': it is empty"):
            unit.aliases.teams(UNDERSTAT, E0)
        with pytest.raises(UnknownLeagueCodeError, match="has no league 'E0': it is empty"):
            unit.aliases.record_pairings(UNDERSTAT, E0, SEASON, [])
