"""The leagues the platform knows: the 22 main divisions of football-data.co.uk and the simulated ones."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from monps_platform.domain.seasons import Season

DOUBLE_ROUND_ROBIN = 1
"""Home matches of one side against one opponent in a season: once in a double round robin."""


class UnknownLeagueError(ValueError):
    """A league code that the platform does not know."""


@dataclass(frozen=True)
class League:
    """One division.

    ``max_home_meetings`` is how often one side may host the same opponent in a season: once in a double round robin,
    twice in Scotland, where sides meet four times (three times where a split follows 33 rounds), and where play-offs
    follow the round robin (``has_play_offs``), so that a season may have more matches than its format says.
    """

    code: str
    name: str
    country: str
    tier: int
    first_season: Season
    max_home_meetings: int = DOUBLE_ROUND_ROBIN
    has_play_offs: bool = False
    understat_name: str | None = None
    odds_api_key: str | None = None
    is_simulated: bool = False


def _league(code: str, name: str, country: str, tier: int, since: int, **rest: object) -> League:
    return League(code, name, country, tier, Season(since), **rest)  # type: ignore[arg-type]


LEAGUES: tuple[League, ...] = (
    # The five top leagues stand first and together: partition ranges are contiguous in this order.
    _league("E0", "Premier League", "England", 1, 1993, understat_name="EPL", odds_api_key="soccer_epl"),
    _league("SP1", "La Liga", "Spain", 1, 1993, understat_name="La_liga", odds_api_key="soccer_spain_la_liga"),
    _league(
        "D1", "Bundesliga", "Germany", 1, 1993, understat_name="Bundesliga", odds_api_key="soccer_germany_bundesliga"
    ),
    _league("I1", "Serie A", "Italy", 1, 1993, understat_name="Serie_A", odds_api_key="soccer_italy_serie_a"),
    _league("F1", "Ligue 1", "France", 1, 1993, understat_name="Ligue_1", odds_api_key="soccer_france_ligue_one"),
    _league("E1", "Championship", "England", 2, 1993, odds_api_key="soccer_efl_champ"),
    _league("E2", "League One", "England", 3, 1993, odds_api_key="soccer_england_league1"),
    _league("E3", "League Two", "England", 4, 1993, odds_api_key="soccer_england_league2"),
    _league("EC", "National League", "England", 5, 2005),
    _league("SC0", "Scottish Premiership", "Scotland", 1, 1994, max_home_meetings=3, odds_api_key="soccer_spl"),
    _league("SC1", "Scottish Championship", "Scotland", 2, 1994, max_home_meetings=2),
    _league("SC2", "Scottish League One", "Scotland", 3, 1997, max_home_meetings=2),
    _league("SC3", "Scottish League Two", "Scotland", 4, 1997, max_home_meetings=2),
    _league("SP2", "La Liga 2", "Spain", 2, 1996, odds_api_key="soccer_spain_segunda_division"),
    _league("D2", "2. Bundesliga", "Germany", 2, 1993, odds_api_key="soccer_germany_bundesliga2"),
    _league("I2", "Serie B", "Italy", 2, 1997, odds_api_key="soccer_italy_serie_b"),
    _league("F2", "Ligue 2", "France", 2, 1996, odds_api_key="soccer_france_ligue_two"),
    _league("N1", "Eredivisie", "Netherlands", 1, 1993, odds_api_key="soccer_netherlands_eredivisie"),
    _league(
        "B1",
        "Belgian Pro League",
        "Belgium",
        1,
        1995,
        max_home_meetings=2,
        has_play_offs=True,
        odds_api_key="soccer_belgium_first_div",
    ),
    _league("P1", "Primeira Liga", "Portugal", 1, 1994, odds_api_key="soccer_portugal_primeira_liga"),
    _league("T1", "Super Lig", "Turkey", 1, 1994, odds_api_key="soccer_turkey_super_league"),
    _league(
        "G1",
        "Super League Greece",
        "Greece",
        1,
        1994,
        max_home_meetings=2,
        has_play_offs=True,
        odds_api_key="soccer_greece_super_league",
    ),
    _league("SIM1", "Simulated League One", "Simulated", 1, 1993, understat_name="SIM1", is_simulated=True),
    _league("SIM2", "Simulated League Two", "Simulated", 2, 1993, understat_name="SIM2", is_simulated=True),
)

BY_CODE = MappingProxyType({league.code: league for league in LEAGUES})
TOP_FIVE: tuple[League, ...] = LEAGUES[:5]
SIMULATED: tuple[League, ...] = tuple(league for league in LEAGUES if league.is_simulated)


@dataclass(frozen=True)
class Curtailed:
    """A season that ended before its last round: the matches that were really played, and why."""

    matches: int
    reason: str


CURTAILED = MappingProxyType(
    {
        ("F1", Season(2019)): Curtailed(279, "ended after 28 rounds, one match short (COVID-19)"),
        ("F2", Season(2019)): Curtailed(280, "ended after 28 rounds (COVID-19)"),
        ("N1", Season(2019)): Curtailed(232, "ended after 26 rounds (COVID-19)"),
        ("B1", Season(2019)): Curtailed(232, "ended after 29 of 30 rounds (COVID-19)"),
        ("SC0", Season(2019)): Curtailed(179, "ended after about 30 rounds (COVID-19)"),
        ("SC1", Season(2020)): Curtailed(135, "27 rounds (COVID-19)"),
        ("SC2", Season(2020)): Curtailed(110, "22 rounds (COVID-19)"),
        ("SC3", Season(2020)): Curtailed(110, "22 rounds (COVID-19)"),
        ("E2", Season(2019)): Curtailed(400, "23 sides after Bury's expulsion, ended early (COVID-19)"),
        ("E3", Season(2019)): Curtailed(440, "ended after about 37 rounds (COVID-19)"),
    }
)

# Scottish divisions are no double round robin: ten sides play 36 rounds; twelve play 33 and split for five more.
_QUADRUPLE_ROUND_ROBIN = MappingProxyType({10: 180, 12: 228})


def league(code: str) -> League:
    """The league of a code; raises UnknownLeagueError that lists the known codes."""
    try:
        return BY_CODE[code]
    except KeyError:
        raise UnknownLeagueError(f"unknown league {code!r}; known leagues: {', '.join(BY_CODE)}") from None


def parse_leagues(text: str) -> tuple[League, ...]:
    """Read ``E0,SP1`` into leagues in the platform's order, without repeats."""
    codes = {piece.strip().upper() for piece in text.split(",") if piece.strip()}
    if not codes:
        raise UnknownLeagueError(f"no league named; known leagues: {', '.join(BY_CODE)}")
    chosen = {league(code) for code in codes}
    return tuple(item for item in LEAGUES if item in chosen)


def expected_matches(item: League, season: Season, teams: int) -> int | None:
    """Matches of a whole season with ``teams`` sides, play-offs aside: n(n-1) for a double round robin, or the
    season's known exception; None where the format does not follow from the number of sides.
    """
    if (curtailed := CURTAILED.get((item.code, season))) is not None:
        return curtailed.matches
    if item.max_home_meetings == DOUBLE_ROUND_ROBIN or item.has_play_offs:
        return teams * (teams - 1)
    return _QUADRUPLE_ROUND_ROBIN.get(teams)
