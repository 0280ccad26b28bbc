"""What must hold for the quantum tables."""

from monps_platform.db.quality.quantum import dna, friction, profiles, scorers, strategies
from monps_platform.db.quality.rule import Rule

RULES: tuple[Rule, ...] = (
    *profiles.RULES,
    *dna.RULES,
    *strategies.RULES,
    *friction.RULES,
    *scorers.RULES,
)
