"""Bookmakers and market aggregates: as football-data.co.uk abbreviates them, else by The Odds API's own keys."""

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


_ODDS_API_BOOKS = (
    Bookmaker("sport888", "888sport"),
    Bookmaker("betanysports", "BetAnySports"),
    Bookmaker("betclic", "Betclic"),
    Bookmaker("betclic_fr", "Betclic (France)"),
    Bookmaker("betfair_ex_eu", "Betfair Exchange (Europe)", is_exchange=True),
    Bookmaker("betonlineag", "BetOnline.ag"),
    Bookmaker("betsson", "Betsson"),
    Bookmaker("betway", "Betway"),
    Bookmaker("boylesports", "BoyleSports"),
    Bookmaker("casumo", "Casumo"),
    Bookmaker("codere_it", "Codere (Italy)"),
    Bookmaker("coolbet", "Coolbet"),
    Bookmaker("everygame", "Everygame"),
    Bookmaker("grosvenor", "Grosvenor"),
    Bookmaker("gtbets", "GTbets"),
    Bookmaker("leovegas", "LeoVegas"),
    Bookmaker("leovegas_se", "LeoVegas (Sweden)"),
    Bookmaker("livescorebet", "LiveScore Bet"),
    Bookmaker("livescorebet_eu", "LiveScore Bet (Europe)"),
    Bookmaker("marathonbet", "Marathon Bet"),
    Bookmaker("matchbook", "Matchbook", is_exchange=True),
    Bookmaker("mrgreen", "Mr Green"),
    Bookmaker("mrgreen_se", "Mr Green (Sweden)"),
    Bookmaker("mybookieag", "MyBookie.ag"),
    Bookmaker("nordicbet", "NordicBet"),
    Bookmaker("paddypower", "Paddy Power"),
    Bookmaker("parionssport_fr", "Parions Sport (France)"),
    Bookmaker("pmu_fr", "PMU (France)"),
    Bookmaker("skybet", "Sky Bet"),
    Bookmaker("smarkets", "Smarkets", is_exchange=True),
    Bookmaker("suprabets", "Suprabets"),
    Bookmaker("tipico_de", "Tipico (Germany)"),
    Bookmaker("unibet", "Unibet"),
    Bookmaker("unibet_eu", "Unibet (Europe)"),
    Bookmaker("unibet_fr", "Unibet (France)"),
    Bookmaker("unibet_it", "Unibet (Italy)"),
    Bookmaker("unibet_nl", "Unibet (Netherlands)"),
    Bookmaker("unibet_se", "Unibet (Sweden)"),
    Bookmaker("unibet_uk", "Unibet (UK)"),
    Bookmaker("virginbet", "Virgin Bet"),
    Bookmaker("williamhill_it", "William Hill (Italy)"),
    Bookmaker("winamax_de", "Winamax (Germany)"),
    Bookmaker("winamax_fr", "Winamax (France)"),
)
"""Books of the regions eu and uk that football-data.co.uk has no column of."""

KNOWN = MappingProxyType(
    {
        book.key: book
        for book in (
            *_ODDS_API_BOOKS,
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

OF_ODDS_API = MappingProxyType(
    {
        **{book.key: book.key for book in _ODDS_API_BOOKS},
        "bet365": "B365",
        "betfair_ex_uk": "BFE",
        "betfair_sb_uk": "BF",
        "betfred": "BFD",
        "betfred_uk": "BFD",
        "betmgm_uk": "BMGM",
        "betvictor": "BV",
        "bwin": "BW",
        "coral": "CL",
        "interwetten": "IW",
        "ladbrokes_uk": "LB",
        "onexbet": "1XB",
        "pinnacle": "PS",
        "sportingbet": "SB",
        "williamhill": "WH",
    }
)
"""The Odds API's key of a bookmaker to the platform's. Betfair's exchange is asked in Europe and in the UK at different
instants: two rows, the UK's being the one whose prices football-data.co.uk has.
"""

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
