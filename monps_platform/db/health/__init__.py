"""What the server, and the tables, tell of their health: measurements by SQL, without a judgement."""

from monps_platform.db.health.gathering import measure_connections, measure_database, observer_of

__all__ = ["measure_connections", "measure_database", "observer_of"]
