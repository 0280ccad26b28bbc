"""Invented clubs, referees and players of the simulated leagues: none exists, so none is taken for a real one."""

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


_RESPELT = MappingProxyType(
    {
        "Ambrewick": "Ambrewick Town",
        "Brindlequay": "AFC Brindlequay",
        "Eldermarch": "Sporting Eldermarch",
        # Two clubs with one name between them: what looks alike is not the same club.
        "Inkwater": "Real Inkwater",
        "Kestrelby": "Inkwater Kestrels",
        "Rookminster": "Rookminster Wanderers",
        "Silverthwaite": "Silverthwaïte",
        "Birchlantern": "Birch Lantern",
        # Neither spelling is nearer to one of the two than to the other.
        "Gorsebarrow": "Barrow Athletic",
        "Moonbarrow": "Barrow United",
        "Larkspur Vale": "Vale of Larkspur",
        "Vexmere": "Vexmere 1904",
    }
)

UNDERSTAT_NAMES = MappingProxyType(
    {code: MappingProxyType({name: _RESPELT.get(name, name) for name in names}) for code, names in CLUBS.items()}
)
"""The truth about the clubs' identities: by league code, Understat's spelling of every club of CLUBS."""

LATE_GOAL_CLUBS = MappingProxyType({"SIM1": "Oakenspire", "SIM2": "Ravelstoke"})
"""The one club of each league that scores late: see LATE_GOAL_ODDS in understat.minutes."""

# fmt: off
FIRST_NAMES: tuple[str, ...] = (
    "Aldous", "Anselm", "Bastien", "Benedek", "Caspian", "Cédric", "Cormac", "Dashiell", "Dmitar", "Edric",
    "Emeric", "Fabrizio", "Finnian", "Gael", "Gustav", "Hadrian", "Horatio", "Ignác", "Isandro", "Jarek",
    "João", "Kasimir", "Keziah", "Lazlo", "Leander", "Lorcan", "Maël", "Matthis", "Nestor", "Nicodem", "Orsino",
    "Osric", "Pascoe", "Peregrin", "Quillan", "Ragnar", "Rémi", "Rufus", "Severin", "Søren", "Tancred",
    "Tobiah", "Ulric", "Valentin", "Wendel", "Yorick", "Zoltan",
)
_BEGINNINGS = (
    "Alder", "Bram", "Cald", "Dun", "Elm", "Fern", "Garrow", "Hask", "Ister", "Kell", "Lang", "Mor", "Nor",
    "Ox", "Pend", "Quar", "Rav", "Stan", "Thorn", "Wyn",
)
_ENDINGS = ("brook", "dale", "field", "gate", "hurst", "ington", "lock", "mere", "ridge", "stead", "wick")
# fmt: on

SURNAMES: tuple[str, ...] = tuple(start + end for start in _BEGINNINGS for end in _ENDINGS)
"""Surnames of the players; their first names are FIRST_NAMES."""


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
