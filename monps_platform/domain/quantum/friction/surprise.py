"""How much a result surprised the market, beyond the surprise that the market itself expected."""

from __future__ import annotations

from math import log

from monps_platform.domain.quantum.season import SeasonMatch


def excess_surprise(match: SeasonMatch) -> float | None:
    """-ln P(what happened) of the no-vig probabilities of 1x2 less their entropy, in nats; None without prices.

    Entropy is the mean surprise of probabilities that are right (Shannon 1948, section 6). Without it, an even match
    would always surprise more than one with a favourite, of which the market knows best itself.
    """
    fair = match.fair
    if fair is None:
        return None
    lead = match.home.goals - match.away.goals
    happened = fair.home if lead > 0 else fair.away if lead < 0 else fair.draw
    return -log(happened) + sum(chance * log(chance) for chance in (fair.home, fair.draw, fair.away))
