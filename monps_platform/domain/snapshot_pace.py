"""Which leagues to ask for prices now: the nearer a kickoff the more often, and never more than the credits allow.

Two limits hold at once. The hard one: what is left less the reserve, never exceeded whatever else is said. The soft one
spreads what is left over the days until the credits are renewed: a day's share, of which the last hour before a kickoff
may use three, for that is where closing prices come from, and the days before only a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monps_platform.domain.leagues import League


@dataclass(frozen=True, slots=True)
class Step:
    """Up to ``ahead`` of a kickoff a league is asked every ``every``, within ``shares`` of the day's share."""

    ahead: timedelta
    every: timedelta
    shares: float


PACE: tuple[Step, ...] = (
    Step(timedelta(hours=1), timedelta(minutes=10), 3.0),
    Step(timedelta(hours=6), timedelta(hours=1), 2.0),
    Step(timedelta(hours=24), timedelta(hours=6), 1.0),
    Step(timedelta(hours=72), timedelta(hours=24), 0.5),
)
HORIZON = PACE[-1].ahead
"""Nobody is asked for matches that are further away."""
SLACK = PACE[0].every / 2
"""A turn that comes so soon after a tick is taken at it: a league is asked a while after the tick that chose it, and
the tick one step later is on time all the same."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Credits:
    """What may be spent: credits left, those that are never spent, those spent in the last 24 hours, what one call
    costs, and when the credits are renewed.
    """

    left: int
    reserve: int
    spent_in_a_day: int
    cost: int
    renewed_at: datetime

    @property
    def spendable(self) -> int:
        """Credits above the reserve."""
        return max(0, self.left - self.reserve)

    def share(self, now: datetime) -> float:
        """Credits for a day: what could be spent a day ago, over the days from then until they are renewed."""
        days = max(1.0, (self.renewed_at - now) / DAY)
        return (self.spendable + self.spent_in_a_day) / days


@dataclass(frozen=True, slots=True)
class Prospect:
    """A league with the kickoffs of its matches to come and when it was last asked for (None: never)."""

    league: League
    kickoffs: tuple[datetime, ...]
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided of a league, and why in a few words; ``kickoff`` is the nearest one."""

    league: League
    ask: bool
    why: str
    kickoff: datetime | None


def choose(prospects: Sequence[Prospect], purse: Credits, now: datetime, *, force: bool = False) -> list[Choice]:
    """Decide of each league, the nearest kickoff first. ``force`` asks even those whose turn has not come and spends
    beyond the day's share; the reserve is kept all the same.
    """
    found: list[Choice] = []
    spent = 0
    for kickoff, prospect in sorted(_ahead(prospects, now), key=lambda item: (item[0], item[1].league.code)):
        reason = None if force else _not_yet(prospect, kickoff, now)
        if reason is None:
            reason = _too_dear(kickoff, purse, spent, now, force=force)
        if reason is None:
            spent += purse.cost
        found.append(Choice(prospect.league, reason is None, reason or _due(kickoff, now), kickoff))
    quiet = [item for item in prospects if not _to_come(item, now)]
    return found + [Choice(item.league, False, f"no match within {_hours(HORIZON)}", None) for item in quiet]


def chosen(choices: Sequence[Choice]) -> list[League]:
    """The leagues to ask, in their order."""
    return [choice.league for choice in choices if choice.ask]


def renewal(now: datetime, day: int) -> tuple[datetime, datetime]:
    """When the credits were renewed last and are next: at midnight UTC of a day of the month, 1 to 28."""
    this_month = datetime(now.year, now.month, day, tzinfo=UTC)
    if this_month > now:
        return _month_before(this_month), this_month
    following = (this_month.replace(day=1) + timedelta(days=32)).replace(day=day)
    return this_month, following


def _month_before(instant: datetime) -> datetime:
    return (instant.replace(day=1) - DAY).replace(day=instant.day)


def step_of(kickoff: datetime, now: datetime) -> Step | None:
    """The step that a kickoff to come is on; None when it is past or too far away."""
    ahead = kickoff - now
    if ahead <= timedelta(0):
        return None
    return next((step for step in PACE if ahead <= step.ahead), None)


def _to_come(prospect: Prospect, now: datetime) -> list[datetime]:
    return sorted(kickoff for kickoff in prospect.kickoffs if step_of(kickoff, now) is not None)


def _ahead(prospects: Sequence[Prospect], now: datetime) -> list[tuple[datetime, Prospect]]:
    return [(near[0], item) for item in prospects if (near := _to_come(item, now))]


def _not_yet(prospect: Prospect, kickoff: datetime, now: datetime) -> str | None:
    step = step_of(kickoff, now)
    if step is None or prospect.asked_at is None:
        return None
    next_at = prospect.asked_at + step.every
    return None if next_at - SLACK <= now else f"its turn comes at {next_at:%Y-%m-%d %H:%M} UTC"


def _too_dear(kickoff: datetime, purse: Credits, spent: int, now: datetime, *, force: bool) -> str | None:
    if spent + purse.cost > purse.spendable:
        return f"a call costs {purse.cost} credits; {purse.left - spent} are left, of which {purse.reserve} are kept"
    step = step_of(kickoff, now)
    if force or step is None:
        return None
    share = purse.share(now)
    if purse.spent_in_a_day + spent + purse.cost > max(share * step.shares, purse.cost):
        return (
            f"{purse.spent_in_a_day + spent} credits were spent in 24 hours; a day's share is {share:.0f}, of which "
            f"this near to kickoff {step.shares:g} may be spent"
        )
    return None


def _due(kickoff: datetime, now: datetime) -> str:
    minutes = int((kickoff - now) / timedelta(minutes=1))
    return f"kickoff in {minutes // 60} h {minutes % 60} min"


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.0f} hours"
