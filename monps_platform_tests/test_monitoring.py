"""The dashboard and the alerts that are shipped ask for what is exported, and for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml

from monps_platform.domain.health import HealthCheck, HealthSeverity
from monps_platform.domain.health.metrics import FAMILIES
from monps_platform.domain.health.thresholds import LIMITS
from monps_platform.settings import PROJECT_ROOT, Settings

FOLDER = PROJECT_ROOT / "monitoring"
DASHBOARD: Mapping[str, Any] = json.loads((FOLDER / "grafana" / "monps.json").read_text(encoding="utf-8"))
ALERTS_FILE = FOLDER / "prometheus" / "alerts.yml"
ALERTS: Sequence[Mapping[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS_FILE.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]
OF_EVERY_SCRAPE = {"instance", "job"}
"""Labels that Prometheus gives to whatever it scrapes."""
SERIES = re.compile(r"(monps_\w+)(?:\{([^}]*)\})?")
BY = re.compile(r"\b(?:by|on|ignoring|without) \(([^)]*)\)")
IN_TEXT = re.compile(r"\$labels\.(\w+)|\{\{(\w+)\}\}")
FACTORS = {"ms": 1000.0}
"""By the unit of a limit: how many of it are one of the metric's, where it is another one."""


def panels() -> Iterator[Mapping[str, Any]]:
    """The panels that ask for something."""
    return (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics of an expression, with the labels by which it chooses among their samples."""
    for name, matchers in SERIES.findall(expression):
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers or ""))


def labels_of(expression: str) -> set[str]:
    """The labels that the samples of an expression may have."""
    return OF_EVERY_SCRAPE.union(*(FAMILIES[name].labels for name, _ in asked(expression)))


def expressions() -> list[str]:
    """All that dashboard and alerts ask."""
    of_panels = [target["expr"] for panel in panels() for target in panel["targets"]]
    of_variables = [item["definition"] for item in DASHBOARD["templating"]["list"] if "definition" in item]
    return [*of_panels, *of_variables, *(rule["expr"] for rule in ALERTS)]


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_what_is_asked_for_is_exported_with_the_labels_it_is_asked_by(expression: str) -> None:
    found = list(asked(expression))
    assert found
    for name, labels in found:
        assert name in FAMILIES
        assert labels <= OF_EVERY_SCRAPE.union(FAMILIES[name].labels)
    for listed in BY.findall(expression):
        assert {label.strip() for label in listed.split(",")} <= labels_of(expression)


def test_everything_that_is_exported_is_on_the_dashboard() -> None:
    shown = {name for panel in panels() for target in panel["targets"] for name, _ in asked(target["expr"])}
    assert shown == set(FAMILIES)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_how_much_it_matters_what_it_is_and_what_to_do(rule: Mapping[str, Any]) -> None:
    assert re.fullmatch(r"Monps([A-Z][a-z]+)+", rule["alert"])
    assert rule["labels"]["severity"] in {HealthSeverity.WARNING, HealthSeverity.CRITICAL}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
    told = " ".join(rule["annotations"].values())
    assert {one or other for one, other in IN_TEXT.findall(told)} <= labels_of(rule["expr"])


def test_alerts_have_names_of_their_own() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


@pytest.mark.parametrize("rule", [rule for rule in ALERTS if "check" in rule["labels"]], ids=lambda rule: rule["alert"])
def test_an_alert_begins_where_the_limit_of_its_check_does(rule: Mapping[str, Any]) -> None:
    limit = LIMITS.get(HealthCheck(rule["labels"]["check"]))
    numbers = re.findall(r">= ([\d.]+)", rule["expr"])
    if not numbers:
        return  # asks whether there is any
    assert limit is not None
    due = limit.critical if rule["labels"]["severity"] == HealthSeverity.CRITICAL else limit.warning
    assert float(numbers[0]) * FACTORS.get(limit.unit, 1.0) == due


def test_every_check_of_the_sweep_reaches_an_alert() -> None:
    own = {HealthCheck(rule["labels"]["check"]) for rule in ALERTS if "check" in rule["labels"]}
    by_severity = {rule["expr"] for rule in ALERTS if "monps_health_check_severity" in rule["expr"]}
    assert by_severity == {f"monps_health_check_severity == {severity.rank}" for severity in list(HealthSeverity)[2:]}
    # Whose figure is not exported, or is one that matters to readers only.
    assert set(HealthCheck) - own == {
        HealthCheck.MISSING_INDEXES,
        HealthCheck.UNUSED_INDEXES,
        HealthCheck.RECORDING,
    }


def test_the_panels_do_not_overlap_and_each_is_described() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert all(panel["description"].endswith(".") for panel in panels())
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_dashboard_asks_whichever_prometheus_is_chosen() -> None:
    sources = {json.dumps(panel["datasource"]) for panel in panels()}
    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}


def test_the_scrape_that_is_shown_finds_monps_metrics_and_the_alerts() -> None:
    shown = yaml.safe_load((FOLDER / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (scrape,) = shown["scrape_configs"]
    assert scrape["static_configs"] == [{"targets": [f"127.0.0.1:{Settings().metrics_port}"]}]
    assert shown["rule_files"] == [ALERTS_FILE.name]
