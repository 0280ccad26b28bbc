"""Bookmakers and market aggregates as football-data.co.uk abbreviates them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Bookmaker:
    """A price maker. Aggregates (market maximum and average) are not books anyone can bet with."""

    key: str
    name: str
    is_aggregate: bool = False
    is_sharp: bool = False
    is_exchange: bool = False

    @property
    def is_real(self) -> bool:
        """Whether its prices are what a bet is paid at: an exchange's are before commission."""
        return not (self.is_aggregate or self.is_exchange)


KNOWN = MappingProxyType(
    {
        book.key: book
        for book in (
            Bookmaker("1XB", "1xBet"),
            Bookmaker("B365", "Bet365"),
            Bookmaker("BF", "Betfair Sportsbook"),
            Bookmaker("BFD", "Betfred"),
            Bookmaker("BFE", "Betfair Exchange", is_exchange=True),
            Bookmaker("BMGM", "BetMGM"),
            Bookmaker("BS", "Blue Square"),
            Bookmaker("BV", "BetVictor"),
            Bookmaker("BW", "bwin"),
            Bookmaker("CL", "Coral"),
            Bookmaker("GB", "Gamebookers"),
            Bookmaker("IW", "Interwetten"),
            Bookmaker("LB", "Ladbrokes"),
            Bookmaker("PS", "Pinnacle", is_sharp=True),
            Bookmaker("SB", "Sportingbet"),
            Bookmaker("SJ", "Stan James"),
            Bookmaker("SO", "Sporting Odds"),
            Bookmaker("SY", "Stanleybet"),
            Bookmaker("VC", "VC Bet"),
            Bookmaker("WH", "William Hill"),
            Bookmaker("Max", "Market maximum", is_aggregate=True),
            Bookmaker("Avg", "Market average", is_aggregate=True),
            Bookmaker("BbMx", "Betbrain maximum", is_aggregate=True),
            Bookmaker("BbAv", "Betbrain average", is_aggregate=True),
        )
    }
)

MARKET_AVERAGES = ("Avg", "BbAv")
"""The keys of the aggregates that are averages of the market."""

# Pinnacle is PS in 1X2 columns and P in the others.
_SPELLINGS = MappingProxyType({"P": "PS"})


def canonical_key(prefix: str) -> str:
    """The one key of a bookmaker whose columns carry different prefixes by market."""
    return _SPELLINGS.get(prefix, prefix)


def spelled(text: str) -> str:
    """A name or key as it is compared: letters and digits in lower case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def bookmaker(key: str) -> Bookmaker:
    """What is known of a bookmaker; one that a header brings for the first time goes by its own key."""
    return KNOWN.get(key, Bookmaker(key, key))
