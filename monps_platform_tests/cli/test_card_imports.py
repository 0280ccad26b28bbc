"""What the command of a card imports: what computes the rows stays away until it is called."""

from __future__ import annotations

import subprocess
import sys


def test_the_cards_and_their_database_are_imported_without_scipy_s_parts() -> None:
    code = (
        "import sys, monps_platform.cli.cards.team, monps_platform.db.unit_of_work\n"
        "print([name for name in ('scipy.stats', 'scipy.optimize') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
