"""Metrics: every family is exported, the text is Prometheus's, and nothing in it tells where or who."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.health import HealthSeverity
from monps_platform.domain.health.exposition import exposition
from monps_platform.domain.health.measurements import Connection
from monps_platform.domain.health.metrics import FAMILIES, Family, Kind, Sample, samples
from monps_platform_tests.domain.health.exposed import parse
from monps_platform_tests.domain.health.measured import E0, GOOD, NOW, database, sweep

ONE = {"f": Family("f", "what it is", ("name",))}


def test_a_whole_sweep_exports_every_family_with_its_labels() -> None:
    exported = samples(sweep(), GOOD)
    assert {sample.family for sample in exported} == set(FAMILIES)
    assert all(tuple(sample.labels) == FAMILIES[sample.family].labels for sample in exported)
    keys = [(sample.family, *sample.labels.items()) for sample in exported]
    assert len(set(keys)) == len(keys)


def test_the_text_says_what_was_measured() -> None:
    told = parse(exposition(samples(sweep(), GOOD)))
    assert told["monps_table_rows", (("schema", "public"), ("table", "odds"))] == 1_000_000
    assert told["monps_data_age_seconds", (("source", "football-data"), ("league", "E0"))] == 20 * 3600
    assert told["monps_health_findings", (("severity", "critical"),)] == 0
    assert told["monps_disk_free_bytes", (("folder", "home"),)] == 5e11
    assert told["monps_connection_latency_seconds", (("driver", "asyncpg"),)] == 0.003
    assert told["monps_sweep_timestamp_seconds", ()] == NOW.timestamp()
    assert told["monps_backup_age_seconds", ()] == 36_000
    assert told["monps_up", ()] == 1


def test_what_could_not_be_measured_is_left_out_not_zero() -> None:
    down = Connection("server", ok=False, milliseconds=0.0, reason="down")
    blind = replace(GOOD, connections=(down,), database=None, dagster=None, newest_backup=None)
    told = parse(exposition(samples(sweep(blind), blind)))
    assert told["monps_up", ()] == 0
    names = {name for name, _ in told}
    assert {"monps_table_rows", "monps_backup_age_seconds", "monps_runs_stuck"} & names == set()
    assert told["monps_health_findings", (("severity", HealthSeverity.CRITICAL),)] == 1


def test_nothing_exported_says_where_the_folders_are_or_who_works() -> None:
    text = exposition(samples(sweep(), GOOD))
    assert "/srv" not in text
    assert "ann" not in text
    assert "psql" not in text


def test_a_league_of_which_nothing_is_held_is_not_exported() -> None:
    empty = database(data=(replace(E0, newest_file=None, newest_season=None),))
    assert "monps_data" not in exposition(samples(sweep(empty), empty))


def test_the_families_keep_the_conventions_of_prometheus() -> None:
    for family in FAMILIES.values():
        assert re.fullmatch(r"monps(_[a-z]+)+", family.name)
        assert (family.kind is Kind.COUNTER) == family.name.endswith("_total")
        assert family.help
        assert all(re.fullmatch("[a-z]+", label) for label in family.labels)
        assert not re.search(r"_(ms|kb|mb|minutes|hours|days|percent)(_|$)", family.name)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (12.0, "12"),
        (0.25, "0.25"),
        (1e20, "1e+20"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_prometheus_reads_them(value: float, written: str) -> None:
    assert exposition([Sample("f", value, {"name": "a"})], ONE).splitlines()[-1] == f'f{{name="a"}} {written}'


@given(st.text(), st.floats(allow_nan=False))
def test_any_label_and_number_is_read_back(label: str, value: float) -> None:
    assert parse(exposition([Sample("f", value, {"name": label})], ONE)) == {("f", (("name", label),)): value}
