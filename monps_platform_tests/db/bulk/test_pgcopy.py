"""Binary COPY: what numpy writes is what PostgreSQL holds, to the last digit."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from monps_platform.db.bulk import pgcopy
from monps_platform.db.bulk.merge import copy_binary
from monps_platform.db.errors import BulkWriteError
from monps_platform.domain.odds import Market

HIGHEST = 99_999_999
AMOUNTS = st.integers(-HIGHEST, HIGHEST)
PRICES = st.integers(100, 99_999).map(lambda cents: cents * 100)
LINES = st.integers(-40, 40).map(lambda quarters: quarters * 2_500)


@pytest.fixture
def scratch(shared_engine: Engine) -> Iterator[Connection]:
    """A connection with an empty table of its own for each column type."""
    with shared_engine.connect() as connection:
        connection.execute(
            text(
                "CREATE TEMPORARY TABLE scratch (place int GENERATED ALWAYS AS IDENTITY, amount numeric, "
                "small smallint, whole int, big bigint, label odds_market, words text)"
            )
        )
        yield connection


def numbers(values: Sequence[int]) -> pgcopy.Numeric:
    return pgcopy.Numeric(np.array(values, dtype=np.int64))


def integers(values: Sequence[int], size: int) -> pgcopy.Integer:
    return pgcopy.Integer(np.array(values, dtype=np.int64), size)


def stream_of(count: int, **fields: pgcopy.Field) -> BytesIO:
    rows = pgcopy.Rows(count, fields)
    return pgcopy.stream([rows.slice(0, count)])


def copy(connection: Connection, count: int, **fields: pgcopy.Field) -> int:
    return copy_binary(connection, "scratch", list(fields), stream_of(count, **fields))


def column(connection: Connection, name: str) -> list[object]:
    return list(connection.scalars(text(f"SELECT {name} FROM scratch ORDER BY place")))


def printed(ten_thousandths: int) -> str:
    """A fixed-point number as people write it: at least two decimals, no further zeros."""
    digits = f"{Decimal(ten_thousandths).scaleb(-4):.4f}"
    return digits[:-2] + digits[-2:].rstrip("0")


def decode(stream: bytes) -> list[list[bytes | None]]:
    """The fields of a binary COPY stream, read as the manual describes it."""
    assert stream[:11] == b"PGCOPY\n\xff\r\n\x00"
    flags, extension = struct.unpack_from(">ii", stream, 11)
    assert (flags, extension) == (0, 0)
    at, rows = 19, []
    while (count := struct.unpack_from(">h", stream, at)[0]) != -1:
        at += 2
        row: list[bytes | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", stream, at)
            at += 4
            row.append(None if length < 0 else stream[at : at + length])
            at += max(length, 0)
        rows.append(row)
    assert at + 2 == len(stream)
    return rows


def decode_numeric(data: bytes) -> Decimal:
    """A binary numeric: base-10,000 digits, the weight of the first one, sign and display scale."""
    count, weight, sign, _ = struct.unpack_from(">hhHh", data)
    digits = struct.unpack_from(f">{count}h", data, 8)
    value = sum((Decimal(10_000) ** (weight - at) * digit for at, digit in enumerate(digits)), Decimal(0))
    return -value if sign else value


@given(values=st.lists(AMOUNTS | PRICES | LINES, min_size=1, max_size=60))
@example(values=[0, 1, -1, 10_000, -2_500, 14_000, 23_750, HIGHEST, -HIGHEST, 10_001, 99_990_000])
@settings(max_examples=60, deadline=None)
def test_a_stream_of_numbers_decodes_to_the_same_numbers(values: list[int]) -> None:
    rows = decode(stream_of(len(values), amount=numbers(values)).getvalue())
    assert [decode_numeric(field or b"") for (field,) in rows] == [Decimal(value).scaleb(-4) for value in values]


def test_prices_and_lines_come_back_as_people_write_them(shared_engine: Engine) -> None:
    @given(values=st.lists(AMOUNTS | PRICES | LINES, min_size=1, max_size=60))
    @example(
        values=[0, 1, -1, 10_000, -2_500, 14_000, 23_750, HIGHEST, -HIGHEST, 10_001, 99_990_000, 5, 50, 500, 5_000]
    )
    @settings(max_examples=40, deadline=None)
    def hold(values: list[int]) -> None:
        copy(connection, len(values), amount=numbers(values))
        assert column(connection, "amount::text") == [printed(value) for value in values]
        # What is stored is bit for bit what PostgreSQL makes of the same text.
        odd = "SELECT count(*) FROM scratch WHERE numeric_send(amount) <> numeric_send(amount::text::numeric)"
        assert connection.scalar(text(odd)) == 0
        connection.execute(text("TRUNCATE scratch"))

    with shared_engine.connect() as connection:
        connection.execute(
            text("CREATE TEMPORARY TABLE scratch (place int GENERATED ALWAYS AS IDENTITY, amount numeric)")
        )
        hold()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (14_000, "1.40"),
        (23_750, "2.375"),
        (10_100, "1.01"),
        (20_000, "2.00"),
        (19_525, "1.9525"),
        (-2_500, "-0.25"),
        (-7_500, "-0.75"),
        (0, "0.00"),
        (HIGHEST, "9999.9999"),
        (-HIGHEST, "-9999.9999"),
        (1, "0.0001"),
    ],
)
def test_a_number_is_shown_with_two_decimals_or_as_many_as_it_has(scratch: Connection, value: int, shown: str) -> None:
    copy(scratch, 1, amount=numbers([value]))
    assert column(scratch, "amount::text") == [shown]


@given(
    small=st.integers(-(2**15), 2**15 - 1),
    whole=st.integers(-(2**31), 2**31 - 1),
    big=st.integers(-(2**63), 2**63 - 1),
)
@settings(max_examples=50, deadline=None)
def test_a_stream_of_integers_decodes_to_the_same_integers(small: int, whole: int, big: int) -> None:
    stream = stream_of(1, small=integers([small], 2), whole=integers([whole], 4), big=integers([big], 8))
    fields = [field or b"" for field in decode(stream.getvalue())[0]]
    assert [int.from_bytes(field, "big", signed=True) for field in fields] == [small, whole, big]


def test_integers_of_every_size_come_back_up_to_their_bounds(scratch: Connection) -> None:
    sizes = {"small": 2, "whole": 4, "big": 8}
    bounds = {name: [-(2 ** (8 * size - 1)), -1, 0, 2 ** (8 * size - 1) - 1] for name, size in sizes.items()}
    copied = copy(scratch, 4, **{name: integers(bounds[name], size) for name, size in sizes.items()})
    assert copied == 4
    assert {name: column(scratch, name) for name in sizes} == bounds


def test_null_text_and_every_enum_label_come_back(scratch: Connection) -> None:
    for market in Market:
        copy(scratch, 2, label=pgcopy.Label(market.value), words=pgcopy.Label("Köln 1. FC"), amount=pgcopy.Null())
    assert column(scratch, "label::text") == [market.value for market in Market for _ in range(2)]
    assert column(scratch, "words") == ["Köln 1. FC"] * 2 * len(Market)
    assert column(scratch, "amount") == [None] * 2 * len(Market)


def test_an_empty_block_copies_no_row(scratch: Connection) -> None:
    assert copy(scratch, 0, amount=numbers([]), small=integers([], 2), label=pgcopy.Label("1x2")) == 0
    assert copy_binary(scratch, "scratch", ["amount"], pgcopy.stream([])) == 0
    assert column(scratch, "place") == []


def test_slices_of_several_blocks_stand_in_the_order_they_are_given(scratch: Connection) -> None:
    first = pgcopy.Rows(4, {"amount": numbers([10_000, 20_000, 30_000, 40_000]), "small": pgcopy.Null()})
    second = pgcopy.Rows(2, {"amount": pgcopy.Null(), "small": integers([7, 8], 2)})
    parts = [first.slice(2, 4), second.slice(1, 2), first.slice(0, 1), second.slice(1, 1)]
    assert copy_binary(scratch, "scratch", ["amount", "small"], pgcopy.stream(parts)) == 4
    rows = scratch.execute(text("SELECT amount::text, small FROM scratch ORDER BY place")).all()
    assert [tuple(row) for row in rows] == [("3.00", None), ("4.00", None), (None, 8), ("1.00", None)]


@pytest.mark.parametrize("value", [HIGHEST + 1, -HIGHEST - 1, 655_360_000])
def test_a_number_too_large_for_the_format_is_refused_before_it_becomes_another(value: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        numbers([10_000, value])


@pytest.mark.parametrize(("value", "size"), [(2**15, 2), (-(2**15) - 1, 2), (2**31, 4)])
def test_an_integer_too_large_for_its_column_is_refused_before_it_becomes_another(value: int, size: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        integers([1, value], size)


def test_a_stream_that_breaks_off_is_refused_by_the_server(scratch: Connection) -> None:
    whole = stream_of(3, amount=numbers([10_000, 20_000, 30_000])).getvalue()
    with pytest.raises(BulkWriteError, match=r"^COPY scratch: .*unexpected EOF"):
        copy_binary(scratch, "scratch", ["amount"], BytesIO(whole[:-7]))


def test_a_label_the_enum_does_not_know_is_refused_by_the_server(scratch: Connection) -> None:
    with pytest.raises(BulkWriteError, match="invalid input value for enum odds_market"):
        copy(scratch, 1, label=pgcopy.Label("corners"))
