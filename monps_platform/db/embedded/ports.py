"""Which port the server listens on: a port somebody else has is not fought over."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"
NEIGHBOURS = 20
"""How many ports above the preferred one are tried before any free one is taken."""


def is_free(port: int) -> bool:
    """Say whether PostgreSQL could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As PostgreSQL does it: connections of its last run that linger do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose_port(preferred: int, port_file: Path) -> int:
    """Choose the port of this start: the remembered one, the preferred one, one near it, any free one."""
    return next((port for port in _candidates(preferred, port_file) if is_free(port)), None) or _any_free()


def remember_port(port: int, preferred: int, port_file: Path) -> None:
    """Keep the port for the next start, beside the preference it stands in for."""
    port_file.write_text(f"{port}\n{preferred}\n")


def _candidates(preferred: int, port_file: Path) -> Iterator[int]:
    remembered = _remembered(preferred, port_file)
    if remembered is not None:
        yield remembered
    yield from range(preferred, min(preferred + NEIGHBOURS, 65536))


def _remembered(preferred: int, port_file: Path) -> int | None:
    """Read the port of the last start; a new preference (or a file that makes no sense) overrules it."""
    try:
        port, instead_of = (int(line) for line in port_file.read_text().split())
    except (FileNotFoundError, ValueError):
        return None
    return port if instead_of == preferred and 0 < port < 65536 else None


def _any_free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
