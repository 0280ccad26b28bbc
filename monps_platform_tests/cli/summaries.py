"""Two leagues on the mirror, and what `monps up` says of them."""

from __future__ import annotations

from sqlalchemy import Engine, text

from monps_platform_tests.cli.conftest import Monps, Said
from monps_platform_tests.orchestration.football_files import key_of, partition, season_file

NARROW = ("--leagues", "E0,SP1", "--seasons", "2019-20")
E0, SP1 = partition("E0", "2019-20"), partition("SP1", "2019-20")
AWAY = "http://127.0.0.1:1"


def publish(monps: Monps) -> None:
    """Put two leagues' files on the mirror."""
    for where in (E0, SP1):
        monps.mirror.serve(key_of(where), season_file(where))


def row(said: Said, asset: str) -> list[str]:
    """The summary's figures of an asset: read, loaded, rejected, changed, checks passed, warned, failed, seconds."""
    # A long name goes on in a second line, before the figures.
    shown = asset[asset.rfind("_", 0, 18) + 1 :] if len(asset) > 18 else asset
    words = said.out.split(f" {shown} ", maxsplit=1)[1].split()
    return words[: 10 if asset.startswith("raw_") else 8]


def count(engine: Engine, table: str) -> int:
    """Rows of a table."""
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
