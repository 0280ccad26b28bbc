"""Spellings and clubs: what proves a pairing, what leaves it open, and that damage never makes a wrong one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.identities import MIN_AGREED, MIN_SHARE, Pairing, Played, pair_teams

_START = date(2022, 8, 6)
_GOALS, _WEIGHTS = (0, 1, 2, 3, 4), (28, 34, 22, 11, 5)
_DECOYS = {1: "Nott'm Forest", 2: "Nott'm County", 3: "Forest Green", 4: "Mansfield", 5: "Man United", 6: "Man City"}


def season(clubs: int, seed: int = 1, rounds: int | None = None) -> list[Played[int]]:
    """A double round robin of clubs 1 to n, an even number, a round a week (circle method)."""
    chance, others = random.Random(seed), list(range(2, clubs + 1))
    matches = []
    for week in range(2 * (clubs - 1) if rounds is None else rounds):
        turn = week % (clubs - 1)
        circle = [1, *others[turn:], *others[:turn]]
        for home, away in zip(circle[: clubs // 2], reversed(circle[clubs // 2 :]), strict=True):
            pair = (home, away) if week % 2 else (away, home)
            goals = chance.choices(_GOALS, _WEIGHTS, k=2)
            matches.append(Played(_START + timedelta(weeks=week), *pair, *goals))
    return matches


def as_spelt(matches: Sequence[Played[int]], spelling: Mapping[int, str]) -> list[Played[str]]:
    return [
        Played(match.day, spelling[match.home], spelling[match.away], match.home_goals, match.away_goals)
        for match in matches
    ]


def numbered(clubs: int) -> dict[int, str]:
    return {club: f"Club {club:02d}" for club in range(1, clubs + 1)}


def teams(pairings: Sequence[Pairing]) -> dict[str, int | None]:
    return {pairing.spelling: pairing.team for pairing in pairings}


def of(pairings: Sequence[Pairing], spelling: str) -> Pairing:
    return next(pairing for pairing in pairings if pairing.spelling == spelling)


def reason(pairing: Pairing) -> str:
    assert pairing.team is None
    assert pairing.reason is not None
    return pairing.reason


def changed(matches: Sequence[Played[str]], which: Sequence[int], **values: int) -> list[Played[str]]:
    return [replace(match, **values) if at in which else match for at, match in enumerate(matches)]  # type: ignore[arg-type]


def of_club(matches: Sequence[Played[int]], club: int) -> list[int]:
    return [at for at, match in enumerate(matches) if club in (match.home, match.away)]


def test_every_club_is_proved_by_its_fixtures_when_names_say_nothing() -> None:
    ours = season(20)
    spelling = dict(enumerate(random.Random(4).sample([f"Team {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"], 20), 1))
    found = pair_teams(ours, as_spelt(ours, spelling), numbered(20))
    assert teams(found) == {name: club for club, name in spelling.items()}
    assert {(pairing.agreed, pairing.compared, pairing.candidate == pairing.team) for pairing in found} == {
        (38, 38, True)
    }


def test_there_is_one_pairing_per_spelling_sorted() -> None:
    ours = season(8)
    found = pair_teams(ours, as_spelt(ours, {club: f"Team {9 - club}" for club in range(1, 9)}), numbered(8))
    assert [pairing.spelling for pairing in found] == [f"Team {number}" for number in range(1, 9)]


def test_two_clubs_that_swapped_their_names_are_told_apart_by_their_fixtures() -> None:
    ours, names = season(10), numbered(10)
    swapped = names | {3: names[7], 7: names[3]}
    found = teams(pair_teams(ours, as_spelt(ours, swapped), names))
    assert (found[names[3]], found[names[7]]) == (7, 3)


@pytest.mark.parametrize("forest", ["Nottingham Forest", "Nott'm Forest"])
def test_nottingham_forest_is_forest_beside_a_county_of_the_same_town(forest: str) -> None:
    ours = season(6)
    spelling = {1: forest, 2: "Nott'm Foresters", 3: "Forest", 4: "M. Town", 5: "Manchester", 6: "Manchester City"}
    expected = {name: club for club, name in spelling.items()}
    assert teams(pair_teams(ours, as_spelt(ours, spelling), _DECOYS)) == expected


def test_a_club_that_a_source_spells_in_two_ways_within_a_season_stays_open() -> None:
    ours = season(6)
    theirs = as_spelt(ours[:15], _DECOYS) + as_spelt(ours[15:], _DECOYS | {1: "Nottingham Forest"})
    found = pair_teams(ours, theirs, _DECOYS)
    both = [of(found, "Nott'm Forest"), of(found, "Nottingham Forest")]
    assert [pairing.team for pairing in both] == [None, None]
    assert [pairing.runner_up for pairing in both] == [5, 5]
    assert sum(pairing.team is not None for pairing in found) == 5


def test_a_spelling_whose_fixtures_belong_to_no_club_stays_open_though_a_club_bears_its_name() -> None:
    ours, names = season(10), numbered(10)
    theirs = changed(as_spelt(ours, names), of_club(ours, 4), home_goals=17)
    found = pair_teams(ours, theirs, names)
    assert reason(of(found, names[4])) == "agrees on 0 of 18 fixtures: at least 3 must agree"
    assert of(found, names[4]).candidate == 4
    assert all(of(found, names[club]).team == club for club in names if club != 4)


@pytest.mark.parametrize("moved", [0, 1])
def test_a_season_of_nil_nils_proves_nobody_by_name(moved: int) -> None:
    ours, names = [replace(match, home_goals=0, away_goals=0) for match in season(20)], numbered(20)
    spelling = {club: names[(club + moved - 1) % 20 + 1] for club in names}
    found = pair_teams(ours, as_spelt(ours, spelling), names)
    assert {pairing.agreed for pairing in found} == {38}
    # The fixed club of the circle method alternates: no other is at home with it in half of the weeks.
    assert {pairing.spelling: pairing.team for pairing in found if pairing.team} == {spelling[1]: 1}
    assert all(of(found, spelling[club]).runner_up == 34 for club in names if club != 1)
    assert reason(of(found, spelling[2])) == (
        "agrees on 38 fixtures, a rival pairing on 34: a rival may have half as many at most"
    )


def test_names_choose_the_candidate_among_equals_and_prove_nothing() -> None:
    ours = [replace(match, home_goals=1, away_goals=1) for match in season(20, rounds=1)]
    names = {club: chr(85 - club) * 9 for club in range(1, 21)}
    spelling = {club: name.lower() for club, name in names.items()}
    found = pair_teams(ours, as_spelt(ours, spelling), names)
    assert {pairing.spelling: pairing.candidate for pairing in found} == {name: club for club, name in spelling.items()}
    assert {pairing.team for pairing in found} == {None}


def test_all_names_together_weigh_less_than_one_fixture() -> None:
    ours = [Played(_START, club, 20 + club, int(club == 1), 0) for club in range(1, 21)]
    names = {club: chr(64 + club) * 9 for club in range(1, 41)}
    # Each home side bears the name of the next one, the last one that of the first.
    moved = names | {club: names[club % 20 + 1] for club in range(1, 21)}
    found = pair_teams(ours, as_spelt(ours, moved), names)
    assert of(found, moved[1]).candidate == 1
    assert {pairing.agreed for pairing in found} == {1}


def test_a_few_corrected_scores_leave_a_club_proved() -> None:
    ours, names = season(20), numbered(20)
    theirs = changed(as_spelt(ours, names), of_club(ours, 5)[:9], away_goals=11)
    found = of(pair_teams(ours, theirs, names), names[5])
    assert (found.team, found.agreed, found.compared) == (5, 29, 38)


def test_too_many_corrected_scores_leave_a_club_open() -> None:
    ours, names = season(20), numbered(20)
    theirs = changed(as_spelt(ours, names), of_club(ours, 5)[:10], away_goals=11)
    assert reason(of(pair_teams(ours, theirs, names), names[5])) == (
        "agrees on 28 of 38 fixtures: at least 75% must agree"
    )


@pytest.mark.parametrize("days", [-1, 1])
def test_days_that_differ_by_one_agree(days: int) -> None:
    ours = season(12)
    theirs = as_spelt([replace(match, day=match.day + timedelta(days)) for match in ours], numbered(12))
    assert teams(pair_teams(ours, theirs, numbered(12))) == {name: club for club, name in numbered(12).items()}


@pytest.mark.parametrize("days", [-2, 2])
def test_days_that_differ_by_two_are_not_even_compared(days: int) -> None:
    ours = season(12)
    theirs = as_spelt([replace(match, day=match.day + timedelta(days)) for match in ours], numbered(12))
    found = pair_teams(ours, theirs, numbered(12))
    assert {(pairing.team, pairing.agreed, pairing.compared) for pairing in found} == {(None, 0, 0)}


def test_a_match_that_one_source_lacks_is_not_held_against_its_clubs() -> None:
    ours, names = season(20), numbered(20)
    (missing, *_), theirs = of_club(ours, 8), as_spelt(ours, names)
    lacking_ours = of(pair_teams(ours[:missing] + ours[missing + 1 :], theirs, names), names[8])
    lacking_theirs = of(pair_teams(ours, theirs[:missing] + theirs[missing + 1 :], names), names[8])
    for found in (lacking_ours, lacking_theirs):
        assert (found.team, found.agreed, found.compared) == (8, 37, 37)


@pytest.mark.parametrize(("our_rounds", "their_rounds"), [(38, 6), (6, 38), (20, 17)])
def test_a_source_that_is_rounds_behind_is_compared_on_what_both_have(our_rounds: int, their_rounds: int) -> None:
    played, names = season(20), numbered(20)
    found = pair_teams(played[: 10 * our_rounds], as_spelt(played[: 10 * their_rounds], names), names)
    both = min(our_rounds, their_rounds)
    assert teams(found) == {name: club for club, name in names.items()}
    assert {(pairing.agreed, pairing.compared) for pairing in found} == {(both, both)}


def test_two_rounds_prove_nobody() -> None:
    ours = season(20, rounds=2)
    found = pair_teams(ours, as_spelt(ours, numbered(20)), numbered(20))
    assert {reason(pairing) for pairing in found} == {"agrees on 2 of 2 fixtures: at least 3 must agree"}


def distinct(count: int, home: int = 1, away: int = 2) -> list[Played[int]]:
    """A match a week between two clubs, each with a score of its own."""
    return [Played(_START + timedelta(weeks=week), home, away, week, 0) for week in range(count)]


@pytest.mark.parametrize(
    ("matches", "corrected", "proved"),
    [(MIN_AGREED, 0, True), (MIN_AGREED - 1, 0, False), (4, 1, True), (8, 2, True), (7, 2, False), (11, 3, False)],
)
def test_three_fixtures_and_three_quarters_of_the_compared_prove(matches: int, corrected: int, proved: bool) -> None:
    assert proved is (matches - corrected >= MIN_AGREED and matches - corrected >= MIN_SHARE * matches)
    ours, names = distinct(matches), {1: "One", 2: "Two"}
    theirs = changed(as_spelt(ours, names), range(corrected), away_goals=1)
    assert teams(pair_teams(ours, theirs, names)) == ({"One": 1, "Two": 2} if proved else {"One": None, "Two": None})


@pytest.mark.parametrize(("first", "second", "team"), [(6, 3, 1), (5, 3, None), (7, 4, None), (8, 4, 1)])
def test_a_rival_spelling_may_have_half_as_many_fixtures_at_most(first: int, second: int, team: int | None) -> None:
    ours, names = distinct(first + second), {1: "One", 2: "Two"}
    theirs = as_spelt(ours[:first], names) + as_spelt(ours[first:], {1: "Uno", 2: "Two"})
    found = of(pair_teams(ours, theirs, names), "One")
    assert (found.team, found.agreed, found.runner_up) == (team, first, second)


@pytest.mark.parametrize(("first", "second", "team"), [(6, 3, 1), (5, 3, None)])
def test_a_rival_club_may_have_half_as_many_fixtures_at_most(first: int, second: int, team: int | None) -> None:
    theirs = as_spelt(distinct(first + second), {1: "One", 2: "Two"})
    ours = distinct(first) + [replace(match, home=3) for match in distinct(first + second)[first:]]
    found = of(pair_teams(ours, theirs, {1: "Ein", 2: "Two", 3: "One"}), "One")
    assert (found.team, found.candidate, found.runner_up) == (team, 1, second)


def test_a_match_listed_twice_counts_once() -> None:
    ours, names = distinct(2), {1: "One", 2: "Two"}
    found = pair_teams(ours, as_spelt(ours, names) * 3, names)
    assert {(pairing.team, pairing.agreed, pairing.compared) for pairing in found} == {(None, 2, 6)}


def test_sides_count_a_home_match_is_no_away_match() -> None:
    ours, names = distinct(10), {1: "One", 2: "Two"}
    turned = [replace(match, home=match.away, away=match.home) for match in as_spelt(ours, names)]
    assert teams(pair_teams(ours, turned, names)) == {"One": 2, "Two": 1}


def test_a_spelling_without_a_club_left_for_it_stays_open() -> None:
    whole, names = season(12), numbered(12)
    ours = [match for match in whole if 9 not in (match.home, match.away)]
    found = pair_teams(ours, as_spelt(whole, names), names)
    open_one = of(found, names[9])
    assert (open_one.candidate, open_one.agreed, open_one.compared) == (None, 0, 0)
    assert reason(open_one) == "no club of ours is left for it: there are more spellings than clubs"
    assert all(of(found, names[club]).team == club for club in names if club != 9)


def test_a_club_that_the_source_lacks_is_given_to_nobody() -> None:
    whole, names = season(12), numbered(12)
    theirs = as_spelt([match for match in whole if 9 not in (match.home, match.away)], names)
    found = teams(pair_teams(whole, theirs, names))
    assert found == {name: club for club, name in names.items() if club != 9}


def test_a_spelling_and_a_club_that_lack_their_partners_are_not_proved_to_be_one() -> None:
    whole, names = season(12), numbered(12)
    ours = [match for match in whole if 9 not in (match.home, match.away)]
    theirs = as_spelt([match for match in whole if 2 not in (match.home, match.away)], names)
    found = pair_teams(ours, theirs, names)
    assert (of(found, names[9]).team, of(found, names[9]).candidate) == (None, 2)
    assert all(of(found, names[club]).team == club for club in names if club not in (2, 9))


def test_without_their_matches_there_is_nothing_to_pair() -> None:
    assert pair_teams(season(4), [], numbered(4)) == []


def test_without_our_matches_every_spelling_stays_open() -> None:
    found = pair_teams([], as_spelt(season(4), numbered(4)), {})
    assert [(pairing.team, pairing.candidate, pairing.runner_up) for pairing in found] == [(None, None, 0)] * 4


def test_a_club_of_ours_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"clubs \[3\] of our matches have no name"):
        pair_teams(season(4), [], {1: "One", 2: "Two", 4: "Four"})


Damage = Callable[[Played[str], random.Random], list[Played[str]]]

_DAMAGES: tuple[Damage, ...] = (
    lambda match, chance: [],
    lambda match, chance: [match, match],
    lambda match, chance: [replace(match, home_goals=chance.randint(0, 4), away_goals=chance.randint(0, 4))],
    lambda match, chance: [replace(match, day=match.day + timedelta(chance.randint(-20, 20)))],
    lambda match, chance: [replace(match, home=match.away, away=match.home)],
)


def damaged(matches: Sequence[Played[str]], share: float, chance: random.Random) -> list[Played[str]]:
    """The matches in any order, some of them lost, doubled, corrected, moved or turned round."""
    hit = set(chance.sample(range(len(matches)), int(share * len(matches))))
    parts = [chance.choice(_DAMAGES)(match, chance) if at in hit else [match] for at, match in enumerate(matches)]
    kept = [match for part in parts for match in part]
    return chance.sample(kept, len(kept))


@settings(deadline=None, max_examples=80)
@given(
    clubs=st.sampled_from([4, 6, 10, 18, 20]),
    rounds=st.integers(1, 38),
    share=st.floats(0, 0.2),
    chance=st.randoms(use_true_random=False),
)
def test_a_proved_pairing_is_right_whatever_the_names_and_up_to_a_fifth_damaged(
    clubs: int, rounds: int, share: float, chance: random.Random
) -> None:
    ours, names = season(clubs, chance.randint(0, 10**6), min(rounds, 2 * (clubs - 1))), numbered(clubs)
    spelling = dict(zip(names, chance.sample(list(names.values()), clubs), strict=True))
    right = {name: club for club, name in spelling.items()}
    found = pair_teams(ours, damaged(as_spelt(ours, spelling), share, chance), names)
    proved = {name: club for name, club in teams(found).items() if club is not None}
    assert proved == {name: right[name] for name in proved}


def test_a_tenth_of_the_matches_damaged_leaves_every_club_of_ten_seasons_proved() -> None:
    for seed in range(10):
        ours, names = season(20, seed), numbered(20)
        found = pair_teams(ours, damaged(as_spelt(ours, names), 0.1, random.Random(seed)), names)
        assert teams(found) == {name: club for club, name in names.items()}


Side = tuple[date, bool, int, int]


def sides(matches: Sequence[Played[int]] | Sequence[Played[str]], club: int | str) -> list[Side]:
    return [
        (match.day, at_home, match.home_goals, match.away_goals)
        for match in matches
        for at_home, side in ((True, match.home), (False, match.away))
        if side == club
    ]


def most_agreed(theirs: Sequence[Side], ours: Sequence[Side]) -> int:
    """The most fixtures that can be paired, by trying all ways."""
    if not theirs:
        return 0
    (day, *rest), *others = theirs
    partners = [at for at, (our_day, *result) in enumerate(ours) if abs((our_day - day).days) <= 1 and result == rest]
    with_first = [1 + most_agreed(others, [*ours[:at], *ours[at + 1 :]]) for at in partners]
    return max([most_agreed(others, ours), *with_first])


def within_a_day(theirs: Sequence[Side], ours: Sequence[Side]) -> int:
    return sum(any(abs((our_day - day).days) <= 1 for our_day, *_ in ours) for day, *_ in theirs)


_DAYS = st.integers(0, 5).map(lambda days: _START + timedelta(days))


def _lists(first: st.SearchStrategy[tuple[int, int]]) -> st.SearchStrategy[list[Played[int]]]:
    match = st.builds(
        lambda day, pair, goals: Played(day, *pair, *goals), _DAYS, first, st.tuples(st.integers(0, 1), st.just(0))
    )
    return st.lists(match, max_size=7)


_PAIRS = st.permutations([1, 2, 3, 4]).map(lambda clubs: (clubs[0], clubs[1]))


@settings(deadline=None, max_examples=150)
@given(_lists(_PAIRS), _lists(_PAIRS))
def test_the_numbers_of_a_pairing_are_those_of_trying_all_ways(
    ours: list[Played[int]], others: list[Played[int]]
) -> None:
    theirs = as_spelt(others, {1: "a", 2: "b", 3: "c", 4: "d"})
    clubs = sorted({club for match in ours for club in (match.home, match.away)})
    found = pair_teams(ours, theirs, numbered(4))
    spellings = [pairing.spelling for pairing in found]
    agreed = {(s, c): most_agreed(sides(theirs, s), sides(ours, c)) for s in spellings for c in clubs}
    for pairing in found:
        if pairing.candidate is None:
            assert pairing.runner_up == max([agreed[pairing.spelling, club] for club in clubs], default=0)
            continue
        own = (pairing.spelling, pairing.candidate)
        assert pairing.agreed == agreed[own]
        assert pairing.compared == within_a_day(sides(theirs, own[0]), sides(ours, own[1]))
        rivals = [many for key, many in agreed.items() if (key[0] == own[0]) != (key[1] == own[1])]
        assert pairing.runner_up == max(rivals, default=0)


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_matches_does_not_matter(chance: random.Random) -> None:
    ours, names = season(8, rounds=5), numbered(8)
    theirs = damaged(as_spelt(ours, names), 0.2, random.Random(2))
    mixed = pair_teams(chance.sample(ours, len(ours)), chance.sample(theirs, len(theirs)), names)
    assert mixed == pair_teams(ours, theirs, names)
