"""`synapse call`: run one function of a module from the shell.

The module's environment is made ready here; the call itself is made by `calling.py`, which runs in
that environment, because only there a MessagePack codec is sure to exist.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from synapse_worker.env import read_project, sync_environment
from synapse_worker.env.sources.plain_file import read_plain
from synapse_worker.worker.dialect import DialectUndecidedError, decide_dialect

from .command import add_command
from .environment_options import (
    add_directory,
    add_environment_options,
    check_directory,
    environment_request,
)
from .milliseconds import milliseconds
from .usage import Parser, UsageError

if TYPE_CHECKING:
    import argparse

    from .output import Output

# As long as `connect()` waits by default.
START_TIMEOUT_MS = 60_000
_DESCRIPTION = """\
Run one function of the module in DIR and print its result as JSON. Its environment is built
first if need be. Progress and what the module prints go to stderr.

JSON has no bytes and no dates: in results they are base64 and ISO 8601 text. A stream is printed
as JSON lines, one item a line; with --json an error that ends it is the last line: {"error": {…}}.

examples:
  synapse call pricing quote --args '["ACME"]' --kwargs '{"months": 3}'
  synapse call pricing ticks --args '[100]' | head -3        a stream: one JSON line an item
  synapse call pricing rebuild --args @arguments.json --timeout-ms 5000
  synapse call legacy --args '{"value": 21}'                 a raw module: --args is its input
"""


def add_call(subcommands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the `call` command."""
    parser = add_command(
        subcommands,
        "call",
        run_call,
        summary="run one function of a module",
        description=_DESCRIPTION,
    )
    add_directory(parser)
    parser.add_argument(
        "method",
        metavar="METHOD",
        nargs="?",
        help="the function's name; nothing or - for a raw module",
    )
    assert isinstance(parser, Parser)
    parser.surplus_advice = "What the function is called with goes into --args '[\"ACME\"]'. "
    parser.add_argument(
        "--args",
        metavar="JSON",
        default=None,
        help="positional arguments as a JSON array (a raw module: any value); "
        "@FILE reads a file, - reads stdin",
    )
    parser.add_argument("--kwargs", metavar="JSON", help="keyword arguments as a JSON object")
    parser.add_argument(
        "--timeout-ms", metavar="MS", type=milliseconds, help="stop the call after so long"
    )
    parser.add_argument(
        "--start-timeout-ms",
        metavar="MS",
        type=milliseconds,
        default=START_TIMEOUT_MS,
        help=f"how long the module may take to load (default: {START_TIMEOUT_MS})",
    )
    parser.add_argument(
        "--stream",
        action="store_true",
        help="insist on a stream (a generator is streamed anyway)",
    )
    add_environment_options(parser)


def run_call(args: argparse.Namespace, output: Output) -> int:
    """Make the environment ready, then become the process that makes the call."""
    check_directory(args)
    project = read_project(args.directory)
    entrypoint = project.chosen_entrypoint(args.entrypoint)
    dialect = _dialect(args, entrypoint)
    call = {
        "method": None if args.method == "-" else args.method,
        "args": _json_option("--args", args.args),
        "kwargs": _json_option("--kwargs", args.kwargs),
        "timeout_ms": args.timeout_ms,
        "start_timeout_ms": args.start_timeout_ms,
        "stream": args.stream,
        "json": args.json,
        "debug": args.debug,
        "entrypoint": entrypoint,
        "dialect": dialect,
        "name": project.name,
    }
    if dialect == "raw":
        _check_raw(call, args.directory)
    else:
        _check_native(call)
    request = environment_request(args)
    if dialect == "raw":
        # The module needs no codec, but the call does.
        request = replace(request, dialect="auto")
    marker = sync_environment(request, on_event=output.event)
    output.clear()
    assert marker.launch is not None  # a ready marker has one
    call["directory"] = marker.directory
    call["launch"] = {"python": marker.launch.python, "script": marker.launch.script}
    script = Path(marker.launch.script).parent.parent / "cli" / "calling.py"
    _become(marker.launch.python, script, call)


def _become(python: str, script: Path, call: dict[str, Any]) -> NoReturn:
    """Replace this process; terminal, pipes and signals go on as they are."""
    # Arguments can be larger than a command line allows: they travel in an unlinked file.
    file = tempfile.TemporaryFile()  # noqa: SIM115 (it must be open in the next program)
    file.write(json.dumps(call).encode())
    file.seek(0)
    os.set_inheritable(file.fileno(), True)
    sys.stdout.flush()
    sys.stderr.flush()
    # -P would do, but is younger than Python 3.10; -I also keeps PYTHONPATH from shadowing modules.
    os.execv(python, [python, "-I", str(script), str(file.fileno())])


def _dialect(args: argparse.Namespace, entrypoint: str) -> str:
    """Return the dialect that the module speaks, as a worker would decide it."""
    if args.dialect != "auto":
        return str(args.dialect)
    path = args.directory / entrypoint
    try:
        return decide_dialect(read_plain(path), entrypoint)
    except OSError as problem:
        raise UsageError(
            f'The entrypoint "{path}" cannot be read: {problem.strerror}.',
            "Name it with --entrypoint, or in [tool.synapse] of the module's pyproject.toml.",
        ) from problem
    except DialectUndecidedError as problem:
        raise UsageError(str(problem), "Give --dialect native or --dialect raw.") from problem
    except SyntaxError:
        return "native"  # the worker's own report names the file, the line and the place


def _check_raw(call: dict[str, Any], directory: Path) -> None:
    if call["method"] is not None or call["kwargs"] is not None or call["stream"]:
        raise UsageError(
            f"{call['entrypoint']} is a raw module: it has no methods, keyword arguments or streams.",
            f"""`synapse call {directory} --args '{{"value": 21}}'` sends it one input.""",
        )


def _check_native(call: dict[str, Any]) -> None:
    call["args"] = [] if call["args"] is None else call["args"]
    call["kwargs"] = {} if call["kwargs"] is None else call["kwargs"]
    if not isinstance(call["args"], list):
        raise UsageError(
            "--args must be a JSON array: one element for each positional argument.",
            """For one text argument: --args '["text"]'""",
        )
    if not isinstance(call["kwargs"], dict):
        raise UsageError(
            "--kwargs must be a JSON object: keyword to value.",
            """For example: --kwargs '{"depth": 3}'""",
        )


def _json_option(option: str, text: str | None) -> Any:
    """Return an option's value: JSON as it stands, from a file, or from stdin."""
    if text is None:
        return None
    source = option
    try:
        if text == "-":
            source, text = "stdin", sys.stdin.read()
        elif text.startswith("@"):
            source = text[1:]
            text = Path(source).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as problem:
        raise UsageError(
            f'"{source}" cannot be read: {problem.strerror}.',
            f"Give {option} JSON, @FILE with the name of a readable file, or - for stdin.",
        ) from problem
    except ValueError as problem:
        raise UsageError(
            f"{source} is not JSON: {problem}.",
            f"""Quote it for the shell as a whole: {option} '["text", 1]'""",
        ) from problem
