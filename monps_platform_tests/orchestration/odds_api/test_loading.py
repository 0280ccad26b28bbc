"""Answers of The Odds API as snapshots: which match an event is, what is rejected, and that no row is changed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from monps_platform.domain.snapshots import biggest
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.sources.simulated.odds_api import Listed
from monps_platform_tests.orchestration.odds_api.odds_world import AHEAD, E0, SPORT, World
from monps_platform_tests.orchestration.platform import snapshot

HOUR = timedelta(hours=1)
QUOTES = """SELECT b.key, o.market::text, o.line, o.price_kind::text FROM odds o
    JOIN bookmakers b ON b.id = o.bookmaker_id ORDER BY b.key, o.market"""
REASONS = "SELECT DISTINCT reason FROM ops.rejected_rows ORDER BY 1"


def take(world: World) -> list[Outcome]:
    """Ask and load."""
    world.fetcher().fetch(force=True)
    return world.loader().load()


def as_sent(world: World, **changes: Any) -> bytes:
    """An answer with one event, of which something is another."""
    updated = world.clock() - timedelta(seconds=30)
    outcomes = [{"name": name, "price": price} for name, price in (("Arsenal", 1.8), ("Chelsea", 4.5), ("Draw", 3.7))]
    event = {
        "id": "e1",
        "commence_time": (world.clock() + AHEAD).isoformat(),
        "home_team": "Arsenal",
        "away_team": "Chelsea",
        **changes,
    }
    names = {"Arsenal": event["home_team"], "Chelsea": event["away_team"]}
    for each in outcomes:
        each["name"] = names.get(str(each["name"]), each["name"])
    market = {"key": "h2h", "last_update": updated.isoformat(), "outcomes": outcomes}
    event["bookmakers"] = [{"key": "pinnacle", "title": "Pinnacle", "markets": [market]}]
    return json.dumps([event]).encode()


def test_every_quote_of_every_book_is_a_snapshot_of_our_match(world: World) -> None:
    (outcome,) = take(world)
    assert (outcome.status, outcome.counts.read, outcome.counts.loaded, outcome.counts.rejected) == (
        Status.LOADED,
        16,
        15,
        1,
    )
    rows = world.platform.rows(QUOTES)
    assert {row[0] for row in rows} == {"1XB", "BFE", "PS", "WH", "unibet_uk"}
    assert {(str(row[1]), row[3]) for row in rows} == {
        (market, "snapshot") for market in ("1x2", "over_under", "asian_handicap")
    }
    assert world.platform.rows(REASONS) == [("lay_prices",)]
    assert world.platform.value(
        "SELECT bool_and(captured_at < kickoff_at) FROM odds o JOIN matches m ON m.id = o.match_id"
    )
    flags = world.platform.rows("SELECT key, is_sharp, is_exchange, is_aggregate, name FROM bookmakers ORDER BY key")
    assert ("PS", True, False, False, "Pinnacle") in flags
    assert ("BFE", False, True, False, "Betfair Exchange") in flags
    assert ("unibet_uk", False, False, False, "Unibet (UK)") in flags
    assert world.broken() == set()


def test_loading_the_same_bytes_twice_changes_nothing(world: World) -> None:
    take(world)
    before = snapshot(world.platform.engine)
    assert world.loader().load() == []
    assert snapshot(world.platform.engine) == before
    world.platform.do("UPDATE ops.raw_files SET quotes_loader = 'an older one'")
    odds = snapshot(world.platform.engine)["public.odds"]
    (outcome,) = world.loader().load()
    assert outcome.status is Status.UNCHANGED
    assert snapshot(world.platform.engine)["public.odds"] == odds


def test_the_next_answer_adds_rows_and_moves_are_told(world: World) -> None:
    take(world)
    world.clock.now += HOUR
    take(world)
    loader = world.loader()
    assert world.platform.value("SELECT count(*) FROM odds") == 30
    assert world.platform.value("SELECT count(DISTINCT captured_at) FROM odds") > 5
    loader.touched = {world.platform.value("SELECT id FROM matches")}
    moves = biggest(loader.movements(), 5)
    assert len(moves) == 5
    name, move = moves[0]
    assert name.startswith("Arsenal - Chelsea, ")
    assert move.snapshots == 2
    assert abs(move.change) >= abs(moves[-1][1].change) > 0


def test_a_reload_of_football_data_leaves_snapshots_alone(world: World) -> None:
    from monps_platform.domain.seasons import Season

    take(world)
    before = world.platform.rows("SELECT xmin::text, id FROM odds ORDER BY id")
    with world.unit() as unit:
        season = Season.parse(world.platform.value("SELECT season FROM matches"))
        unit.odds.replace_partition(E0, season, [], [], [])
        unit.commit()
    assert world.platform.rows("SELECT xmin::text, id FROM odds ORDER BY id") == before


def test_a_new_spelling_is_learned_from_the_match_and_kept_with_the_evidence(world: World) -> None:
    world.quote(Listed("Arsenal FC", "Chelsea", world.clock() + AHEAD))
    (outcome,) = take(world)
    assert outcome.counts.loaded == 15
    ((spelling, method, club, likeness),) = world.platform.rows(
        """SELECT a.spelling, a.method, t.name, (a.evidence ->> 'likeness')::float FROM team_aliases a
        JOIN teams t ON t.id = a.team_id WHERE a.source = 'odds-api'"""
    )
    assert (spelling, method, club) == ("Arsenal FC", "names_and_fixture", "Arsenal")
    assert likeness > 0.9


def test_a_spelling_that_nobody_knows_is_queued_and_loads_once_a_person_resolved_it(world: World) -> None:
    world.quote(Listed("The Gunners", "Chelsea", world.clock() + AHEAD))
    (outcome,) = take(world)
    assert outcome.counts.loaded == 0
    assert "nobody knows which club is 'The Gunners'" in outcome.warning
    assert world.platform.rows(REASONS) == [("lay_prices",), ("unresolved_team",)]
    assert world.platform.rows("SELECT spelling FROM team_aliases WHERE team_id IS NULL") == [("The Gunners",)]
    lacking = {"odds_api_names_are_resolved", "most_snapshot_quotes_are_loaded", "snapshots_are_recent"}
    assert world.broken() == lacking
    before = snapshot(world.platform.engine)
    (again,) = world.loader().load()
    assert (again.status, snapshot(world.platform.engine)) == (Status.UNCHANGED, before)
    with world.unit() as unit:
        club = unit.teams.get_by_name("Arsenal").id
        unit.aliases.settle("odds-api", E0, "The Gunners", club)
        unit.commit()
    (resolved,) = world.loader().load()
    assert (resolved.status, resolved.counts.loaded) == (Status.LOADED, 15)
    assert world.platform.rows(REASONS) == [("lay_prices",)]
    assert world.broken() == set()


REJECTED: dict[str, tuple[str, dict[str, Any]]] = {
    "a match that we do not list": ("no_such_match", {"home_team": "Chelsea", "away_team": "Arsenal"}),
    "a club that nobody knows": ("unresolved_team", {"home_team": "Borussia"}),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_quote_of_no_match_of_ours_is_kept_with_the_reason_and_never_guessed(world: World, case: str) -> None:
    reason, changes = REJECTED[case]
    world.server.bodies[SPORT] = as_sent(world, **changes)
    (outcome,) = take(world)
    assert (outcome.counts.read, outcome.counts.loaded, outcome.counts.rejected) == (1, 0, 1)
    ((found, text, detail),) = world.platform.rows("SELECT reason, raw_text, detail FROM ops.rejected_rows")
    assert found == reason
    assert "PS 1x2: 1.8 / 3.7 / 4.5" in text
    assert detail


def test_a_price_of_after_our_kickoff_is_none_that_stood(world: World) -> None:
    world.server.bodies[SPORT] = as_sent(world)
    world.fetcher().fetch(force=True)
    world.platform.do(f"UPDATE matches SET kickoff_at = '{(world.clock() - timedelta(minutes=1)).isoformat()}'")
    (outcome,) = world.loader().load()
    assert outcome.counts.loaded == 0
    assert world.platform.rows(REASONS) == [("event_started",)]


def test_a_spelling_that_one_answer_gives_to_two_clubs_is_given_to_neither(world: World) -> None:
    from monps_platform.domain.event_pairing import EventPairing, ListedMatch
    from monps_platform.domain.snapshots import Event
    from monps_platform.orchestration.loading.odds_api import _without_conflicts

    listed = ListedMatch(1, 1, 2, world.clock().date(), None)
    pairings = [
        EventPairing(Event(number, "e", "City", "X", world.clock()), listed, 0.9, 0.0, (("City", number),))
        for number in (1, 2)
    ]
    assert [each.match for each in _without_conflicts(pairings)] == [None, None]
    assert _without_conflicts(pairings[:1]) == pairings[:1]


def test_bytes_that_are_gone_are_an_outcome_and_other_answers_are_loaded(world: World) -> None:
    world.fetcher().fetch(force=True)
    sha256 = world.platform.value("SELECT sha256 FROM ops.raw_files")
    world.platform.store.path(sha256).unlink()
    world.clock.now += HOUR
    world.fetcher().fetch(force=True)
    assert [outcome.status for outcome in world.loader().load()] == [Status.FAILED, Status.LOADED]


SPOILT = {
    "snapshot_rows_reconcile": "DELETE FROM odds WHERE id IN (SELECT id FROM odds LIMIT 3)",
    "snapshots_are_not_of_the_future": "INSERT INTO odds (match_id, bookmaker_id, market, price_kind, captured_at, "
    "home_price, draw_price, away_price, overround) SELECT match_id, bookmaker_id, market, price_kind, "
    "now() + interval '1 day', home_price, draw_price, away_price, overround FROM odds WHERE market = '1x2' LIMIT 1",
    "snapshots_stood_before_kickoff": "UPDATE matches SET kickoff_at = now() - interval '2 hours'",
    "snapshot_overrounds_are_plausible": "INSERT INTO odds (match_id, bookmaker_id, market, price_kind, captured_at, "
    "home_price, draw_price, away_price, overround) SELECT match_id, bookmaker_id, market, price_kind, "
    "now() - interval '1 day', 9, 9, 9, -0.6667 FROM odds WHERE market = '1x2' LIMIT 1",
    "snapshots_are_recent": "DELETE FROM odds",
    "most_snapshot_quotes_are_loaded": "INSERT INTO ops.rejected_rows (raw_file_id, dataset, line_number, reason, "
    "raw_text) SELECT id, 'odds', 1, 'unknown_bookmaker', 't' FROM ops.raw_files, generate_series(1, 4)",
    "odds_api_names_are_resolved": "INSERT INTO team_aliases (source, league_id, spelling) "
    "SELECT 'odds-api', id, 'The Gunners' FROM leagues WHERE code = 'E0'",
}


@pytest.mark.parametrize("rule", SPOILT)
def test_each_rule_is_seen_failing_once(world: World, rule: str) -> None:
    take(world)
    world.clock.now += timedelta(minutes=2)
    assert world.broken() == set()
    world.platform.do(SPOILT[rule])
    assert rule in world.broken()
