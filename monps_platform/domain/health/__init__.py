"""The health of the platform: measurements go in, findings with a severity and a remedy come out. Pure."""

from monps_platform.domain.health.finding import Finding, HealthCheck, HealthSeverity, Sweep

__all__ = ["Finding", "HealthCheck", "HealthSeverity", "Sweep"]
