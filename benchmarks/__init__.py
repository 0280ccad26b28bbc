"""Measurements: each speed is a ratio to something else in the same run."""
