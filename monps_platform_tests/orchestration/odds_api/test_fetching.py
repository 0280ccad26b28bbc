"""Asking The Odds API: whose turn it is, what is entered and kept, and that the reserve stays whatever happens."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from monps_platform.orchestration.outcomes import Status
from monps_platform.sources.errors import SourceError
from monps_platform.sources.odds_api.client import OddsApiRefusedError
from monps_platform.sources.odds_api.files import Question
from monps_platform.sources.simulated.odds_api import Listed
from monps_platform.sources.simulated.odds_api_server import Mode
from monps_platform_tests.orchestration.odds_api.odds_world import AHEAD, E0, KEY, SP1, SPANISH, SPORT, World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REQUESTS = "SELECT league, cost, status, remaining, used FROM ops.api_requests ORDER BY id"


def test_a_league_whose_turn_it_is_is_asked_and_its_answer_kept_byte_for_byte(world: World) -> None:
    plan, (outcome,) = world.fetcher().fetch()
    assert plan.leagues == [E0]
    assert (outcome.status, outcome.detail) == (Status.LOADED, "1 matches, 16 quotes")
    assert world.server.asked == ["v4/sports", f"v4/sports/{SPORT}/odds"]
    assert world.platform.rows(REQUESTS) == [(None, 0, 200, 500, 0), ("E0", 6, 200, 494, 6)]
    ((source, code, key, url, sha256),) = world.platform.rows(
        "SELECT source, league, key, url, sha256 FROM ops.raw_files"
    )
    assert (source, code) == ("odds-api", "E0")
    assert key == f"v4/sports/{SPORT}/odds?regions=eu,uk&markets=h2h,totals,spreads"
    assert url == f"{world.server.url}/v4/sports/{SPORT}/odds"
    assert world.platform.store.get(sha256).startswith(b'[{"id": ')


def test_nobody_is_asked_before_the_turn_comes_and_then_again(world: World) -> None:
    fetcher = world.fetcher()
    fetcher.fetch()
    world.clock.now += 54 * MINUTE
    assert fetcher.fetch() == (fetcher.planner.plan(), [])
    assert len(world.server.asked) == 2
    world.clock.now += MINUTE
    _, outcomes = fetcher.fetch()
    assert [outcome.status for outcome in outcomes] == [Status.LOADED]


def test_force_asks_before_the_turn_and_not_twice_in_a_minute(world: World) -> None:
    fetcher = world.fetcher()
    fetcher.fetch()
    world.clock.now += 30 * timedelta(seconds=1)
    _, (refused,) = fetcher.fetch([E0], force=True)
    assert refused.detail.startswith("another run asked meanwhile")
    world.clock.now += MINUTE
    _, (outcome,) = fetcher.fetch([E0], force=True)
    assert outcome.status is Status.LOADED


def test_the_same_bytes_again_are_no_new_version(world: World) -> None:
    world.server.bodies[SPORT] = b"[]"
    fetcher = world.fetcher()
    assert [outcome.status for outcome in fetcher.fetch()[1]] == [Status.LOADED]
    world.clock.now += HOUR
    assert [outcome.status for outcome in fetcher.fetch()[1]] == [Status.UNCHANGED]
    # Answers without events are free.
    assert world.server.remaining == 500
    assert world.platform.value("SELECT count(*) FROM ops.raw_files") == 1


def test_without_a_match_to_come_the_server_is_not_asked_anything(world: World) -> None:
    world.platform.do("UPDATE matches SET kickoff_at = now() + interval '10 days', match_date = now()::date + 10")
    plan, outcomes = world.fetcher().fetch(force=True)
    assert (plan.leagues, outcomes, world.server.asked) == ([], [], [])


def test_credits_that_somebody_else_spends_are_seen_before_ours_are_spent(world: World) -> None:
    world.server.remaining = 25
    plan, outcomes = world.fetcher().fetch()
    assert (plan.leagues, outcomes) == ([], [])
    assert world.server.asked == ["v4/sports"]
    assert "25 are left, of which 20 are kept" in plan.choices[0].why


def test_the_reserve_is_kept_when_forced(world: World) -> None:
    world.server.remaining = 25
    assert world.fetcher().fetch(force=True)[1] == []
    assert world.server.remaining == 25


FAULTS = {
    Mode.BROKEN: (503, "HTTP 503"),
    Mode.TOO_OFTEN: (429, "asked too often"),
    Mode.REFUSES: (401, "The key is not taken"),
}


@pytest.mark.parametrize("mode", FAULTS)
def test_a_fault_is_entered_with_its_words_and_costs_nothing(world: World, mode: Mode) -> None:
    world.server.mode = mode
    status, words = FAULTS[mode]
    with pytest.raises(SourceError, match=words):
        world.fetcher().fetch()
    ((found, cost, error),) = world.platform.rows("SELECT status, cost, error FROM ops.api_requests")
    assert (found, cost) == (status, 0)
    assert words in error
    assert KEY not in error
    assert world.broken() == {"requests_are_answered"}
    world.clock.now += 25 * HOUR
    assert "requests_are_answered" not in world.broken()


def test_after_a_refusal_nobody_else_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.list_match("Sevilla", "Betis", world.clock() + 2 * AHEAD, "SP1")
    fetcher = world.fetcher()
    assert fetcher.planner.plan().leagues == [E0, SP1]
    sent = fetcher.api.usage()
    assert sent.remaining == 500
    monkeypatch.setattr(type(fetcher.api), "usage", lambda _: sent)
    world.server.mode = Mode.REFUSES
    _, outcomes = fetcher.fetch()
    assert [(str(outcome.partition.league.code), outcome.status) for outcome in outcomes] == [("E0", Status.FAILED)]
    assert OddsApiRefusedError.__name__ not in outcomes[0].detail


def test_a_league_that_the_server_failed_is_asked_again_at_the_next_tick(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher = world.fetcher()
    sent = fetcher.api.usage()
    monkeypatch.setattr(type(fetcher.api), "usage", lambda _: sent)
    world.server.mode = Mode.BROKEN
    assert [outcome.status for outcome in fetcher.fetch()[1]] == [Status.FAILED]
    world.server.mode = Mode.WELL
    world.clock.now += 10 * MINUTE
    assert [outcome.status for outcome in fetcher.fetch()[1]] == [Status.LOADED]


def test_a_fault_of_one_league_costs_no_other(world: World) -> None:
    world.list_match("Sevilla", "Betis", world.clock() + 2 * AHEAD, "SP1")
    world.server.bodies[SPORT] = b"<html>"
    world.quote(Listed("Sevilla", "Betis", world.clock() + 2 * AHEAD), sport=SPANISH)
    _, outcomes = world.fetcher().fetch()
    assert [outcome.status for outcome in outcomes] == [Status.FAILED, Status.LOADED]
    assert "no JSON" in outcomes[0].detail
    assert world.platform.value("SELECT string_agg(league, ',' ORDER BY league) FROM ops.raw_files") == "E0,SP1"


@pytest.mark.parametrize(("body", "words"), [(b"<html>", "no JSON"), (b'{"message": "closed"}', "no list of events")])
def test_an_answer_that_cannot_be_read_is_kept_and_told_and_tried_once(world: World, body: bytes, words: str) -> None:
    world.server.bodies[SPORT] = body
    fetcher = world.fetcher()
    (outcome,) = fetcher.fetch()[1]
    sha256 = hashlib.sha256(body).hexdigest()
    assert outcome.status is Status.FAILED
    assert words in outcome.detail
    assert sha256 in outcome.detail
    assert fetcher.landing.store.get(sha256) == body
    (loaded,) = world.loader().load()
    assert (loaded.counts.read, loaded.counts.rejected) == (1, 1)
    assert words in loaded.warning
    assert world.platform.rows("SELECT reason FROM ops.rejected_rows") == [("unreadable_file",)]
    assert world.broken() == {"most_snapshot_quotes_are_loaded", "snapshots_are_recent"}
    assert world.loader().load() == []


def test_an_answer_that_says_nothing_of_credits_costs_the_most_that_it_may(world: World) -> None:
    world.server.mode = Mode.SILENT_ON_CREDITS
    fetcher = world.fetcher(quota=100)
    fetcher.fetch()
    assert fetcher.planner.plan().purse.left == 94


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    remaining=st.integers(0, 60),
    reserve=st.integers(0, 30),
    quota=st.integers(0, 60),
    markets=st.sampled_from(["h2h", "h2h,totals", "h2h,totals,spreads"]),
    ticks=st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.sampled_from(list(Mode))), max_size=10),
)
def test_whatever_happens_neither_quota_nor_reserve_is_overspent(
    world: World, remaining: int, reserve: int, quota: int, markets: str, ticks: list[tuple[int, bool, Mode]]
) -> None:
    """Where the service never says what is left, only the quota of one's own can tell."""
    world.platform.do("DELETE FROM ops.api_requests")
    before = world.clock.now
    if any(mode is Mode.SILENT_ON_CREDITS for _, _, mode in ticks):
        quota = min(quota, remaining)
    world.server.remaining, world.server.used = remaining, 0
    fetcher = world.fetcher(quota, reserve, Question.of("eu,uk", markets))
    for minutes, force, mode in ticks:
        world.clock.now += minutes * MINUTE
        world.server.mode = mode
        try:
            fetcher.fetch(force=force)
        except SourceError:
            continue
        finally:
            assert world.server.remaining >= min(reserve, remaining)
            assert world.server.used <= max(0, quota - reserve)
    world.clock.now = before
    world.server.mode = Mode.WELL


def test_two_runs_at_once_do_not_spend_the_same_credits(world: World) -> None:
    """Each enters its request before it sends it: the second one sees the first one's, though it is not answered."""
    world.server.remaining = 26
    first, second = world.fetcher(), world.fetcher()
    with world.unit() as unit:
        unit.api_requests.enter("odds-api", "SP1", 6, world.clock())
        unit.commit()
    assert first.fetch(force=True)[1] == []
    assert second.fetch(force=True)[1] == []
    assert world.server.charged == []


def test_the_requests_of_all_leagues_are_told_by_their_table(world: World) -> None:
    world.fetcher().fetch()
    with world.platform.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ops.api_requests WHERE answered_at IS NULL")) == 0
    world.server.remaining = 0
    world.clock.now += HOUR
    world.fetcher().fetch()
    assert world.broken() >= {"credits_are_not_used_up"}
