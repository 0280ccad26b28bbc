"""What failed is told: runs of any job, and checks of any severity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

from monps_platform.notify.channels import configured
from monps_platform.orchestration.alerting.desk import Desk
from monps_platform.orchestration.alerting.events import World
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.resources import DatabaseResource
from monps_platform.settings import Settings

SECONDS = 30


@dg.sensor(
    minimum_interval_seconds=SECONDS,
    # Running from the start: nothing is worse than to fail in silence, and without a channel it only records.
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A run of any job failed or its process was killed, or a check failed, blocking or not: say so by "
    "webhook or e-mail, once within the cool-down (MONPS_ALERT_COOL_DOWN), and say when it is well again.",
    tags={"monps/kind": "alerts"},
    metadata=page("alerts"),
)
def alerts_sensor(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Read the event log from where it was last read, keep what was seen in ops.alerts, and tell what is due."""
    settings = Settings()
    desk = Desk(
        database.unit_of_work,
        configured(settings),
        timedelta(hours=settings.alert_cool_down),
        lambda: datetime.now(UTC),
    )
    world = World.of(context.repository_def, settings.ui_address)
    look = desk.look(context.instance, int(context.cursor) if context.cursor else None, world)
    return dg.SensorResult(skip_reason=look.in_words, cursor=str(look.cursor))
