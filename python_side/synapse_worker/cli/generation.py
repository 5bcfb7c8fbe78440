"""Generates the client of one module: settings, schema, text, file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synapse_worker.env import read_project
from synapse_worker.protocol.errors import SynapseError
from synapse_worker.typescript import (
    GenerationError,
    RenderOptions,
    render_client,
    render_declaration,
    render_javascript,
)

from .description import describe_directory
from .generated_file import (
    check_same_module,
    default_output,
    stored_directory,
    write_if_changed,
)
from .usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from synapse_worker.env import EnvironmentRequest
    from synapse_worker.env.events import EventSink
    from synapse_worker.schema.definitions import SchemaWarning


@dataclass(frozen=True)
class GenerateRequest:
    """What to generate: a module, the text's form, and the file it goes to."""

    environment: EnvironmentRequest
    name: str
    path: Path
    options: RenderOptions
    # "client", "declaration" or "javascript".
    form: str = "client"

    @property
    def directory(self) -> Path:
        """The module's folder."""
        return self.environment.directory


@dataclass(frozen=True)
class GenerateOutcome:
    """What came of it."""

    path: Path
    changed: bool
    warnings: Sequence[SchemaWarning]


def generate_module(
    request: GenerateRequest, *, on_event: EventSink | None = None
) -> GenerateOutcome:
    """Write a module's client, unless the file says so already.

    Raises:
        SynapseError: the module cannot be described (details: file and line where known), or the
            file is not ours to write.
    """
    text, warnings = generate_text(request, on_event=on_event)
    return GenerateOutcome(request.path, write_if_changed(request.path, text), warnings)


def generate_text(
    request: GenerateRequest, *, on_event: EventSink | None = None
) -> tuple[str, Sequence[SchemaWarning]]:
    """Return what the file of a module should hold, and what could not be described.

    Raises:
        SynapseError: as `generate_module`.
    """
    if request.form == "client":
        check_same_module(request.path, request.directory, request.options.directory)
    schema = describe_directory(request.environment, request.name, on_event=on_event)
    try:
        if request.form == "declaration":
            return render_declaration(schema, request.options), schema.warnings
        if request.form == "javascript":
            assert request.environment.entrypoint is not None  # import_request says it
            return render_javascript(schema, request.environment.entrypoint), schema.warnings
        return render_client(schema, request.options), schema.warnings
    except GenerationError as problem:
        raise SynapseError("SCHEMA_INVALID", str(problem)) from problem


def module_name(directory: Path, *, strict: bool = True) -> str:
    """Return what a module's client is called: `[tool.synapse] name`, else the folder's name.

    Of a folder's name what no identifier has becomes an underscore: `my-module` is `my_module`.

    Raises:
        UsageError: it is no identifier, and must be one (`strict`).
    """
    configured = read_project(directory).name
    name = configured or directory.resolve().name
    if name.isidentifier() or not strict:
        return name
    spelled = re.sub(r"\W", "_", name)
    if configured is None and spelled.isidentifier() and spelled.strip("_"):
        return spelled
    source = "[tool.synapse] name" if configured else "The folder's name"
    raise UsageError(
        f'{source} "{name}" cannot name a client: it is no identifier.',
        'Give one in the module\'s pyproject.toml: [tool.synapse] with name = "…".',
    )


def client_request(
    environment: EnvironmentRequest, output: Path | None, options: RenderOptions
) -> GenerateRequest:
    """Return the request for the client of a module, in `output` or where clients go by default."""
    name = module_name(environment.directory)
    folder = output or default_output(environment.directory)
    stored = stored_directory(environment.directory, folder)
    return GenerateRequest(
        environment, name, folder / f"{name}.ts", replace(options, directory=stored)
    )


def import_request(
    environment: EnvironmentRequest, form: str, entrypoint: str, options: RenderOptions
) -> GenerateRequest:
    """Return the request for what importing an entrypoint directly takes; its folder may have any name."""
    name = module_name(environment.directory, strict=False)
    path = environment.directory / f"{entrypoint.removesuffix('.py')}.d.py.ts"
    return GenerateRequest(replace(environment, entrypoint=entrypoint), name, path, options, form)
