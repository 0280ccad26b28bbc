"""What friction and chaos were worth, in words and as a table in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.quantum.friction.worth import Relation

FALSE_DISCOVERIES = 0.05
"""The share of relations called shown that may be chance."""
NOTES = (
    "Rank correlations within each league's season. The 95 % intervals allow for matches of a team being alike; q is p "
    "after Benjamini-Hochberg over the whole table. Surprise, which is not ranked, is -ln of the probability that the "
    "market gave to what happened, beyond the mean that it expected."
)
_MISSING = "-"


def is_shown(relation: Relation) -> bool:
    """Whether it stands out from all that were tested."""
    return relation.q is not None and relation.q <= FALSE_DISCOVERIES


def worth_sentences(relations: Sequence[Relation]) -> list[str]:
    """What the friction score and chaos potential go with, and what of all the scores does."""
    told = [_sentence(relation) for relation in relations if relation.score in (Score.FRICTION, Score.CHAOS)]
    return [*told, _overall(relations)]


def worth_markdown(relations: Sequence[Relation]) -> str:
    """Sentences, then all relations."""
    header = ("score", "outcome", "matches", "teams", "correlation", "95 % interval", "p", "q")
    sentences = "\n".join(f"- {sentence}" for sentence in worth_sentences(relations))
    return f"{sentences}\n\n{markdown_table(Grid(header, [_row(relation) for relation in relations]))}\n\n{NOTES}"


def _sentence(relation: Relation) -> str:
    subject = f"{_words(relation.score)} and {relation.outcome} of the following season's matches"
    if relation.correlation is None:
        return f"{subject}: {relation.n:,} matches of {relation.n_teams} teams are too few, or all alike, to say."
    strength = f"{relation.correlation:+.3f} ({_interval(relation)}) over {relation.n:,} matches"
    return f"{subject}: {strength}, {'shown' if is_shown(relation) else 'nothing shown'}."


def _overall(relations: Sequence[Relation]) -> str:
    tested = [relation for relation in relations if relation.q is not None]
    shown = [relation for relation in tested if is_shown(relation)]
    if not tested:
        return "No relation could be tested."
    if not shown:
        return f"None of the {len(tested)} relations tested stands out: nothing is known that these scores foretell."
    strongest = max(shown, key=lambda relation: abs(relation.correlation or 0))
    return (
        f"{len(shown)} of the {len(tested)} relations tested stand out; the strongest, {_words(strongest.score)} with "
        f"{strongest.outcome} ({strongest.correlation:+.3f}), explains {100 * (strongest.correlation or 0) ** 2:.1f} % "
        "of the variance."
    )


def _row(relation: Relation) -> tuple[str, ...]:
    found = (_correlation(relation), _interval(relation), _chance(relation.p), _chance(relation.q))
    return (_words(relation.score), str(relation.outcome), f"{relation.n:,}", str(relation.n_teams), *found)


def _words(score: Score) -> str:
    return score.replace("_", " ")


def _interval(relation: Relation) -> str:
    if relation.low is None or relation.high is None:
        return _MISSING
    return f"{relation.low:+.3f} to {relation.high:+.3f}"


def _correlation(relation: Relation) -> str:
    return _MISSING if relation.correlation is None else f"{relation.correlation:+.3f}"


def _chance(value: float | None) -> str:
    return _MISSING if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
