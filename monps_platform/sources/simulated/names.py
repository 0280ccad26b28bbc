"""Invented clubs and referees of the simulated leagues: none of them exists, so none is taken for a real one."""

from __future__ import annotations

from types import MappingProxyType

from monps_platform.domain.leagues import League, UnknownLeagueError

CLUBS = MappingProxyType(
    {
        "SIM1": (
            "Ambrewick",
            "Brindlequay",
            "Cindermoor",
            "Dravenholt",
            "Eldermarch",
            "Fennhollow",
            "Glimmerford",
            "Hexcombe",
            "Inkwater",
            "Jasperdene",
            "Kestrelby",
            "Lanternhythe",
            "Mirefold",
            "Nettlecrag",
            "Oakenspire",
            "Pellmarsh",
            "Quillhaven",
            "Rookminster",
            "Silverthwaite",
            "Thistlegarth",
        ),
        "SIM2": (
            "Applecrown",
            "Birchlantern",
            "Copperlune",
            "Duskerton",
            "Emberlyn",
            "Frostwell",
            "Gorsebarrow",
            "Harrowlight",
            "Ivorness",
            "Larkspur Vale",
            "Moonbarrow",
            "Opalhurst",
            "Pumicestow",
            "Ravelstoke",
            "Umberlow",
            "Vexmere",
            "Wraithby",
            "Zephyrstow",
        ),
    }
)
"""The clubs of each simulated league by its code, the same every season: nobody goes up or down."""

REFEREES: tuple[str, ...] = (
    "A Quenby",
    "B Tarrowick",
    "C Oxmoth",
    "D Velloway",
    "E Harkspell",
    "F Brimlow",
    "G Stannerly",
    "H Pikewell",
    "I Dunmarrow",
    "J Cobblethorn",
    "K Ferrismoor",
    "L Yewstock",
    "M Wexlow",
    "N Gravelock",
    "O Trestleby",
    "P Ambersole",
    "R Nightwell",
    "S Lockmere",
    "T Hollinquist",
    "V Crannick",
)
"""Referees in football-data.co.uk's form: an initial and a surname."""


class NotSimulatedError(UnknownLeagueError):
    """A league for which there is no simulation."""


def clubs(league: League) -> tuple[str, ...]:
    """The clubs of a simulated league; raises NotSimulatedError that lists the simulated leagues."""
    try:
        return CLUBS[league.code]
    except KeyError:
        raise NotSimulatedError(
            f"{league.code} ({league.name}) is not simulated; simulated leagues: {', '.join(CLUBS)}"
        ) from None
