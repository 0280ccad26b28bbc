"""Pipelines: steps that follow each other over the same partitions, from a source to its tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pipeline:
    """The job of a pipeline, and its assets in the order of their steps; ``fetch`` are those that ask a server.

    ``needs`` are assets of other pipelines that it builds on: where one of their blocking checks fails, it is not run.
    One that is not ``by_partition`` finds for itself what has changed, in one run over everything that is held.
    """

    job: str
    fetch: tuple[str, ...]
    load: tuple[str, ...]
    needs: tuple[str, ...] = ()
    by_partition: bool = True

    @property
    def steps(self) -> tuple[str, ...]:
        """All steps, in order."""
        return (*self.fetch, *self.load)


FOOTBALL_DATA = Pipeline("football_data_job", ("raw_football_data",), ("matches", "odds"))
UNDERSTAT = Pipeline(
    "understat_job", ("raw_understat",), ("team_identities", "shots", "player_seasons"), needs=("matches",)
)
FORECASTS = Pipeline("forecasts_job", (), ("match_forecasts",), needs=("matches", "odds"))
PICKS = Pipeline(
    "picks_job", (), ("tracking_clv_picks",), needs=("matches", "odds", "match_forecasts"), by_partition=False
)
QUANTUM = Pipeline(
    "quantum_job",
    (),
    (
        *("chess_classifications", "team_quantum_dna", "quantum_strategies"),
        *("quantum_friction_matrix", "goalscorer_profiles"),
    ),
    needs=(
        *("matches", "odds", "team_identities", "shots", "player_seasons"),
        *("match_forecasts", "tracking_clv_picks"),
    ),
    by_partition=False,
)
PIPELINES = (FOOTBALL_DATA, UNDERSTAT, FORECASTS, PICKS, QUANTUM)
"""In the order in which one stands on what those before it loaded."""
LOAD_STEPS = tuple(step for pipeline in PIPELINES for step in pipeline.load)
STEPS = tuple(step for pipeline in PIPELINES for step in pipeline.steps)
