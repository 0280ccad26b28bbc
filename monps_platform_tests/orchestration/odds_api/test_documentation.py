"""The page on The Odds API says what the code does."""

from __future__ import annotations

import re

from monps_platform.cli.main import cli
from monps_platform.db.quality import odds_api as rules
from monps_platform.domain.bookmakers import OF_ODDS_API
from monps_platform.domain.event_pairing import LEAST_LIKENESS, LEAST_MEAN, MARGIN
from monps_platform.domain.rejections import Reason
from monps_platform.domain.snapshot_pace import PACE
from monps_platform.orchestration.loading.odds_api import MENDED_WITHIN
from monps_platform.settings import PROJECT_ROOT, Settings
from monps_platform.sources.odds_api.files import Question

PAGE = (PROJECT_ROOT / "docs" / "odds-api.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())


def test_the_table_of_the_pace_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) h \| (\d+) (min|h) \| ([\d.]+) \|$", PAGE, flags=re.MULTILINE)
    found = [
        (int(ahead) * 60, int(every) * (60 if unit == "h" else 1), float(shares)) for ahead, every, unit, shares in rows
    ]
    assert found == [(step.ahead.total_seconds() / 60, step.every.total_seconds() / 60, step.shares) for step in PACE]


def test_the_table_of_settings_names_each_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `MONPS_(ODDS_API_\w+)` \| `?([^|`]+)`? \|", PAGE, flags=re.MULTILINE))
    fields = {name.upper(): item for name, item in Settings.model_fields.items() if name.startswith("odds_api_")}
    assert set(rows) == set(fields)
    for name, shown in rows.items():
        default = fields[name].default
        assert shown.strip() == ("none" if default is None else str(default).rstrip("/"))


def test_the_table_of_checks_names_each_rule_and_whether_it_blocks() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`[^|]+) \| (yes|no) \|$", PAGE, flags=re.MULTILINE)
    named = {
        (asset, check, blocks == "yes") for asset, checks, blocks in rows for check in re.findall(r"`(\w+)`", checks)
    }
    own = {(rule.asset, rule.name, rule.blocks) for rule in rules.RULES}
    assert named - own == {
        ("raw_odds_api", "api_requests_schema_matches_models", True),
        ("raw_odds_api", "odds_api_bytes_match_their_hash", True),
    }
    assert own <= named


def test_reasons_figures_and_costs_are_those_of_the_code() -> None:
    section = PAGE[PAGE.index("What cannot be loaded") : PAGE.index("Quotes read")]
    assert set(re.findall(r"`([a-z_]+)`", section)) <= set(Reason)
    assert f"each by {LEAST_LIKENESS}, both by {LEAST_MEAN} on average" in TEXT
    assert f"within {MARGIN} of it" in TEXT
    assert f"up to {MENDED_WITHIN.days} days back" in TEXT
    settings = Settings()
    cost = Question.of(settings.odds_api_regions, settings.odds_api_markets).cost
    assert f"3 x 2 = {cost}" in TEXT
    assert f"500 calls a month in place of {500 // cost}" in TEXT
    for theirs, ours in re.findall(r"`(\w+)`(?: is)? ([A-Z0-9]{2,3})[,)]", TEXT):
        assert OF_ODDS_API[theirs] == ours


def test_the_commands_of_the_page_are_there() -> None:
    named = set(re.findall(r"monps odds (\w+)", PAGE))
    assert named == {"plan", "snapshot", "alias"}
    assert named == set(cli.commands["odds"].commands)  # type: ignore[attr-defined]  # a group has commands
