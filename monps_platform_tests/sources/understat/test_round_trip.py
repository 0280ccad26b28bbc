"""Whatever values a record states, in text or in numbers, are the values that are read."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Appearance, Listing, Player, Shot
from monps_platform_tests.sources.understat.writing import (
    MATCH_ID,
    Record,
    coming,
    date,
    entry,
    league_of,
    line_ups,
    match_of,
    player,
    roster,
    shot,
    team,
)

_EXAMPLES = settings(deadline=None, max_examples=60)
_NAMES = st.text(st.characters(exclude_characters="&,", exclude_categories=("C", "Z")), min_size=1, max_size=12)
_COUNTS = st.integers(0, 9999)
_IDS = st.integers(0, 10**18 - 1)
_SHARES = st.floats(0, 1)
_AMOUNTS = st.floats(0, 1e6)
_MINUTES = st.integers(0, 150)
_MOMENTS = st.datetimes(datetime(2019, 7, 1), datetime(2020, 8, 31)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001
_AS_TEXT = st.booleans()

_SHOTS = st.builds(
    Shot,
    id=_IDS,
    is_home=st.booleans(),
    minute=_MINUTES,
    player_id=_IDS,
    player=_NAMES,
    assisted_by=st.none() | _NAMES,
    situation=st.sampled_from(ShotSituation),
    body_part=st.sampled_from(BodyPart),
    result=st.sampled_from(ShotResult),
    last_action=st.none() | _NAMES.filter(lambda name: name != "None"),
    x=_SHARES,
    y=_SHARES,
    xg=_SHARES,
)
_COUNT_FIELDS = ("goals", "own_goals", "shots", "assists", "key_passes", "yellow_cards", "red_cards")
_APPEARANCES = st.builds(
    Appearance,
    player_id=_IDS,
    player=_NAMES,
    is_home=st.booleans(),
    position=_NAMES,
    minutes=_MINUTES,
    **dict.fromkeys(_COUNT_FIELDS, _COUNTS),
    **dict.fromkeys(("xg", "xa", "xg_chain", "xg_buildup"), _AMOUNTS),
)
_PLAYERS = st.builds(
    Player,
    id=_IDS,
    name=_NAMES,
    teams=st.lists(_NAMES, min_size=1, max_size=3, unique=True).map(tuple),
    position=_NAMES,
    appearances=_COUNTS,
    minutes=_COUNTS,
    **dict.fromkeys(("assists", "shots", "key_passes", "yellow_cards", "red_cards"), _COUNTS),
    goals=st.integers(5000, 9999),
    non_penalty_goals=st.integers(0, 5000),
    **dict.fromkeys(("xg", "non_penalty_xg", "xa", "xg_chain", "xg_buildup"), _AMOUNTS),
)


def side_of(is_home: bool) -> str:
    return "h" if is_home else "a"


def written(record: Record, as_text: bool) -> Record:
    """Numbers as the mirror writes them, or as numbers."""
    return {key: str(value) if as_text and type(value) in {int, float} else value for key, value in record.items()}


@_EXAMPLES
@given(st.lists(_SHOTS, max_size=8, unique_by=lambda item: item.id), _AS_TEXT)
def test_shots_come_back_as_they_were_written(shots: list[Shot], as_text: bool) -> None:
    records = [
        written(
            shot(
                0,
                side_of(item.is_home),
                id=item.id,
                match_id=MATCH_ID,
                minute=item.minute,
                player_id=item.player_id,
                player=item.player,
                player_assisted=item.assisted_by,
                situation=item.situation.value,
                shotType=item.body_part.value,
                result=item.result.value,
                lastAction=item.last_action,
                X=item.x,
                Y=item.y,
                xG=item.xg,
            ),
            as_text,
        )
        for item in shots
    ]
    sides = [[record for record in records if record["h_a"] == side] for side in "ha"]
    parsed = match_of(*sides)
    assert not parsed.rejections
    assert parsed.shots == sorted(shots, key=lambda item: not item.is_home)


@_EXAMPLES
@given(st.lists(_APPEARANCES, max_size=8, unique_by=lambda item: item.player_id), _AS_TEXT)
def test_appearances_come_back_as_they_were_written(appearances: list[Appearance], as_text: bool) -> None:
    records = [
        written(
            roster(
                number,
                side_of(item.is_home),
                player_id=item.player_id,
                player=item.player,
                position=item.position,
                time=item.minutes,
                goals=item.goals,
                own_goals=item.own_goals,
                shots=item.shots,
                assists=item.assists,
                key_passes=item.key_passes,
                yellow_card=item.yellow_cards,
                red_card=item.red_cards,
                xG=item.xg,
                xA=item.xa,
                xGChain=item.xg_chain,
                xGBuildup=item.xg_buildup,
            ),
            as_text,
        )
        for number, item in enumerate(appearances)
    ]
    sides = [[record for record in records if record["h_a"] == side] for side in "ha"]
    parsed = match_of([], rosters=line_ups(*sides))
    assert not parsed.rejections
    assert parsed.appearances == sorted(appearances, key=lambda item: not item.is_home)


@_EXAMPLES
@given(st.lists(_PLAYERS, min_size=1, max_size=8, unique_by=lambda item: item.id), _AS_TEXT)
def test_players_come_back_as_they_were_written(players: list[Player], as_text: bool) -> None:
    records = [
        written(
            player(
                0,
                id=item.id,
                player_name=item.name,
                team_title=",".join(item.teams),
                position=item.position,
                games=item.appearances,
                time=item.minutes,
                goals=item.goals,
                npg=item.non_penalty_goals,
                assists=item.assists,
                shots=item.shots,
                key_passes=item.key_passes,
                yellow_cards=item.yellow_cards,
                red_cards=item.red_cards,
                xG=item.xg,
                npxG=item.non_penalty_xg,
                xA=item.xa,
                xGChain=item.xg_chain,
                xGBuildup=item.xg_buildup,
            ),
            as_text,
        )
        for item in players
    ]
    parsed = league_of([date(1)], records)
    assert not parsed.rejections
    assert parsed.players == players


@st.composite
def _listings(draw: st.DrawFn) -> tuple[Listing, list[tuple[int, int]]]:
    """A listing, and for each side the passes and defensive actions that its PPDA comes from."""
    home, away = draw(st.lists(_NAMES, min_size=2, max_size=2, unique=True))
    passes, actions = draw(st.tuples(_COUNTS, _COUNTS)), draw(st.tuples(st.integers(1, 9999), st.integers(0, 9999)))
    goals = draw(st.none() | st.tuples(_COUNTS, _COUNTS))
    if goals is None:
        return Listing(draw(_IDS), draw(_MOMENTS), home, away), []
    listing = Listing(
        draw(_IDS),
        draw(_MOMENTS),
        home,
        away,
        *goals,
        home_xg=draw(_AMOUNTS),
        away_xg=draw(_AMOUNTS),
        home_ppda=passes[0] / actions[0],
        away_ppda=passes[1] / actions[1] if actions[1] else None,
        home_deep=draw(_COUNTS),
        away_deep=draw(_COUNTS),
    )
    return listing, list(zip(passes, actions, strict=True))


@_EXAMPLES
@given(_listings())
def test_a_listing_comes_back_as_it_was_written(drawn: tuple[Listing, list[tuple[int, int]]]) -> None:
    item, pressing = drawn
    shown_at = str(item.shown_at)
    names = {"id": str(item.id), "h__title": item.home_team, "a__title": item.away_team, "datetime": shown_at}
    if not item.is_finished:
        assert league_of([coming(1, **names)]).listings == [item]
        return
    goals, xg = (item.home_goals, item.away_goals), (item.home_xg, item.away_xg)
    scores = {"goals": dict(zip("ha", map(str, goals), strict=True)), "xG": dict(zip("ha", map(str, xg), strict=True))}
    teams = {
        side: team(title, entry(shown_at, side, ppda=dict(zip(("att", "def"), ppda, strict=True)), deep=deep))
        for side, title, ppda, deep in zip(
            "ha", (item.home_team, item.away_team), pressing, (item.home_deep, item.away_deep), strict=True
        )
    }
    parsed = league_of([date(1, **names, **scores)], teams=teams)
    assert parsed.listings == [item]
    assert not parsed.rejections
