"""`synapse schema`: say what a module offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.fingerprint import members, schema_hash
from synapse_worker.schema.json_form import schema_to_json

from .command import EXIT_OK, add_command
from .description import describe_directory
from .diagnostics import Diagnostic
from .environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)
from .generation import module_name

if TYPE_CHECKING:
    import argparse

    from .output import Output

_DESCRIPTION = """\
Print what the module in DIR offers: its functions, services, types and errors with their
signatures. With --json the whole schema, versioned and hashed (docs/schema.md).

examples:
  synapse schema pricing
  synapse schema pricing --json > pricing.schema.json
"""


def add_schema(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `schema` command."""
    parser = add_command(
        subcommands,
        "schema",
        run_schema,
        summary="print what a module offers",
        description=_DESCRIPTION,
    )
    add_directory(parser)
    add_environment_options(parser)


def run_schema(args: argparse.Namespace, output: Output) -> int:
    """Describe a module."""
    check_directory(args)
    request = environment_request(args)
    schema = describe_directory(request, module_name(args.directory), on_event=output.event)
    for warning in schema.warnings:
        text = f"{warning.where}: {warning.message}"
        output.note(Diagnostic(text, warning.file, warning.line, severity="warning").text())
    lines = [
        f"{name}{text}" if text.startswith("(") else f"{name} {text}"
        for name, text in members(schema).items()
    ]
    head = f"{schema.module} · schema {schema_hash(schema)}"
    output.result(schema_to_json(schema), "\n".join([head, *(f"  {line}" for line in lines)]))
    return EXIT_OK
