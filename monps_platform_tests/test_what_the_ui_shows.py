"""What people read in the UI: everything is described, owned, linked to its page, and knows how old it may grow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import dagster as dg
import pytest

from monps_platform.definitions import defs
from monps_platform.domain.freshness import Pace, is_summer, window
from monps_platform.orchestration.documentation import DOCS
from monps_platform.orchestration.freshness import PACES
from monps_platform.settings import PROJECT_ROOT

pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")

SENTENCE = re.compile(r"[A-Z`].{25,}[.:!]|[A-Z`].{25,}: monps \w+", re.DOTALL)
"""It begins with a capital (or a name), says something, and ends; or ends with a command."""


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that the UI lists, with its description."""
    repository = defs.get_repository_def()
    graph = defs.resolve_asset_graph()
    yield from ((f"asset {node.key.to_user_string()}", node.description) for node in graph.asset_nodes)
    yield from (
        (f"check {key.to_user_string()}", graph.get_check_spec(key).description) for key in graph.asset_check_keys
    )
    for kind, listed in (
        ("job", [job for job in repository.get_all_jobs() if not job.name.startswith("__")]),
        ("schedule", repository.schedule_defs),
        ("sensor", repository.sensor_defs),
    ):
        yield from ((f"{kind} {item.name}", item.description) for item in listed)
    for name, resource in repository.get_top_level_resources().items():
        yield f"resource {name}", resource.description


def test_everything_that_the_ui_lists_is_described_in_at_least_one_full_sentence() -> None:
    found = dict(described())
    kinds = {name.split(" ", maxsplit=1)[0] for name in found}
    assert {"asset", "check", "job", "sensor", "resource"} <= kinds
    lacking = {name: text for name, text in found.items() if not SENTENCE.match(" ".join((text or "").split()))}
    assert lacking == {}


@pytest.mark.parametrize("text", ["", "Rows", "rows are as they should be, all of them.", "Rows are as they should be"])
def test_what_is_no_sentence_is_found(text: str) -> None:
    assert not SENTENCE.match(text)


def test_every_asset_has_owners_kinds_a_group_a_code_version_and_a_page() -> None:
    for node in defs.resolve_asset_graph().asset_nodes:
        assert node.owners, node.key
        assert node.kinds, node.key
        assert node.group_name not in {None, "default"}, node.key
        assert node.code_version, node.key
        assert pages(node.metadata), node.key


def test_every_job_and_sensor_names_a_page_that_is_there() -> None:
    repository = defs.get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    assert [job.name for job in jobs if not pages(job.metadata)] == []
    assert [sensor.name for sensor in repository.sensor_defs if not pages(sensor.metadata)] == []


def pages(metadata: Mapping[str, object]) -> bool:
    """Whether metadata name a page of the repository that is there."""
    value = metadata.get(DOCS)
    return isinstance(value, dg.TextMetadataValue) and (PROJECT_ROOT / str(value.text)).is_file()


def test_every_asset_has_a_freshness_policy_and_every_pace_an_asset() -> None:
    nodes = defs.resolve_asset_graph().asset_nodes
    assert [node.key for node in nodes if node.freshness_policy is None] == []
    names = {node.key.to_user_string() for node in nodes}
    assert names <= set(PACES)
    assert set(PACES) - names <= {"database_health"}


@pytest.mark.parametrize("pace", Pace)
@pytest.mark.parametrize("day", [date(2026, 11, 28), date(2026, 7, 1)])
def test_a_table_is_a_warning_before_it_is_a_failure(pace: Pace, day: date) -> None:
    allowed = window(pace, day)
    assert timedelta(minutes=15) < allowed.warn < allowed.fail


def test_in_summer_tables_may_be_older_and_the_server_is_watched_all_the_same() -> None:
    november, july = date(2026, 11, 28), date(2026, 7, 1)
    assert window(Pace.FETCHED, july).warn > window(Pace.FETCHED, november).fail
    assert window(Pace.WATCHED, july) == window(Pace.WATCHED, november)
    assert [is_summer(date(2026, 6, day)) for day in (9, 10, 11)] == [False, False, True]
    assert [is_summer(date(2026, 7, day)) for day in (19, 20)] == [True, False]
