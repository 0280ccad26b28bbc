"""Pure functions and value types of football odds: no Dagster, SQL, HTTP, clock or randomness."""
