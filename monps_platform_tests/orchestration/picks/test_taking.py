"""Taking picks: over history from what stood before each match, before matches from what stands; and never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.matches import MatchRepository
from monps_platform.db.repositories.picks import Settlement
from monps_platform.domain.agents import ConsensusValue, DixonColesValue
from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.picks import PickResult, PickSide, PickStep
from monps_platform.orchestration.outcomes import Status
from monps_platform_tests.db.samples import raw_file
from monps_platform_tests.orchestration.picks.ledgers import (
    CHANCES,
    CONSENSUS,
    DAY,
    E0,
    GENEROUS,
    HOUR,
    MODEL,
    NOW,
    OVER,
    PLAYED,
    SHARP,
    USUAL,
    Book,
    Change,
    quotes_of,
)

TAKE = PickStep.TAKE
KNOWN, UNKNOWN = 4, 5
"""The matches to come: one of Saturday 5 October at 14:00 UTC, one of the day after without a known kickoff."""
KICKOFF = datetime(2019, 10, 5, 14, tzinfo=UTC)
LIVE, WALKED = "origin = 'live'", "origin = 'walk_forward'"
VALUE_AWAY = ("2.00", "3.40", "6.00")


def on(book: Book, match: int) -> str:
    """The picks on a match, by its position."""
    return f"match_id = {book.ids[match]}"


def without_ids(book: Book) -> set[tuple[object, ...]]:
    """What the picks were when they were taken, whatever their ids."""
    return set(book.taken().values())


# What a pick is


def test_a_pick_over_history_has_no_time_and_tells_what_it_was_made_from(book: Book) -> None:
    book.work(TAKE)
    told = "DISTINCT agent, taken_at, hours_before_kickoff, data_version"
    versions = book.rows(f"SELECT {told} FROM tracking_clv_picks WHERE {WALKED} ORDER BY agent")
    assert [row[:3] for row in versions] == [(name, None, None) for name in (CONSENSUS, MODEL, SHARP)]
    files = versions[0][3].split()[-1]
    assert [row[3] for row in versions] == [
        f"consensus-value-1 {files}",
        f"dixon-coles-value-1 {MODEL_VERSION} {files}",
        f"sharp-value-1 {files}",
    ]
    assert files.startswith("football-data@")


def test_another_version_of_the_file_is_another_version_of_the_data_of_new_picks_alone(book: Book) -> None:
    book.work(TAKE)
    with book.unit() as unit:
        unit.raw_files.add(raw_file(E0, sha256="b" * 64))
        unit.commit()
    before = book.taken()
    book.change_price(0, "B365", "2.70")
    book.work(TAKE)
    after = book.taken()
    assert {row_id: after[row_id] for row_id in after.keys() & before.keys()}.items() <= before.items()
    was, now = ({row[-1].split()[-1] for row in rows} for rows in (before.values(), _new(before, after)))
    assert len(was) == len(now) == 1
    assert was != now


def _new(before: dict[int, tuple[object, ...]], after: dict[int, tuple[object, ...]]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row_id, row in after.items() if row_id not in before]


def test_a_pick_tells_the_bet_the_agents_probability_and_its_edge(book: Book) -> None:
    book.work(TAKE)
    query = """SELECT agent, strategy, market::text, side::text, line, b.key, price_taken, stake, model_probability,
        edge FROM tracking_clv_picks p JOIN bookmakers b ON b.id = bookmaker_id WHERE match_id = :id ORDER BY agent"""
    consensus, model, sharp = book.rows(query, id=book.ids[0])
    bet = ("1x2", "home", None, "B365", Decimal("2.6"), Decimal(1))
    assert [row[2:8] for row in (consensus, model, sharp)] == [bet] * 3
    mean = (2.0 * 3 + 2.6 + 2.02) / 5
    assert consensus[8:] == (pytest.approx(1 / mean - 0.05, abs=1e-12), pytest.approx(2.6 * (1 / mean - 0.05) - 1))
    assert model[8:] == (0.5, pytest.approx(2.6 * 0.5 - 1))
    assert 1 / 2.02 > sharp[8] > 0.47
    assert sharp[9] == pytest.approx(2.6 * sharp[8] - 1)
    assert consensus[1] == "markets=1x2, stake=1.0, alpha=0.05, fewest_books=4"


def test_a_live_pick_tells_when_it_was_taken_and_how_long_before_kickoff(book: Book) -> None:
    book.work(TAKE, now=NOW + timedelta(minutes=10))
    left = (KICKOFF - NOW - timedelta(minutes=10)) / HOUR
    taken = {on(book, KNOWN): Decimal(str(round(left, 4))), on(book, UNKNOWN): None}
    for match, hours in taken.items():
        assert set(book.picks("taken_at, hours_before_kickoff", f"{match} AND {LIVE}")) == {
            (NOW + timedelta(minutes=10), hours)
        }
    assert round(left, 4) == 97.8333


def test_kelly_stakes_follow_the_edge(book: Book) -> None:
    agent = DixonColesValue(kelly_fraction=0.25, kelly_cap=0.05)
    book.work(TAKE, agents=[agent])
    share = min(0.25 * (2.6 * 0.5 - 1) / (2.6 - 1), 0.05)
    assert set(book.picks("stake")) == {(Decimal(str(round(100 * share, 4))),)}


# What is looked at


def test_agents_see_no_closing_price_and_no_snapshot_of_a_played_match(book: Book) -> None:
    book.enter_quotes([(0, "VC", VALUE_AWAY, PriceKind.CLOSING, None, Market.ONE_X_TWO, None)])
    book.quote(1, "VC", *VALUE_AWAY, at=datetime(2019, 8, 10, tzinfo=UTC))
    book.work(TAKE)
    assert {row[0] for row in book.picks("side::text")} == {"home"}
    book.enter_quotes([(2, "VC", VALUE_AWAY, PriceKind.PRE_MATCH, None, Market.ONE_X_TWO, None)])
    book.work(TAKE)
    assert {row[0] for row in book.picks("match_id", "side = 'away'")} == {book.ids[2]}


BEGUN: dict[str, tuple[datetime, set[int]]] = {
    "four days before": (NOW, {KNOWN, UNKNOWN}),
    "the second before kickoff": (KICKOFF - timedelta(seconds=1), {KNOWN, UNKNOWN}),
    "at kickoff": (KICKOFF, {UNKNOWN}),
    "after kickoff": (KICKOFF + HOUR, {UNKNOWN}),
    # It is the next day in the United Kingdom an hour before it is in Greenwich.
    "the minute before the day": (datetime(2019, 10, 5, 22, 59, tzinfo=UTC), {UNKNOWN}),
    "from its day on where no kickoff is known": (datetime(2019, 10, 5, 23, 0, tzinfo=UTC), set()),
    "the day after": (datetime(2019, 10, 7, tzinfo=UTC), set()),
}


@pytest.mark.parametrize(("now", "expected"), BEGUN.values(), ids=BEGUN)
def test_only_matches_that_have_not_begun_are_picked_live(book: Book, now: datetime, expected: set[int]) -> None:
    book.work(TAKE, now=now)
    assert {row[0] for row in book.picks("match_id", LIVE)} == {book.ids[at] for at in expected}
    assert len(book.picks("id", WALKED)) == 3 * PLAYED


def test_a_match_that_has_begun_is_not_picked_whatever_comes_in(book: Book) -> None:
    book.work(TAKE, now=KICKOFF)
    book.quote(KNOWN, "WH", "9.00", "3.40", "4.00", at=KICKOFF - HOUR)
    book.change_price(KNOWN, "B365", "3.00")
    assert book.work(TAKE, now=KICKOFF + timedelta(minutes=1)).changes == Changes()
    assert book.picks("id", on(book, KNOWN)) == []


def test_a_live_pick_takes_the_newest_snapshot_that_stands(book: Book) -> None:
    """Bet365 asked 2.60 before the first snapshot, then 2.70, now 2.80; what it will ask tomorrow nobody knows."""
    for hours, price in ((-30, "2.70"), (-2, "2.80"), (24, "9.90")):
        book.quote(KNOWN, "B365", price, *GENEROUS[1:], at=NOW + hours * HOUR)
    book.work(TAKE)
    assert set(book.picks("price_taken", f"{on(book, KNOWN)} AND {LIVE}")) == {(Decimal("2.80"),)}
    assert set(book.picks("price_taken", f"{on(book, UNKNOWN)} AND {LIVE}")) == {(Decimal("2.60"),)}


@pytest.mark.parametrize(("hours", "expected"), [(0, 6), (24, 6), (25, 0), (24 * 40, 0)])
def test_prices_of_no_known_time_are_bet_at_for_a_day_after_their_file_came(
    book: Book, hours: int, expected: int
) -> None:
    book.work(TAKE, age=hours * HOUR)
    assert len(book.picks("id", LIVE)) == expected
    assert len(book.picks("id", WALKED)) == 3 * PLAYED, "history has its prices from before the matches"


def test_a_snapshot_is_bet_at_however_old_the_file_is(book: Book) -> None:
    for key, prices in (("B365", GENEROUS), ("PS", USUAL)):
        book.quote(KNOWN, key, *prices, at=NOW - HOUR)
    book.work(TAKE, age=40 * DAY)
    assert sorted(book.picks("agent, price_taken", LIVE)) == [(MODEL, Decimal("2.60")), (SHARP, Decimal("2.60"))]


def test_the_file_of_the_fixtures_tells_how_old_the_prices_of_matches_to_come_are(book: Book) -> None:
    with book.unit() as unit:
        unit.raw_files.add(raw_file(E0, key="fixtures.csv", sha256="c" * 64))
        unit.commit()
    ages = "UPDATE ops.raw_files SET fetched_at = CASE key WHEN 'fixtures.csv' THEN :fixtures ELSE :season END"
    book.do(ages, fixtures=NOW - 2 * DAY, season=NOW)
    list(book.ledger().work([E0]))
    assert book.picks("id", LIVE) == []
    book.do(ages, fixtures=NOW, season=NOW - 2 * DAY)
    book.do("DELETE FROM ops.pick_progress")
    list(book.ledger().work([E0]))
    assert len(book.picks("id", LIVE)) == 6


def test_value_that_a_newer_snapshot_took_away_is_not_picked(book: Book) -> None:
    book.quote(KNOWN, "B365", *USUAL, at=NOW - HOUR)
    book.work(TAKE)
    assert book.picks("id", f"{on(book, KNOWN)} AND {LIVE}") == []
    assert len(book.picks("id", f"{on(book, UNKNOWN)} AND {LIVE}")) == 3


def test_a_closing_price_of_a_match_to_come_stands_for_nothing(book: Book) -> None:
    book.enter_quotes([(KNOWN, "VC", VALUE_AWAY, PriceKind.CLOSING, None, Market.ONE_X_TWO, None)])
    book.work(TAKE)
    assert {row[0] for row in book.picks("side::text")} == {"home"}


@pytest.mark.parametrize("key", ["Max", "Avg", "BFE"])
def test_no_price_is_taken_where_nobody_can_bet(book: Book, key: str) -> None:
    for match in (0, KNOWN):
        book.quote(match, key, "5.00", "3.40", "4.00")
    book.work(TAKE)
    taken = "SELECT DISTINCT b.key FROM tracking_clv_picks p JOIN bookmakers b ON b.id = p.bookmaker_id"
    assert book.rows(taken) == [("B365",)]


def test_of_several_lines_an_agent_picks_the_one_with_the_largest_edge_and_no_other(book: Book) -> None:
    for line, price in (("-0.5", "2.00"), ("-0.25", "2.30"), ("0", "2.10")):
        for key, asked in (("B365", price), ("PS", "1.90"), ("WH", "1.90"), ("BW", "1.90")):
            for match in (0, KNOWN):
                book.quote(match, key, asked, "1.90", market=Market.ASIAN_HANDICAP, line=line)
    agent = ConsensusValue(markets=(Market.ASIAN_HANDICAP,), alpha=0.01)
    book.work(TAKE, agents=[agent])
    assert sorted(book.picks("side::text, line, price_taken")) == [("home", Decimal("-0.25"), Decimal("2.30"))] * 2


# Over history, picks follow the data


def test_picks_that_the_prices_of_now_would_not_give_are_withdrawn(book: Book) -> None:
    book.work()
    book.change_price(0, "B365", "2.00")
    outcome = book.work()
    assert outcome.changes == Changes(deleted=3)
    assert outcome.detail == "3 withdrawn"
    assert book.picks("id", on(book, 0)) == []
    book.change_price(0, "B365", "2.60")
    assert book.work().changes == Changes(inserted=3, updated=6)


def test_a_withdrawn_pick_takes_its_corrections_along(book: Book) -> None:
    book.work()
    book.score(0, (0, 3))
    book.work()
    assert len(book.corrections()) == 3
    book.change_price(0, "B365", "2.70")
    book.work()
    assert book.corrections() == []
    assert {row[0] for row in book.picks("result::text", on(book, 0))} == {"loss"}


def test_a_pick_that_is_wanted_still_keeps_its_id(book: Book) -> None:
    book.work()
    kept = book.picks("id, xmin::text", on(book, 0))
    book.change_price(0, "WH", "2.01", side="home")
    book.work()
    after = dict(book.picks("id, xmin::text", on(book, 0)))
    same = [row for row in kept if after.get(row[0]) == row[1]]
    assert len(same) == 2, "the consensus is another one now, the sharp price and the model are not"


def test_a_pick_that_is_rated_otherwise_keeps_its_id_and_corrections_and_is_told_anew(book: Book) -> None:
    book.work()
    book.score(0, (0, 3))
    book.work()
    kept, ids = book.corrections(), book.picks("id", on(book, 0))
    assert len(kept) == 3
    with book.unit() as unit:
        unit.raw_files.add(raw_file(E0, sha256="b" * 64))
        unit.commit()
    book.do("UPDATE quantum.match_forecasts SET home_prob = home_prob + 1e-9, away_prob = away_prob - 1e-9")
    before, traces = book.taken(), book.traces()
    outcome = book.work()
    assert outcome.changes == Changes(updated=PLAYED)
    assert outcome.detail == f"{PLAYED} rated anew"
    assert (book.corrections(), book.picks("id", on(book, 0))) == (kept, ids)
    rated = {row[0] for row in book.picks("id", f"agent = '{MODEL}' AND {WALKED}")}
    after, again = book.taken(), book.traces()
    assert {row_id for row_id in again if again[row_id] != traces[row_id]} == rated
    for row_id in rated:
        *was, chance, _, _, version = before[row_id]
        *now, chance_now, edge, _, version_now = after[row_id]
        assert now == was
        assert 0 < chance_now - chance < 2e-9
        assert edge == pytest.approx(2.6 * chance_now - 1)
        assert version_now != version
    assert book.work().changes == Changes()


@pytest.mark.parametrize("price", ["2.00", "2.70"], ids=["not wanted any more", "wanted at another price"])
def test_a_pick_that_a_person_corrected_is_not_withdrawn_and_nothing_is_taken_in_its_place(
    book: Book, price: str
) -> None:
    book.work()
    ((corrected,),) = book.picks("id", f"{on(book, 0)} AND agent = '{CONSENSUS}'")
    book.settle_by_hand(Settlement(PickResult.VOID, 0.0), corrected)
    before, kept = book.taken()[corrected], book.corrections()
    book.change_price(0, "B365", price)
    assert book.work(TAKE).changes.deleted == 2
    assert book.picks("id", f"{on(book, 0)} AND agent = '{CONSENSUS}'") == [(corrected,)]
    assert (book.taken()[corrected], book.corrections()) == (before, kept)


def test_a_corrected_pick_of_a_match_that_lost_its_score_stays_and_is_not_taken_again_live(book: Book) -> None:
    book.work()
    ((corrected,),) = book.picks("id", f"{on(book, 3)} AND agent = '{CONSENSUS}'")
    book.settle_by_hand(Settlement(PickResult.VOID, 0.0), corrected)
    kickoff = NOW + 7 * DAY
    book.score(3, None)
    book.do("UPDATE matches SET kickoff_at = :at WHERE id = :id", at=kickoff, id=book.ids[3])
    assert book.work(now=NOW + DAY).status is not Status.FAILED
    origins = sorted(book.picks("agent, origin::text, result::text", on(book, 3)))
    assert origins == [(CONSENSUS, "walk_forward", "void"), (MODEL, "live", None), (SHARP, "live", None)]


def test_a_match_that_comes_in_while_the_agents_look_is_left_to_the_next_run(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixtures = MatchRepository.fixtures
    late = book.ids[0]

    def before_it_came(repository: MatchRepository[Session], *args: Any) -> dict[int, Fixture]:
        found = fixtures.__get__(repository, MatchRepository)(*args)
        return {match_id: fixture for match_id, fixture in found.items() if match_id != late}

    with monkeypatch.context() as patch:
        patch.setattr(MatchRepository, "fixtures", before_it_came)
        outcome = book.work()
    assert outcome.status is not Status.FAILED
    assert book.picks("id", f"match_id = {late}") == []
    assert len(book.picks("id", WALKED)) == 3 * (PLAYED - 1)


def test_a_match_that_lost_its_score_loses_its_picks_over_history(book: Book) -> None:
    book.work()
    book.score(3, None)
    assert book.work().changes == Changes(deleted=3)
    book.score(3, (1, 1))
    book.work()
    assert {row[0] for row in book.picks("result::text", on(book, 3))} == {"loss"}


def test_a_match_that_is_played_again_later_may_be_picked_live_in_the_meantime(book: Book) -> None:
    """Put off after it was abandoned: its picks over history go, those before the new kickoff are taken for good."""
    book.work()
    kickoff = NOW + 7 * DAY
    book.do(
        "UPDATE matches SET home_goals = NULL, away_goals = NULL, kickoff_at = :at, match_date = :day WHERE id = :id",
        at=kickoff,
        day=kickoff.date(),
        id=book.ids[3],
    )
    book.work(now=NOW + DAY)
    assert set(book.picks("origin::text, price_taken", on(book, 3))) == {("live", Decimal("2.60"))}
    book.score(3, (0, 2))
    assert book.work(now=NOW + 9 * DAY).changes.inserted == 0
    assert set(book.picks("origin::text, result::text", on(book, 3))) == {("live", "loss")}


# What was taken before a match, and what a person took, stays


def _higher(book: Book) -> None:
    book.change_price(KNOWN, "B365", "2.70")


def _worse(book: Book) -> None:
    book.change_price(KNOWN, "B365", "1.50")


def _gone(book: Book) -> None:
    book.do("DELETE FROM odds WHERE price_kind = 'pre_match'")


def _forecast(book: Book) -> None:
    book.forecast({KNOWN: (0.1, 0.1, 0.8)})


def _snapshot(book: Book) -> None:
    book.quote(KNOWN, "B365", *USUAL, at=NOW + HOUR)


def _played(book: Book) -> None:
    book.score(KNOWN, (0, 0))
    book.change_price(KNOWN, "B365", "2.80")


def _put_off(book: Book) -> None:
    book.do("UPDATE matches SET kickoff_at = kickoff_at + interval '30 days' WHERE id = :id", id=book.ids[KNOWN])


LATER: dict[str, Change] = {
    "a higher price": _higher,
    "a price without value": _worse,
    "no prices": _gone,
    "another forecast": _forecast,
    "another snapshot": _snapshot,
    "a result": _played,
    "another kickoff": _put_off,
}


@pytest.mark.parametrize("change", LATER.values(), ids=LATER)
@pytest.mark.parametrize("later", [2 * HOUR, 30 * DAY], ids=["before the match", "after it"])
def test_live_picks_and_a_persons_stay_as_they_were_taken_whatever_comes_later(
    book: Book, change: Callable[[Book], None], later: timedelta
) -> None:
    own = book.own(KNOWN, taken_at=NOW, side=PickSide.AWAY)
    book.work()
    kept = {row[0] for row in book.picks("id", f"({on(book, KNOWN)} AND {LIVE}) OR id = {own}")}
    before = {row_id: row for row_id, row in book.taken().items() if row_id in kept}
    change(book)
    assert book.work(now=NOW + later).status is not Status.FAILED
    after = book.taken()
    assert {row_id: after[row_id] for row_id in kept} == before
    home = f"{on(book, KNOWN)} AND side = 'home' AND origin <> 'own'"
    assert sorted(row[0] for row in book.picks("agent", home)) == [CONSENSUS, MODEL, SHARP]


def test_a_side_is_picked_once_before_the_match_and_not_again_as_history(book: Book) -> None:
    book.work()
    book.score(KNOWN, (2, 0))
    book.quote(KNOWN, "VC", *VALUE_AWAY)
    book.work(now=NOW + 30 * DAY)
    assert sorted(book.picks("side::text, origin::text, agent", on(book, KNOWN))) == [
        ("away", "walk_forward", CONSENSUS),
        ("away", "walk_forward", MODEL),
        *(("home", "live", name) for name in (CONSENSUS, MODEL, SHARP)),
    ]


def test_a_live_pick_is_taken_once_at_the_price_that_stood_first(book: Book) -> None:
    for hours, price in enumerate(("2.60", "2.80", "3.00")):
        book.change_price(KNOWN, "B365", price)
        book.work(TAKE, now=NOW + hours * HOUR)
    query = "agent, price_taken, taken_at"
    assert sorted(book.picks(query, f"{on(book, KNOWN)} AND {LIVE}")) == [
        (name, Decimal("2.60"), NOW) for name in (CONSENSUS, MODEL, SHARP)
    ]


def test_each_agent_picks_a_side_of_a_market_at_most_once_over_all_that_may_happen(book: Book) -> None:
    """Prices come and go, matches are played, lose their score, and are played again."""
    book.work()
    for step, change in enumerate((_higher, _played, _forecast, _put_off, _snapshot, _gone)):
        change(book)
        book.work(now=NOW + step * 9 * DAY)
        book.score(step % PLAYED, None if step % 2 else (step, 1))
        book.enter_quotes(quotes_of([1], [2]))
        assert book.work(now=NOW + (step * 9 + 1) * DAY).status is not Status.FAILED
        twice = """SELECT agent, match_id, market, side FROM tracking_clv_picks WHERE origin <> 'own'
            GROUP BY agent, match_id, market, side HAVING count(*) > 1"""
        assert book.rows(twice) == []


# Nothing sees the future


AFTERWARDS: dict[str, Change] = {
    "results": lambda book: book.do("UPDATE matches SET home_goals = 0, away_goals = 5 WHERE home_goals IS NOT NULL"),
    "closing prices": lambda book: book.do(
        "UPDATE odds SET home_price = 1.2, away_price = 30 WHERE price_kind = 'closing'"
    ),
    "no closing prices": lambda book: book.do("DELETE FROM odds WHERE price_kind = 'closing'"),
    "snapshots of played matches": lambda book: book.quote(0, "WH", *VALUE_AWAY, at=NOW - 60 * DAY),
    "prices and forecasts of other matches": lambda book: book.do(
        f"""UPDATE odds SET away_price = 9 WHERE match_id <> {book.ids[0]} AND price_kind = 'pre_match';
        UPDATE quantum.match_forecasts SET home_prob = 0.1, away_prob = 0.62 WHERE match_id <> {book.ids[0]}"""
    ),
}


@pytest.mark.parametrize("change", AFTERWARDS.values(), ids=AFTERWARDS)
def test_what_was_known_after_a_match_only_changes_no_pick_on_it(book: Book, change: Change) -> None:
    """The whole ledger done anew from the changed tables picks the same there."""
    book.work()
    before, first = without_ids(book), set(book.taken())
    of_first = {row for row in before if row[3] == book.ids[0]}
    change(book)
    book.work()
    kept = {row for row in without_ids(book) if row[3] == book.ids[0]}
    assert kept == of_first
    assert {row_id for row_id, row in book.taken().items() if row[3] == book.ids[0]} <= first
    book.do("DELETE FROM tracking_clv_picks; DELETE FROM ops.pick_progress")
    book.work()
    assert {row for row in without_ids(book) if row[3] == book.ids[0]} == of_first


def test_prices_of_later_matches_change_no_earlier_pick(book: Book) -> None:
    for at in range(1, len(book.ids)):
        book.work(TAKE)
        earlier = {row for row in without_ids(book) if row[3] in book.ids[:at]}
        ids = ", ".join(map(str, book.ids[at:]))
        book.do(f"UPDATE odds SET home_price = home_price + 0.5, draw_price = 8 WHERE match_id IN ({ids})")
        book.work(TAKE)
        assert {row for row in without_ids(book) if row[3] in book.ids[:at]} == earlier


def test_without_forecasts_the_model_picks_nothing_and_the_others_do(book: Book) -> None:
    book.do("DELETE FROM quantum.match_forecasts")
    book.work(TAKE)
    assert {row[0] for row in book.picks("agent")} == {CONSENSUS, SHARP}
    book.forecast({0: CHANCES})
    assert book.work(TAKE).changes == Changes(inserted=1)


def test_a_season_that_is_over_gives_no_live_picks(book: Book) -> None:
    book.work(TAKE, now=OVER)
    assert book.picks("id", LIVE) == []
