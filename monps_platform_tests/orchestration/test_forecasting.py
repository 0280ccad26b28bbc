"""Forecasts of small seasons by the asset: whole or with the reason, and no row touched that need not be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monps_platform.domain.partitions import Block, Partition
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, FORECASTS
from monps_platform_tests.orchestration.football_files import (
    MATCHES,
    key_of,
    partition,
    season_file,
    season_lines,
)
from monps_platform_tests.orchestration.platform import (
    Platform,
    failure_text,
    materializations,
    recording,
    snapshot,
)

E0 = partition("E0", "2019-20")
SIM = partition("SIM2", "2019-20")
BOTH = (*FOOTBALL_DATA.steps, *FORECASTS.steps)
MODELS = ("base_rate", "dixon_coles", "market_closing", "market_pre_match")
PER_MODEL = """SELECT model::text, count(*), count(home_prob), count(gap), min(gap::text)
    FROM quantum.match_forecasts GROUP BY model ORDER BY model::text"""


def forecast(platform: Platform, where: Partition = E0) -> Outcome:
    """Load a partition and forecast it; returns what became of the forecasts."""
    progress = recording()
    result = platform.materialize(where, steps=BOTH, progress=progress)
    assert result.success, failure_text(result)
    return dict(progress.outcomes)["match_forecasts"]


def rows_of(platform: Platform, model: str) -> Mapping[int, Any]:
    """The rows of a model by match, with their versions."""
    found = platform.rows(f"""SELECT f.match_id, f.xmin::text, to_jsonb(f) FROM quantum.match_forecasts f
        WHERE model = '{model}'""")
    return {match: rest for match, *rest in found}


def test_a_season_without_history_has_the_markets_forecasts_and_the_reason_why_there_are_no_others(
    platform: Platform,
) -> None:
    """One bookmaker before the match is no market; Pinnacle at the close is."""
    platform.publish(E0)
    outcome = forecast(platform)
    assert (outcome.status, outcome.counts.loaded, outcome.changes.inserted) == (Status.LOADED, MATCHES, 4 * MATCHES)
    assert platform.rows(PER_MODEL) == [
        ("base_rate", MATCHES, 0, MATCHES, "too_little_history"),
        ("dixon_coles", MATCHES, 0, MATCHES, "too_little_history"),
        ("market_closing", MATCHES, MATCHES, 0, None),
        ("market_pre_match", MATCHES, 0, MATCHES, "no_prices"),
    ]
    assert platform.broken_rules() == []


def test_the_asset_tells_how_many_matches_have_forecasts_and_how_good_they_were(platform: Platform) -> None:
    platform.publish(E0)
    result = platform.materialize(E0, steps=BOTH, checks=True)
    assert result.success, failure_text(result)
    told = materializations(result, "match_forecasts")["E0|2019-20"]
    assert (told["rows_read"], told["rows_loaded"], told["rows_rejected"]) == (MATCHES, MATCHES, 0)
    assert told["dagster/row_count"] == 4 * MATCHES
    assert 0 < len(told["preview"].records) <= 12
    assert "judgement" in told


def test_a_second_run_touches_no_row(platform: Platform) -> None:
    platform.publish(E0)
    forecast(platform)
    before = snapshot(platform.engine)
    assert forecast(platform).status is Status.UNCHANGED
    assert snapshot(platform.engine) == before


def test_another_price_changes_the_markets_forecast_of_its_match_and_no_other_row(platform: Platform) -> None:
    platform.publish(E0)
    forecast(platform)
    before = {model: rows_of(platform, model) for model in MODELS}
    lines = season_lines(E0)
    lines[3] = lines[3].replace("2.05,3.50", "2.08,3.50")
    platform.mirror.serve(key_of(E0), season_file(E0, lines))
    outcome = forecast(platform)
    assert (outcome.changes.inserted, outcome.changes.updated, outcome.changes.deleted) == (0, 1, 0)
    after = {model: rows_of(platform, model) for model in MODELS}
    differ = {model: [key for key in before[model] if before[model][key] != after[model][key]] for model in MODELS}
    assert {model: len(keys) for model, keys in differ.items()} == {**dict.fromkeys(MODELS, 0), "market_closing": 1}


def test_matches_without_prices_say_so(platform: Platform) -> None:
    lines = [",".join(line.split(",")[:12]) for line in season_lines(E0)]
    header = "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee"
    platform.mirror.serve(key_of(E0), "".join(f"{line}\r\n" for line in (header, *lines)).encode())
    forecast(platform)
    assert [row[3:] for row in platform.rows(PER_MODEL) if row[0].startswith("market")] == [(MATCHES, "no_prices")] * 2


def test_a_match_that_is_dropped_takes_its_forecasts_along(platform: Platform) -> None:
    platform.publish(E0)
    forecast(platform)
    platform.mirror.serve(key_of(E0), season_file(E0, season_lines(E0)[:-1]))
    assert forecast(platform).counts.loaded == MATCHES - 1
    assert [row[1] for row in platform.rows(PER_MODEL)] == [MATCHES - 1] * 4


def test_a_partition_without_matches_says_so_and_an_empty_database_does_too(platform: Platform) -> None:
    for _ in range(2):
        result = platform.materialize(partition("E1", "2019-20"), steps=FORECASTS.steps)
        assert result.success, failure_text(result)
        told = materializations(result, "match_forecasts")["E1|2019-20"]
        assert (told["status"], told["detail"]) == ("not published yet", "no matches are loaded to forecast")
        platform.publish(E0)
        platform.materialize(E0)


def test_a_forecast_that_cannot_be_kept_is_a_failure_of_its_season_alone(platform: Platform) -> None:
    block = Block((E0.league,), (E0.season, partition("E0", "2020-21").season))
    platform.publish(*block.partitions)
    platform.materialize(block)
    platform.do("""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT season FROM matches WHERE id = NEW.match_id) = '2019-20' THEN RAISE EXCEPTION 'refused by the test';
        END IF; RETURN NEW; END $$""")
    platform.do("CREATE TRIGGER refuse BEFORE INSERT ON quantum.match_forecasts FOR EACH ROW EXECUTE FUNCTION refuse()")
    progress = recording()
    result = platform.materialize(block, steps=FORECASTS.steps, progress=progress)
    platform.do("DROP FUNCTION refuse CASCADE")
    assert not result.success
    assert progress.of("match_forecasts") == {"E0 2019-20": Status.FAILED, "E0 2020-21": Status.LOADED}
    assert "refused by the test" in failure_text(result)
    assert [row[1] for row in platform.rows(PER_MODEL)] == [MATCHES] * 4


def test_a_simulated_season_is_forecast_once_it_has_a_history_and_kept_with_its_fits(platform: Platform) -> None:
    outcome = forecast(platform, SIM)
    fits = platform.value("SELECT count(*) FROM quantum.goal_model_fits")
    assert outcome.detail == f"{fits} fits"
    assert fits > 15
    assert outcome.counts.loaded == 306
    ((_, rows, known, _, _),) = (row for row in platform.rows(PER_MODEL) if row[0] == "dixon_coles")
    assert (rows, known > 150) == (306, True)
    assert platform.value("SELECT count(*) FROM quantum.goal_model_strengths") == 18 * fits
    assert platform.value("SELECT count(*) FROM quantum.match_forecasts WHERE fit_id IS NOT NULL") == known
    assert platform.broken_rules() == []
    before = snapshot(platform.engine)
    again = forecast(platform, SIM)
    assert (again.status, again.detail) == (Status.UNCHANGED, "")
    assert snapshot(platform.engine) == before
