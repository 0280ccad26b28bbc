"""A PostgreSQL server of the platform's own, for whoever has not configured one.

The server is detached from the process that starts it, listens on 127.0.0.1 only, and keeps everything under
the platform's home. Any entry point may call :meth:`EmbeddedServer.ensure_running`; only
:meth:`EmbeddedServer.stop` stops it.
"""

from monps_platform.db.embedded.binaries import find_binaries
from monps_platform.db.embedded.client import ServerAddress
from monps_platform.db.embedded.errors import EmbeddedServerError
from monps_platform.db.embedded.server import EmbeddedServer, ServerStatus

__all__ = ["EmbeddedServer", "EmbeddedServerError", "ServerAddress", "ServerStatus", "find_binaries"]
