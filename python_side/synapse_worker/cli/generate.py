"""`synapse generate`: write the TypeScript clients of modules."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from synapse_worker.env import read_project
from synapse_worker.protocol.errors import SynapseError
from synapse_worker.typescript import RenderOptions

from .command import EXIT_CODES, EXIT_DRIFT, EXIT_FAILED, EXIT_OK, add_command
from .diagnostics import Diagnostic, diagnose, short_path
from .environment_options import add_environment_options, check_directory, environment_request
from .folder import folder
from .generated_file import default_output, difference, package_kind
from .generation import (
    GenerateOutcome,
    GenerateRequest,
    client_request,
    generate_module,
    generate_text,
    import_request,
)
from .orderly_end import end_orderly
from .parent import parent_has_gone
from .usage import UsageError
from .watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from synapse_worker.schema.definitions import SchemaWarning

    from .output import Output

__all__ = ["add_generate", "add_generate_options", "generate_module", "generate_request"]

_DESCRIPTION = """\
Write the TypeScript client of each module in DIR…: one readable file a module, named after its
folder or after [tool.synapse] name. A file that would not change is not touched.

The same options can stand in [tool.synapse.generate] of the module's pyproject.toml:
  output = "../src/generated"
  camel-case = true

examples:
  synapse generate pricing -o src/generated
  synapse generate pricing ranking --check     exit code 3 and a diff if a client is out of date
  synapse generate pricing --watch             again after every edit, until Ctrl-C
"""


def add_generate(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `generate` command."""
    parser = add_command(
        subcommands,
        "generate",
        run_generate,
        summary="write the TypeScript clients of modules",
        description=_DESCRIPTION,
        exit_codes=f"{EXIT_CODES},\n            3 a client is out of date (--check)",
    )
    parser.add_argument(
        "directories", metavar="DIR", nargs="+", type=folder, help="a module's folder"
    )
    add_generate_options(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 3 and print the difference if a client is out of date",
    )
    what.add_argument("--watch", action="store_true", help="generate again after every edit")
    what.add_argument("--stdout", action="store_true", help="print the text instead of writing it")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--declarations",
        action="store_true",
        help="write main.d.py.ts beside main.py, for importing it directly",
    )
    form.add_argument(
        "--javascript",
        action="store_true",
        help="with --stdout: print the code that importing main.py directly runs",
    )
    add_environment_options(parser)


def add_generate_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides the text of a client and where it goes."""
    group = parser.add_argument_group("client")
    group.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=folder,
        help="the folder of the clients (default: src/generated beside the nearest package.json)",
    )
    group.add_argument(
        "--module",
        choices=["esm", "cjs"],
        default=None,
        help="the kind of the package they are in (default: esm, or cjs where package.json says commonjs)",
    )
    for name, text in _FLAGS.items():
        group.add_argument(
            f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=text
        )


_FLAGS = {
    "camel-case": "methods, parameters and fields in camelCase",
    "exact-times": "datetimes as bigint epoch nanoseconds instead of Date",
    "checked": "check every result in the client",
}


def generate_request(args: argparse.Namespace, directory: Path) -> GenerateRequest:
    """Return what the options and the module's own settings ask for."""
    project = read_project(directory)
    settings = project.generate
    is_client = not (getattr(args, "declarations", False) or getattr(args, "javascript", False))
    output = args.output
    if output is None and "output" in settings:
        output = directory / settings["output"]
    # What importing Python directly yields is an ES module in any package.
    kind = package_kind(output or default_output(directory)) if is_client else "esm"
    kind = settings.get("module", kind)
    # As they are set, as they were given, and where the one says yes and the other no.
    chosen = {name: settings.get(name.replace("-", "_"), False) for name in _FLAGS}
    given = {name: getattr(args, name.replace("-", "_")) for name in _FLAGS}
    refused = [f"--no-{name}" for name in _FLAGS if chosen[name] and given[name] is False]
    chosen.update({name: value for name, value in given.items() if value is not None})
    options = RenderOptions(
        module=args.module or kind,
        camel_case=chosen["camel-case"],
        exact_times=chosen["exact-times"],
        checked=chosen["checked"],
        defaults=(*(["--module esm"] if args.module == "esm" != kind else []), *refused),
        codecs=project.types,
    )
    environment = environment_request(argparse.Namespace(**{**vars(args), "directory": directory}))
    if not is_client:
        form = "declaration" if args.declarations else "javascript"
        entrypoint = project.chosen_entrypoint(args.entrypoint)
        return import_request(environment, form, entrypoint, options)
    return client_request(environment, output, options)


def run_generate(args: argparse.Namespace, output: Output) -> int:
    """Generate once, compare, or go on until Ctrl-C."""
    requests = _requests(args)
    if args.watch:
        _watch(requests, output)
        return EXIT_FAILED
    if args.stdout:
        return _print_text(requests, output)
    if args.check:
        return _check(requests, output)
    outcomes: list[tuple[GenerateRequest, GenerateOutcome]] = []
    failed = False
    for request in requests:
        try:
            outcome = generate_module(request, on_event=output.event)
        except SynapseError as error:
            failed = _tell_failure(error, request, output) or failed
            continue
        _tell_warnings(outcome.warnings, output)
        outcomes.append((request, outcome))
    lines = [f"{_news(outcome)} {short_path(outcome.path)}" for _, outcome in outcomes]
    output.result({"files": [_outcome_json(*pair) for pair in outcomes]}, "\n".join(lines))
    return EXIT_FAILED if failed else EXIT_OK


def _requests(args: argparse.Namespace) -> list[GenerateRequest]:
    requests: list[GenerateRequest] = []
    paths: dict[Path, Path] = {}
    for directory in args.directories:
        check_directory(argparse.Namespace(directory=directory))
        request = generate_request(args, directory)
        if (other := paths.setdefault(request.path, directory)) is not directory:
            raise UsageError(
                f'"{other}" and "{directory}" would both become {request.path}.',
                'Give one of them another name: [tool.synapse] with name = "…" in its pyproject.toml.',
            )
        requests.append(request)
    if args.javascript and not args.stdout:
        raise UsageError("--javascript is for a loader.", "Use it with --stdout.")
    if args.stdout and len(requests) > 1:
        raise UsageError("--stdout prints one client.", "Give one DIR.")
    return requests


def _print_text(requests: Sequence[GenerateRequest], output: Output) -> int:
    text, warnings = generate_text(requests[0], on_event=output.event)
    _tell_warnings(warnings, output)
    output.clear()
    print(text, end="")
    return EXIT_OK


def _check(requests: Sequence[GenerateRequest], output: Output) -> int:
    found: list[tuple[GenerateRequest, str]] = []
    for request in requests:
        text, _ = generate_text(request, on_event=output.event)
        found.append((request, difference(request.path, text)))
    drifted = [short_path(request.path) for request, diff in found if diff]
    output.result(
        {
            "files": [
                {"path": str(request.path), "drift": bool(diff), "diff": diff}
                for request, diff in found
            ]
        },
        "".join(diff for _, diff in found).rstrip("\n"),
    )
    if not drifted:
        return EXIT_OK
    output.note(f"synapse: out of date: {', '.join(drifted)}. `synapse generate` writes them anew.")
    return EXIT_DRIFT


def _watch(requests: Sequence[GenerateRequest], output: Output) -> None:
    """Go on until Ctrl-C, or until the Node that wanted it has gone."""
    end_orderly()  # at the first Ctrl-C, wherever it comes
    watcher = Watcher([request.directory for request in requests])
    changed = list(requests)
    while not parent_has_gone():
        for request in changed:
            try:
                outcome = generate_module(request, on_event=output.event)
            except SynapseError as error:
                output.note(diagnose(error, request.directory).text())
                continue
            _tell_warnings(outcome.warnings, output)
            output.note(f"{_news(outcome)} {short_path(outcome.path)}")
        paths = watcher.wait(until=parent_has_gone)
        changed = [
            request
            for request in requests
            if any(path.is_relative_to(request.directory) for path in paths)
        ]


def _tell_failure(error: SynapseError, request: GenerateRequest, output: Output) -> bool:
    """Show a failure as `file:line: message`; one without a place is the boundary's."""
    found = diagnose(error, request.directory)
    if output.as_json or found.file is None:
        raise error
    output.note(found.text())
    return True


def _tell_warnings(warnings: Sequence[SchemaWarning], output: Output) -> None:
    for warning in warnings:
        text = f"{warning.where}: {warning.message}"
        output.note(Diagnostic(text, warning.file, warning.line, severity="warning").text())


def _news(outcome: GenerateOutcome) -> str:
    return "Wrote" if outcome.changed else "Unchanged:"


def _outcome_json(request: GenerateRequest, outcome: GenerateOutcome) -> dict[str, object]:
    warnings = [
        {"where": one.where, "message": one.message, "file": one.file, "line": one.line}
        for one in outcome.warnings
    ]
    return {
        "module": request.name,
        "path": str(outcome.path),
        "changed": outcome.changed,
        "warnings": warnings,
    }
