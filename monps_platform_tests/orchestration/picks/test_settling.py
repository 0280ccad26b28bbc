"""Settling picks by the score of their match: every market, every push, and every correction."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.picks import Settlement
from monps_platform.domain.agents import ConsensusValue
from monps_platform.domain.closing import Closing
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import NoClosingReason, PickResult, PickSide, PickStep
from monps_platform.orchestration.outcomes import Status
from monps_platform_tests.orchestration.picks.ledgers import DAY, HOUR, NOW, OVER, PLAYED, Book

SETTLE = PickStep.SETTLE
TO_COME = 4
FIGURES = "result::text, profit, settled_at"
WIN, HALF_WIN, PUSH, HALF_LOSS, LOSS, VOID = (
    *(PickResult.WIN, PickResult.HALF_WIN, PickResult.PUSH),
    *(PickResult.HALF_LOSS, PickResult.LOSS, PickResult.VOID),
)
PROFITS = {WIN: "1.1", HALF_WIN: "0.55", PUSH: "0", HALF_LOSS: "-0.5", LOSS: "-1", VOID: "0"}
"""Of a stake of 1 at 2.1."""
H, D, A = PickSide.HOME, PickSide.DRAW, PickSide.AWAY
O, U, Y, N = PickSide.OVER, PickSide.UNDER, PickSide.YES, PickSide.NO  # noqa: E741 - over and under
HD, HA, DA = PickSide.HOME_OR_DRAW, PickSide.HOME_OR_AWAY, PickSide.DRAW_OR_AWAY
X12, OU, AH = Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP
BTTS, DC, DNB = Market.BTTS, Market.DOUBLE_CHANCE, Market.DRAW_NO_BET
Bet = tuple[Market, PickSide, str | None, PickResult]
ENDS: dict[tuple[int, int], list[Bet]] = {
    (2, 1): [
        *((X12, H, None, WIN), (X12, D, None, LOSS), (X12, A, None, LOSS)),
        *((DNB, H, None, WIN), (DNB, A, None, LOSS), (BTTS, Y, None, WIN), (BTTS, N, None, LOSS)),
        *((DC, HD, None, WIN), (DC, HA, None, WIN), (DC, DA, None, LOSS)),
        *((OU, O, "2.5", WIN), (OU, U, "2.5", LOSS), (OU, O, "3", PUSH), (OU, U, "3", PUSH)),
        *((OU, O, "2.75", HALF_WIN), (OU, U, "2.75", HALF_LOSS), (OU, O, "3.25", HALF_LOSS)),
        *((OU, U, "3.25", HALF_WIN), (OU, O, "3.5", LOSS), (OU, U, "3.5", WIN)),
        *((AH, H, "-0.5", WIN), (AH, H, "-0.75", HALF_WIN), (AH, H, "-1", PUSH), (AH, H, "-1.25", HALF_LOSS)),
        *((AH, H, "-1.5", LOSS), (AH, A, "-0.5", LOSS), (AH, A, "-0.75", HALF_LOSS), (AH, A, "-1", PUSH)),
        *((AH, A, "-1.25", HALF_WIN), (AH, A, "-1.5", WIN), (AH, H, "0", WIN), (AH, A, "0", LOSS)),
    ],
    (1, 1): [
        *((X12, H, None, LOSS), (X12, D, None, WIN), (X12, A, None, LOSS)),
        *((DNB, H, None, PUSH), (DNB, A, None, PUSH), (BTTS, Y, None, WIN), (BTTS, N, None, LOSS)),
        *((DC, HD, None, WIN), (DC, HA, None, LOSS), (DC, DA, None, WIN)),
        *((OU, O, "2", PUSH), (OU, O, "2.25", HALF_LOSS), (OU, U, "2.25", HALF_WIN), (OU, O, "1.75", HALF_WIN)),
        *((AH, H, "0", PUSH), (AH, A, "0", PUSH), (AH, H, "-0.25", HALF_LOSS), (AH, A, "-0.25", HALF_WIN)),
        *((AH, H, "0.25", HALF_WIN), (AH, A, "0.25", HALF_LOSS), (AH, H, "0.5", WIN), (AH, A, "0.5", LOSS)),
    ],
    (0, 2): [
        *((X12, A, None, WIN), (DNB, H, None, LOSS), (DNB, A, None, WIN), (BTTS, Y, None, LOSS), (BTTS, N, None, WIN)),
        *((DC, HD, None, LOSS), (DC, HA, None, WIN), (DC, DA, None, WIN), (OU, U, "2", PUSH)),
        *((AH, H, "2", PUSH), (AH, A, "2", PUSH), (AH, H, "1.75", HALF_LOSS), (AH, A, "1.75", HALF_WIN)),
        *((AH, H, "2.25", HALF_WIN), (AH, A, "2.25", HALF_LOSS), (AH, H, "2.5", WIN), (AH, A, "1.5", WIN)),
    ],
    (0, 0): [(BTTS, N, None, WIN), (OU, U, "0.25", HALF_WIN), (OU, O, "0.5", LOSS), (X12, D, None, WIN)],
}


def settled(book: Book, pick_id: int, now: datetime = NOW) -> tuple[Any, ...]:
    """The settlement of a pick after the step."""
    outcome = book.work(SETTLE, now=now)
    assert outcome.status is not Status.FAILED, outcome.detail
    return state(book, pick_id)


def state(book: Book, pick_id: int) -> tuple[Any, ...]:
    """The settlement of a pick as it is now."""
    (row,) = book.picks(FIGURES, f"id = {pick_id}")
    return row


@pytest.mark.parametrize("score", ENDS, ids="{0[0]}-{0[1]}".format)
def test_every_market_ends_as_the_score_says(book: Book, score: tuple[int, int]) -> None:
    book.score(0, score)
    ids = [
        book.own(0, market=market, side=side, line=None if line is None else Decimal(line))
        for market, side, line, _ in ENDS[score]
    ]
    assert book.work(SETTLE).changes == Changes(updated=len(ids))
    found = {row[0]: row[1:] for row in book.picks("id, result::text, profit")}
    expected = {
        row_id: (result.value, Decimal(PROFITS[result])) for row_id, (*_, result) in zip(ids, ENDS[score], strict=True)
    }
    assert found == expected


def test_profit_is_by_stake_and_price(book: Book) -> None:
    ids = [
        book.own(0, agent=str(number), price_taken=Decimal(price), stake=Decimal(stake))
        for number, (price, stake) in enumerate((("1.0001", "0.0001"), ("4.1234", "33.3333"), ("999.5", "0.25")))
    ]
    book.work(SETTLE)
    assert [state(book, row_id)[1] for row_id in ids] == [
        Decimal("0.00000001"),
        Decimal("104.11322922"),
        Decimal("249.625"),
    ]


@pytest.mark.parametrize(
    ("price", "stake"), [("640.5645", "1561.1219"), ("1.0101", "990000.9899"), ("3.2966", "303342.8379")]
)
def test_as_much_as_a_pick_may_pay_is_settled_to_the_last_digit(book: Book, price: str, stake: str) -> None:
    own = book.own(0, price_taken=Decimal(price), stake=Decimal(stake))
    assert settled(book, own)[1] == Decimal(stake) * (Decimal(price) - 1)


@pytest.mark.parametrize("stake", [0.25, 0.1234, 100])
def test_the_picks_of_an_agent_are_settled_whatever_its_stake(book: Book, stake: float) -> None:
    agent = ConsensusValue(stake=stake)
    outcome = book.work(agents=[agent])
    assert outcome.status is Status.LOADED, outcome.detail
    assert book.value("SELECT count(*) FROM tracking_clv_picks WHERE result IS NOT NULL") == PLAYED


def test_picks_of_every_origin_are_settled_at_the_time_of_the_run(book: Book) -> None:
    book.own(0)
    book.work(PickStep.TAKE)
    book.score(TO_COME, (2, 0))
    later = NOW + 7 * DAY
    assert book.work(SETTLE, now=later).changes == Changes(updated=3 * (PLAYED + 1) + 1)
    assert set(
        book.rows("SELECT DISTINCT origin::text, settled_at FROM tracking_clv_picks WHERE profit IS NOT NULL")
    ) == {(origin, later) for origin in ("own", "walk_forward", "live")}
    assert {row[0] for row in book.picks("result", f"match_id = {book.ids[5]}")} == {None}


def test_a_match_to_come_is_open_and_one_that_was_never_played_is_void_when_the_season_is_over(book: Book) -> None:
    own = book.own(TO_COME)
    for now in (NOW, NOW + 60 * DAY, datetime(2020, 8, 31, 23, 59, tzinfo=UTC)):
        assert settled(book, own, now) == (None, None, None)
    assert settled(book, own, OVER) == ("void", Decimal(0), OVER)
    assert settled(book, own, OVER + DAY) == ("void", Decimal(0), OVER)
    assert book.corrections() == []


def test_a_void_pick_whose_match_was_played_after_all_is_corrected(book: Book) -> None:
    own = book.own(TO_COME)
    settled(book, own, OVER)
    book.score(TO_COME, (1, 0))
    assert settled(book, own, OVER + DAY) == ("win", Decimal("1.1"), OVER + DAY)
    assert book.corrections() == [("me", "settlement", "monps", "the source says another score now")]


def test_another_score_is_a_correction_only_where_it_changes_the_end(book: Book) -> None:
    home, over = book.own(0), book.own(0, market=OU, side=O, line=Decimal("2.5"))
    book.work(SETTLE)
    before = state(book, home)
    book.score(0, (2, 0))
    book.work(SETTLE, now=NOW + HOUR)
    assert state(book, home) == before
    assert state(book, over) == ("loss", Decimal(-1), NOW + HOUR)
    was = "SELECT pick_id, was ->> 'result', is_now ->> 'result' FROM ops.pick_corrections"
    assert book.rows(was) == [(over, "win", "loss")]


def test_a_score_that_disappears_opens_the_settlement_again(book: Book) -> None:
    own = book.own(0)
    first = settled(book, own)
    book.score(0, None)
    assert settled(book, own, NOW + HOUR) == (None, None, None)
    assert book.corrections() == [("me", "settlement", "monps", "the source says another score now")]
    assert book.rows("SELECT is_now FROM ops.pick_corrections") == [({},)]
    book.score(0, (2, 1))
    assert settled(book, own, NOW + 2 * HOUR) == (*first[:2], NOW + 2 * HOUR)
    assert len(book.corrections()) == 1


def test_a_score_that_disappears_when_the_season_is_over_makes_the_pick_void(book: Book) -> None:
    own = book.own(0)
    settled(book, own)
    book.score(0, None)
    assert settled(book, own, OVER) == ("void", Decimal(0), OVER)


def test_what_a_person_corrected_stays_and_the_others_follow_the_source(book: Book) -> None:
    mine, other = book.own(0), book.own(0, agent="you")
    settled(book, mine)
    book.settle_by_hand(Settlement(VOID, 0.0), mine)
    before = state(book, mine)
    for score in ((0, 3), None, (4, 4)):
        book.score(0, score)
        assert settled(book, mine, NOW + HOUR) == before
    assert state(book, other)[0] == "loss"
    assert [row[:3] for row in book.corrections() if row[0] == "me"] == [("me", "settlement", "Ada")]


def test_a_person_who_opens_a_settlement_again_is_believed(book: Book) -> None:
    own = book.own(0)
    settled(book, own)
    book.settle_by_hand(None, own)
    book.score(0, (3, 0))
    assert settled(book, own) == (None, None, None)


def test_a_correction_of_the_close_leaves_the_settlement_to_the_source(book: Book) -> None:
    own = book.own(0)
    book.work()
    book.close_by_hand(Closing(reason=NoClosingReason.BOOKMAKER_GONE), own)
    book.score(0, (0, 3))
    assert settled(book, own)[0] == "loss"


def test_the_same_score_again_touches_no_row(book: Book) -> None:
    book.work()
    before = book.traces()
    book.do("UPDATE matches SET home_goals = home_goals, referee = 'M Dean'")
    assert book.work(SETTLE, now=NOW + HOUR).changes == Changes()
    assert book.traces() == before


def test_a_season_without_picks_has_nothing_to_settle(book: Book) -> None:
    assert book.work(SETTLE).changes == Changes()


def test_one_pick_that_cannot_be_settled_is_told_and_nothing_of_its_season_is_half_done(book: Book) -> None:
    """A settlement may not be older than its pick."""
    good = book.own(0)
    book.own(1, taken_at=NOW + DAY)
    outcome = book.work(SETTLE)
    assert outcome.status is Status.FAILED
    assert "settled_after_taken" in outcome.detail
    assert state(book, good) == (None, None, None)
