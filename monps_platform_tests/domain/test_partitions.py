"""Partitions, and the blocks that runs take them in."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.leagues import LEAGUES, TOP_FIVE, league
from monps_platform.domain.partitions import Block, Partition, blocks
from monps_platform.domain.seasons import Season, season_range

_AT_ANY_SPEED = settings(deadline=None)

_PARTITIONS = st.builds(Partition, st.sampled_from(LEAGUES), st.builds(Season, st.integers(2010, 2016)))


def test_a_partition_is_named_for_people() -> None:
    partition = Partition(league("SC0"), Season(1999))
    assert partition.name == str(partition) == "SC0 1999-00"


@_AT_ANY_SPEED
@given(st.lists(_PARTITIONS, max_size=60))
def test_blocks_cover_exactly_what_was_asked_for_and_nothing_twice(wanted: list[Partition]) -> None:
    covered = Counter(partition for block in blocks(wanted) for partition in block.partitions)
    assert covered == Counter(set(wanted))


@_AT_ANY_SPEED
@given(st.lists(_PARTITIONS, max_size=60))
def test_a_block_is_one_range_of_leagues_and_one_of_seasons(wanted: list[Partition]) -> None:
    for block in blocks(wanted):
        first = LEAGUES.index(block.leagues[0])
        assert block.leagues == LEAGUES[first : first + len(block.leagues)]
        assert block.seasons == season_range(block.seasons[0], block.seasons[-1])


@_AT_ANY_SPEED
@given(st.lists(_PARTITIONS, max_size=30))
def test_the_order_of_asking_does_not_matter(wanted: list[Partition]) -> None:
    assert blocks(wanted) == blocks(reversed(wanted))


@_AT_ANY_SPEED
@given(st.integers(0, len(LEAGUES) - 1), st.integers(1, 5), st.integers(1, 4))
def test_a_rectangle_of_leagues_and_seasons_is_one_block(first: int, leagues: int, seasons: int) -> None:
    rectangle = Block(LEAGUES[first : first + leagues], season_range(Season(2010), Season(2009 + seasons)))
    assert blocks(rectangle.partitions) == [rectangle]


def test_a_gap_between_seasons_or_leagues_makes_two_blocks() -> None:
    assert blocks([Partition(TOP_FIVE[0], Season(year)) for year in (2010, 2012)]) == [
        Block((TOP_FIVE[0],), (Season(2010),)),
        Block((TOP_FIVE[0],), (Season(2012),)),
    ]
    assert blocks([Partition(TOP_FIVE[at], Season(2010)) for at in (0, 2)]) == [
        Block((TOP_FIVE[0],), (Season(2010),)),
        Block((TOP_FIVE[2],), (Season(2010),)),
    ]


def test_nothing_makes_no_block() -> None:
    assert blocks([]) == []
