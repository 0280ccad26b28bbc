"""The health sweep as Dagster, the `monps` command and Prometheus get it: one way to look, three to tell."""
