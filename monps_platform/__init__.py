"""monps_platform: football odds in PostgreSQL, with lineage, checks and history."""

__version__ = "0.1.0"
