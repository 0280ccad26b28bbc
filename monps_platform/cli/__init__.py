"""The `monps` command."""
