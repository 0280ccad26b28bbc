"""What is asked of Understat and what is not, what is kept, and what a server can do wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.fetching.understat import UnderstatFetcher
from monps_platform.orchestration.fetching.understat_matches import BATCH, MOST_AGAIN, MOST_UNREADABLE
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource, UnderstatResource
from monps_platform.sources.http import HttpClient
from monps_platform_tests.conftest import Answer
from monps_platform_tests.orchestration.football_files import CURRENT, MATCHES, partition
from monps_platform_tests.orchestration.platform import Platform, RecordingProgress, recording, snapshot
from monps_platform_tests.orchestration.understat_files import (
    id_of,
    key_of,
    key_of_match,
    league_file,
    listing,
    match_file,
    players,
    serve,
    to_come,
)
from monps_platform_tests.sources.understat.writing import body

E0 = partition("E0", "2019-20")
LATER = partition("E0", "2020-21")
NOW = partition("E0", CURRENT)
SIM = partition("SIM1", "2019-20")
PAGE = "league/EPL/2019"
FILES = [key_of_match(E0, number) for number in range(MATCHES)]


@dataclass
class Source:
    """The source as the assets use it, with whatever is to be changed in its fetcher."""

    platform: Platform
    database: DatabaseResource
    progress: RecordingProgress = field(default_factory=recording)

    def fetch(self, *partitions: Partition, shots: bool = True, retries: int = 0, **landing: Any) -> list[Outcome]:
        """Fetch partitions in one step; ``landing`` are other values of its Landing."""
        resource = UnderstatResource(base_url=self.platform.mirror.url, retries=retries, first_pause=0.0, shots=shots)
        store = RawStoreResource(root=str(self.platform.raw))
        with resource.fetcher(self.database, store, self.progress) as fetcher:
            changed = UnderstatFetcher(replace(fetcher.landing, **landing), fetcher.with_shots, fetcher.told)
            return [changed.fetch(where) for where in partitions]

    def one(self, where: Partition = E0, **options: Any) -> Outcome:
        """Fetch one partition."""
        (outcome,) = self.fetch(where, **options)
        return outcome

    def asked(self) -> list[str]:
        """The paths that were asked for since this was asked last."""
        paths = [path for path, _ in self.platform.mirror.requests]
        self.platform.mirror.requests.clear()
        return paths

    def held(self) -> list[str]:
        """The keys of the files that are held, in the order in which they came."""
        return [key for (key,) in self.platform.rows("SELECT key FROM ops.raw_files ORDER BY id")]


@pytest.fixture
def source(platform: Platform) -> Iterator[Source]:
    resource = platform.resources()["database"]
    assert isinstance(resource, DatabaseResource)
    yield Source(platform, resource.open())
    resource.close()


def test_a_season_is_its_page_its_league_file_and_the_files_of_its_matches(source: Source) -> None:
    serve(source.platform.mirror, E0)
    outcome = source.one()
    assert outcome.status is Status.LOADED
    assert (outcome.counts.read, outcome.counts.loaded, outcome.detail) == (1 + MATCHES, 1 + MATCHES, "12 match files")
    assert source.asked() == [PAGE, key_of(E0), *FILES]
    assert source.held() == [key_of(E0), *FILES]
    stored = "SELECT source, league, season, url FROM ops.raw_files WHERE key = '{}'"
    assert source.platform.rows(stored.format(FILES[3])) == [
        ("understat", "E0", "2019-20", f"{source.platform.mirror.url}/{FILES[3]}")
    ]
    kept = source.platform.value(f"SELECT sha256 FROM ops.raw_files WHERE key = '{FILES[3]}'")
    assert source.platform.store.get(kept) == match_file(E0, 3)


def test_data_is_asked_for_as_the_site_wants_it_with_the_cookies_of_a_page_that_is_visited_once(
    source: Source,
) -> None:
    serve(source.platform.mirror, E0, LATER)
    source.platform.mirror.serve(PAGE, Answer(b"<html>", headers={"Set-Cookie": "PHPSESSID=q7; Path=/"}))
    source.fetch(E0, LATER)
    (page, greeting), *data = source.platform.mirror.requests
    assert page == PAGE
    assert "cookie" not in greeting
    assert "x-requested-with" not in greeting
    assert len(data) == 2 * (1 + MATCHES)
    assert {headers.get("x-requested-with") for _, headers in data} == {"XMLHttpRequest"}
    assert {headers.get("cookie") for _, headers in data} == {"PHPSESSID=q7"}
    assert source.held().count(PAGE) == 0


def test_a_page_that_cannot_be_had_now_is_visited_again_for_the_next_partition(source: Source) -> None:
    serve(source.platform.mirror, E0, LATER)
    source.platform.mirror.serve(PAGE, Answer(status=503))
    first, second = source.fetch(E0, LATER)
    assert (first.status, second.status) == (Status.FAILED, Status.LOADED)
    assert "HTTP 503" in first.detail
    assert source.asked()[:3] == [PAGE, "league/EPL/2020", key_of(LATER)]


def test_the_second_request_for_a_league_file_is_conditional_and_an_unchanged_one_costs_nothing_more(
    source: Source,
) -> None:
    serve(source.platform.mirror, E0)
    headers = {"ETag": '"v1"', "Last-Modified": "Sat, 01 Aug 2020 10:00:00 GMT"}
    source.platform.mirror.serve(key_of(E0), Answer(league_file(E0), headers=headers))
    source.one()
    before = snapshot(source.platform.engine)
    source.platform.mirror.requests.clear()
    outcome = source.one()
    (_, _), (path, asked) = source.platform.mirror.requests
    assert path == key_of(E0)
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"v1"', headers["Last-Modified"])
    assert asked["x-requested-with"] == "XMLHttpRequest"
    assert (outcome.status, outcome.counts.loaded) == (Status.UNCHANGED, 1 + MATCHES)
    assert snapshot(source.platform.engine) == before


def test_a_server_without_marks_that_sends_the_same_bytes_gives_no_new_version(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.one()
    before = snapshot(source.platform.engine)
    assert source.one().status is Status.UNCHANGED
    assert snapshot(source.platform.engine) == before


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (partition("E1", "2019-20"), "understat does not cover E1"),
        (partition("E0", "2013-14"), "understat covers E0 from 2014-15"),
    ],
    ids=str,
)
def test_what_the_source_does_not_cover_is_not_asked_for(source: Source, where: Partition, reason: str) -> None:
    outcome = source.one(where)
    assert (outcome.status, outcome.detail) == (Status.NOT_PUBLISHED, reason)
    assert source.asked() == []


def test_without_the_wish_for_shots_no_match_file_is_asked_for(source: Source) -> None:
    serve(source.platform.mirror, E0)
    outcome = source.one(shots=False)
    assert (outcome.status, outcome.counts.loaded, outcome.detail) == (Status.LOADED, 1, "")
    assert source.asked() == [PAGE, key_of(E0)]
    assert source.progress.parts == []


def test_only_matches_that_were_played_are_fetched_and_each_once(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.platform.mirror.serve(key_of(E0), league_file(E0, played=5))
    assert source.one().counts.loaded == 6
    assert source.asked() == [PAGE, key_of(E0), *FILES[:5]]
    source.platform.mirror.serve(key_of(E0), league_file(E0, played=7))
    assert source.one().detail == "2 match files"
    assert source.asked() == [PAGE, key_of(E0), *FILES[5:7]]
    assert source.progress.parts == [
        *(("raw_understat", str(E0), done, 5) for done in range(1, 6)),
        ("raw_understat", str(E0), 6, 7),
        ("raw_understat", str(E0), 7, 7),
    ]


def test_kept_bytes_of_a_match_that_are_gone_are_fetched_again(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.one()
    kept = source.platform.value(f"SELECT sha256 FROM ops.raw_files WHERE key = '{FILES[2]}'")
    source.platform.store.path(kept).unlink()
    source.asked()
    assert source.one().detail == "1 match files"
    assert source.asked() == [PAGE, key_of(E0), FILES[2]]
    assert source.platform.store.get(kept) == match_file(E0, 2)


BAD_LEAGUE_FILES = {
    "an HTML page": (Answer(b"<!DOCTYPE html><html><body>Service notice</body></html>"), "HTML page"),
    "nothing": (Answer(b""), "is empty"),
    "binary": (Answer(b"\x1f\x8b\x08\x00" * 90), "is binary"),
    "a list": (Answer(b"[]"), "no object"),
    "an object without its keys": (Answer(body({"message": "closed"})), "has no list 'dates'"),
    "no players": (Answer(league_file(E0, players=[])), "lists finished matches, but no player"),
    "no matches": (Answer(league_file(E0, dates=[])), "lists players, but no match"),
    "nothing in its lists": (Answer(league_file(E0, dates=[], players=[])), "though it was fetched on"),
    "records of another form": (
        Answer(league_file(E0, dates=[{"match": number} for number in range(MATCHES)])),
        "the form of the source has changed",
    ),
    "a body cut on the way": (Answer(league_file(E0), cut_after=900), "broke off"),
    "a file cut in a record": (Answer(league_file(E0)[:-30]), "is truncated"),
    "a file that shrank": (
        Answer(body({"dates": [listing(E0, n) for n in range(5)], "players": players(E0, range(5))})),
        "shrank from",
    ),
    "a server error": (Answer(status=500), "HTTP 500"),
    "a refusal": (Answer(status=403), "HTTP 403"),
    "a file that vanished": (Answer(status=404), "though it was fetched on"),
}


def test_league_files_that_are_none_are_refused_with_their_reason_and_what_was_kept_stays(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.one(shots=False)
    before = snapshot(source.platform.engine)
    kept = sorted(path.name for path in source.platform.raw.rglob("*"))
    for kind, (answer, reason) in BAD_LEAGUE_FILES.items():
        source.platform.mirror.serve(key_of(E0), answer)
        source.asked()
        outcome = source.one()
        assert outcome.status is Status.FAILED, kind
        assert f"{source.platform.mirror.url}/{key_of(E0)}" in outcome.detail, kind
        assert reason in outcome.detail, kind
        assert source.asked() == [PAGE, key_of(E0)], kind
        assert snapshot(source.platform.engine) == before, kind
        assert sorted(path.name for path in source.platform.raw.rglob("*")) == kept, kind


def test_a_shrunken_league_file_may_be_taken_for_once(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.one(shots=False)
    source.platform.mirror.serve(key_of(E0), body({"dates": [listing(E0, 0)], "players": players(E0, range(1))}))
    assert "MONPS_ACCEPT_SHRUNKEN=1" in source.one(shots=False).detail
    assert source.one(shots=False, accept_shrunken=True).status is Status.LOADED


def test_a_league_file_that_was_never_there_is_not_published(source: Source) -> None:
    outcome = source.one()
    assert (outcome.status, outcome.detail) == (Status.NOT_PUBLISHED, f"{key_of(E0)}: there is nothing yet")
    assert source.asked() == [PAGE, key_of(E0)]
    assert source.held() == []


def test_a_league_file_without_a_match_is_one_of_a_season_to_come(source: Source) -> None:
    source.platform.mirror.serve(key_of(E0), league_file(E0, dates=[], players=[]))
    outcome = source.one()
    assert (outcome.status, outcome.detail) == (Status.NOT_PUBLISHED, f"{key_of(E0)}: there is nothing yet")
    assert source.held() == []


def test_when_the_server_dies_in_the_middle_what_arrived_is_kept_and_the_next_run_fetches_the_rest(
    source: Source,
) -> None:
    serve(source.platform.mirror, E0)
    source.platform.mirror.serve(FILES[7], Answer(status=502))
    outcome = source.one()
    assert outcome.status is Status.FAILED
    assert f"{FILES[7]}: HTTP 502" in outcome.detail
    assert source.asked() == [PAGE, key_of(E0), *FILES[:8]]
    assert source.held() == [key_of(E0), *FILES[:7]]
    source.platform.mirror.serve(FILES[7], match_file(E0, 7))
    assert source.one().detail == "5 match files"
    assert source.asked() == [PAGE, key_of(E0), *FILES[7:]]
    assert source.held() == [key_of(E0), *FILES]


def test_an_interrupt_costs_no_file_that_has_arrived(source: Source) -> None:
    serve(source.platform.mirror, E0)

    def interrupt(where: Partition, done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    source.progress.part = lambda step, *told: interrupt(*told)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        source.one()
    assert source.held() == [key_of(E0), *FILES[:4]]


def test_files_are_entered_in_batches(source: Source) -> None:
    assert MATCHES < BATCH, "the small league fills no batch"
    progress = source.progress
    seen: list[int] = []

    def look(step: str, where: Partition, done: int, total: int) -> None:
        seen.append(source.platform.value("SELECT count(*) FROM ops.raw_files WHERE key LIKE 'getMatchData/%'"))

    progress.part = look  # type: ignore[method-assign,assignment]
    source.one(SIM)
    assert len(seen) == 380
    assert sorted(set(seen)) == list(range(0, 380, BATCH))
    assert source.platform.value("SELECT count(*) FROM ops.raw_files WHERE key LIKE 'getMatchData/%'") == 380


def test_a_match_file_that_the_source_lacks_is_a_warning_that_names_it_and_is_asked_for_again(source: Source) -> None:
    serve(source.platform.mirror, E0)
    for number in (3, 9):
        del source.platform.mirror.answers[FILES[number]]
    outcome = source.one()
    assert outcome.status is Status.LOADED
    assert outcome.warning == f"the source has no shots of 2 matches: {id_of(E0, 3)}, {id_of(E0, 9)}"
    assert outcome.detail == "10 match files"
    source.asked()
    again = source.one()
    assert (again.status, again.warning) == (Status.UNCHANGED, outcome.warning)
    assert source.asked() == [PAGE, key_of(E0), FILES[3], FILES[9]]


def test_a_match_file_without_shots_of_a_match_that_had_some_is_not_there_yet(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.platform.mirror.serve(FILES[11], body({"rosters": {"h": [], "a": []}, "shots": {"h": [], "a": []}}))
    assert source.one().warning == f"the source has no shots of 1 matches: {id_of(E0, 11)}"
    assert FILES[11] not in source.held()
    source.platform.mirror.serve(FILES[11], match_file(E0, 11))
    assert source.one().warning == ""
    assert source.held()[-1] == FILES[11]


def corrected(*numbers: int) -> bytes:
    """A league file that says other than before of the xG of some matches."""
    return league_file(E0, dates=[listing(E0, n, **({"xG__h": "0.6"} if n in numbers else {})) for n in range(MATCHES)])


def test_a_held_match_file_that_a_newer_league_file_contradicts_is_asked_for_again(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.one()
    source.asked()
    source.platform.mirror.serve(key_of(E0), corrected(4))
    outcome = source.one()
    assert source.asked() == [PAGE, key_of(E0), FILES[4]]
    assert (outcome.status, outcome.detail, outcome.counts.loaded) == (Status.LOADED, "", 1 + MATCHES)
    assert source.held().count(FILES[4]) == 1, "it was the same"
    source.platform.mirror.serve(FILES[4], match_file(E0, 4, xG="0.45"))
    assert source.one().detail == "1 match files"
    assert source.asked() == [PAGE, key_of(E0), FILES[4]]
    assert source.one().status is Status.UNCHANGED
    assert source.asked() == [PAGE, key_of(E0)]


def test_at_most_twenty_held_match_files_are_asked_for_again_in_a_run(source: Source) -> None:
    source.one(SIM)
    source.platform.do("UPDATE ops.raw_files SET fetched_at = fetched_at - interval '1 day'")
    source.platform.do("UPDATE ops.raw_files SET fetched_at = now() WHERE key LIKE 'getLeagueData/%'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monps_platform.domain.understat.ParsedMatch.agrees_with", lambda *_: False)
        source.progress.parts.clear()
        assert source.one(SIM).status is Status.UNCHANGED
    assert len(source.progress.parts) == MOST_AGAIN


def test_match_files_that_are_lacking_do_not_count_as_kept(source: Source) -> None:
    serve(source.platform.mirror, E0)
    del source.platform.mirror.answers[FILES[3]]
    for _ in range(2):
        counts = source.one().counts
        assert (counts.read, counts.loaded) == (MATCHES, MATCHES)


def test_an_unreadable_match_file_fails_the_partition_and_the_others_are_kept(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.platform.mirror.serve(FILES[2], b"<html>maintenance</html>")
    source.platform.mirror.serve(FILES[4], match_file(E0, 5))
    outcome = source.one()
    assert outcome.status is Status.FAILED
    assert "2 match files are not what they should be" in outcome.detail
    assert f"{FILES[2]} (E0 2019-20): the server sent an HTML page" in outcome.detail
    assert f"all its shots belong to another match than {id_of(E0, 4)}" in outcome.detail
    assert "10 others were kept" in outcome.detail
    assert source.held() == [key_of(E0), *(file for at, file in enumerate(FILES) if at not in (2, 4))]
    source.asked()
    serve(source.platform.mirror, E0)
    assert source.one().detail == "2 match files"
    assert source.asked() == [PAGE, key_of(E0), FILES[2], FILES[4]]


def test_after_three_unreadable_match_files_no_more_are_asked_for(source: Source) -> None:
    serve(source.platform.mirror, E0)
    for number in (1, 2, 4, 6):
        source.platform.mirror.serve(FILES[number], body({"rosters": {}}))
    outcome = source.one()
    assert f"{MOST_UNREADABLE} match files are not what they should be" in outcome.detail
    assert source.asked() == [PAGE, key_of(E0), *FILES[:5]]
    assert source.held() == [key_of(E0), FILES[0], FILES[3]]


def test_a_failing_partition_costs_the_others_of_its_step_nothing(source: Source) -> None:
    serve(source.platform.mirror, E0, LATER)
    source.platform.mirror.serve(key_of(E0), b"<html>")
    first, second = source.fetch(E0, LATER)
    assert (first.status, second.status) == (Status.FAILED, Status.LOADED)
    assert second.counts.loaded == 1 + MATCHES


def test_a_database_that_is_away_is_a_failure_in_words(source: Source) -> None:
    serve(source.platform.mirror, E0)
    away = DatabaseResource(host="127.0.0.1", port=1, user="u", password="p", database="d", sslmode="disable").open()
    outcome = replace(source, database=away).one()
    away.close()
    assert outcome.status is Status.FAILED
    assert "Connection refused" in outcome.detail


def test_a_server_error_is_tried_again_and_then_done(source: Source) -> None:
    serve(source.platform.mirror, E0)
    source.platform.mirror.serve(FILES[0], Answer(status=500), Answer(match_file(E0, 0)))
    assert source.one(retries=1).status is Status.LOADED
    assert source.asked().count(FILES[0]) == 2


@dataclass
class Watch:
    """Notes how many requests are answered at once, and when each came by a clock that moves with every answer."""

    now: float = 0.0
    at_once: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def over(self, platform: Platform, stack: ExitStack) -> None:
        """Watch a platform's mirror, whose every answer takes a tenth of a second of this clock."""
        answer = platform.mirror.answer

        def watched(path: str) -> Answer:
            with self._lock:
                self._busy += 1
                self.at_once.append(self._busy)
                self.times.append(self.now)
            self.now += 0.1
            said = answer(path)
            with self._lock:
                self._busy -= 1
            return said

        platform.mirror.answer = watched  # type: ignore[method-assign]
        stack.callback(lambda: platform.mirror.__dict__.pop("answer", None))


def test_a_server_that_is_not_this_machine_is_asked_one_thing_at_a_time_with_a_pause_between(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monps_platform.sources.http._LOOPBACK", frozenset())
    serve(source.platform.mirror, E0, LATER)
    watch = Watch()
    client = HttpClient(interval=0.5, sleep=watch.sleep, clock=watch.clock)
    with ExitStack() as stack, closing(client):
        watch.over(source.platform, stack)
        outcomes = source.fetch(E0, LATER, client=client)
    assert {outcome.status for outcome in outcomes} == {Status.LOADED}
    assert len(watch.times) == 1 + 2 * (1 + MATCHES)
    assert set(watch.at_once) == {1}
    pauses = [after - before for before, after in zip(watch.times, watch.times[1:], strict=False)]
    assert pauses == pytest.approx([0.5] * (len(watch.times) - 1))


def at(moment: datetime) -> Any:
    """A clock that stands still."""
    return lambda: moment


def test_a_simulated_league_is_made_without_a_request_and_with_its_shots_whether_they_are_wished_for_or_not(
    source: Source,
) -> None:
    outcome = source.one(SIM, shots=False)
    assert (outcome.status, outcome.counts.loaded) == (Status.LOADED, 381)
    assert source.asked() == []
    assert source.platform.rows("SELECT source, count(*) FROM ops.raw_files GROUP BY 1") == [
        ("simulated-understat", 381)
    ]
    assert source.platform.value("SELECT count(*) FROM ops.raw_files WHERE url <> 'simulated:' || key") == 0
    before = snapshot(source.platform.engine)
    assert source.one(SIM).status is Status.UNCHANGED
    assert snapshot(source.platform.engine) == before


def test_a_simulated_season_that_is_not_over_is_not_published(source: Source) -> None:
    last_day = datetime(2020, 6, 30, 23, 59, tzinfo=UTC)
    outcome = source.one(SIM, now=at(last_day))
    assert (outcome.status, outcome.detail) == (Status.NOT_PUBLISHED, "simulated seasons appear when they are over")
    assert source.held() == []
    assert source.one(SIM, now=at(last_day + timedelta(minutes=1))).status is Status.LOADED


def test_a_season_under_way_has_the_files_of_what_was_played_and_a_season_to_come_those_of_nothing(
    source: Source,
) -> None:
    def dates(played: int) -> Sequence[dict[str, Any]]:
        return [listing(NOW, n) if n < played else to_come(NOW, n) for n in range(MATCHES)]

    source.platform.mirror.serve(key_of(NOW), body({"dates": dates(0), "players": []}))
    assert source.one(NOW).counts.loaded == 1
    serve(source.platform.mirror, NOW)
    source.platform.mirror.serve(key_of(NOW), body({"dates": dates(1), "players": players(NOW, range(1))}))
    assert source.one(NOW).detail == "1 match files"
    assert source.held() == [key_of(NOW), key_of(NOW), key_of_match(NOW, 0)]
