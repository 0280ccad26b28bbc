"""GraphQL in this process: what the UI would be answered, without a server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster_graphql.schema import create_schema

LOCATION = "monps_platform.definitions"


def answer(
    instance: dg.DagsterInstance, environment: Mapping[str, str], query: str, variables: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The data that a query or a mutation gives; a run that it launches is over when it answers.

    Raises ValueError for a query that GraphQL refuses.
    """
    target = LoadableTargetOrigin(executable_path=None, module_name=LOCATION)
    origin = InProcessCodeLocationOrigin(loadable_target_origin=target, location_name=LOCATION)
    with (
        process_environment(environment),
        WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget([origin])) as context,
    ):
        request = context.create_request_context()
        said = asyncio.run(create_schema().execute_async(query, context_value=request, variable_values=variables))
    if said.errors:
        raise ValueError("; ".join(error.message for error in said.errors))
    return dict(said.data or {})


@contextmanager
def process_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These variables until the end of the block, as the code location finds its settings there."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
