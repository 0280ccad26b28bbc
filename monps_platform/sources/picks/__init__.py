"""The user's own picks, from a CSV file: forgiving about names, strict about everything else."""

from monps_platform.domain.feeds import PICKS

SOURCE = PICKS.real
"""Under which files and spellings are kept."""
