"""Throw-away parts for tests and notebooks: a server, a database, a Dagster instance, and a sandbox of all of it.

Everything is a context manager, real, and gone at the end of its block; docs/programmatic-use.md shows how it is used.
As fixtures of pytest they are in :mod:`monps_platform.testing.fixtures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monps_platform.testing.databases import throwaway_database, throwaway_server

if TYPE_CHECKING:
    from monps_platform.testing.sandboxes import Sandbox, sandbox, throwaway_instance

__all__ = ["Sandbox", "sandbox", "throwaway_database", "throwaway_instance", "throwaway_server"]


def __getattr__(name: str) -> Any:
    """What needs Dagster is imported when it is asked for: tests of a database alone need not wait for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from monps_platform.testing import sandboxes  # noqa: PLC0415 - that is the point

    return getattr(sandboxes, name)
