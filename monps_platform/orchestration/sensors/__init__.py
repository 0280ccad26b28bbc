"""The sensors: what begins a run, or says something, by itself."""

from monps_platform.orchestration.automation import marts_sensor
from monps_platform.orchestration.sensors.alerts import alerts_sensor
from monps_platform.orchestration.sensors.picks_folder import picks_folder_sensor

SENSORS = [picks_folder_sensor, alerts_sensor, marts_sensor]
