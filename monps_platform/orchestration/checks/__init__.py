"""The asset checks: schema, counts, values and freshness."""
