"""The TypeScript clients that were generated from one module: are they those of its code as it is?

Only importing the module can tell, and that runs the user's code: with `--start` the very rule of
`synapse generate --check` is applied, in a process of its own. Without it the times of files raise a
suspicion, and no more than that.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.typescript import MARK, module_directory, options_in

from .finding import Finding, command, error, info, ok, warning
from .npm_package import runtime_for
from .readiness import is_ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .finding import Findings

_SKIPPED = {"node_modules", "dist", "build", "out", "coverage", "__pycache__", "site-packages"}
# A source tree larger than this is looked through in part.
_MAX_FILES = 20_000
START_TIMEOUT_S = 11.0
_PACKAGE_PARENT = Path(__file__).resolve().parent.parent.parent
_RUN = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('synapse_worker', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True)
class Client:
    """One generated file of a module."""

    path: Path
    # What it was asked to be when it was generated, as it says itself.
    options: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """What writes it anew, after `synapse`."""
        return ["-o", str(self.path.parent), *self.options]


def examine_clients(directory: Path, *, start: bool) -> Findings:
    """Check every client of a module that lies in its package or in that of the working directory."""
    clients = list(find_clients(directory))
    if start:
        yield from _start(directory, clients)
        return
    for client in clients:
        newer = _newer_source(directory, client)
        fix = _fix(directory, client)
        if newer is None:
            yield ok(
                "module.client",
                f"No source is newer than its client {client.path}.",
                path=str(client.path),
            )
        else:
            yield info(
                "module.client",
                f"Its client {client.path} may be out of date: {newer} was edited after it was written "
                "(--start compares).",
                fix,
                path=str(client.path),
            )


def find_clients(directory: Path) -> Iterator[Client]:
    """Find the generated clients that name the module's folder."""
    wanted = os.path.realpath(directory)
    roots = {root for start in (Path.cwd(), directory) if (root := _package_root(start))}
    for root in sorted(roots):
        for path in _typescript_files(root):
            try:
                with path.open(encoding="utf-8", errors="replace") as file:
                    text = MARK + file.read() if file.read(len(MARK)) == MARK else ""
            except OSError:
                continue
            named = module_directory(text)
            if named is not None and os.path.realpath(root / named) == wanted:
                yield Client(path, tuple(options_in(text)))


def _package_root(start: Path) -> Path | None:
    folder = Path(os.path.realpath(start))
    return next(
        (one for one in (folder, *folder.parents) if os.path.isfile(one / "package.json")), None
    )


def _typescript_files(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not name.startswith(".")
        )
        for name in sorted(files):
            seen += 1
            if seen > _MAX_FILES:
                return
            if name.endswith((".ts", ".mts", ".cts")):
                yield Path(folder) / name


def _newer_source(directory: Path, client: Client) -> str | None:
    """Return the newest source of the module, if it is newer than the client."""
    written = client.path.stat().st_mtime_ns
    times: list[tuple[int, str]] = []
    for folder, folders, files in os.walk(directory):
        folders[:] = [
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        ]
        for name in files:
            if name.endswith(".py") and not name.startswith("test_"):
                path = os.path.join(folder, name)
                times.append((os.stat(path).st_mtime_ns, os.path.relpath(path, directory)))
    newest = max(times, default=(0, ""))
    return newest[1] if newest[0] > written else None


def _start(directory: Path, clients: Sequence[Client]) -> Findings:
    """Import the module as `synapse generate --check` does, once for each client, or for none."""
    if not is_ready(directory):
        yield info(
            "module.start",
            "It was not started: its environment is not ready.",
            command("synapse", "env", "sync", directory),
        )
        return
    for client in clients:
        yield _compare(directory, client)
    if not clients:
        status, answer = _synapse(directory, "schema")
        yield _started(directory, status, answer)


def _compare(directory: Path, client: Client) -> Finding:
    status, answer = _synapse(directory, "generate", *client.command, "--check")
    if status == 0:
        return ok(
            "module.client", f"Its client {client.path} is that of its code.", path=str(client.path)
        )
    if status == 3:
        return warning(
            "module.client",
            f"Its client {client.path} is out of date.",
            _fix(directory, client),
            path=str(client.path),
        )
    return _started(directory, status, answer)


def _started(directory: Path, status: int | None, answer: dict[str, object]) -> Finding:
    if status == 0:
        return ok("module.start", "It can be imported and described.")
    if status is None:
        return warning(
            "module.start",
            f"It had not been imported after {START_TIMEOUT_S:.0f} s.",
            "Give connect() a larger startTimeoutMs, or move slow work out of the import.",
        )
    problem = answer.get("error")
    said = problem if isinstance(problem, dict) else {}
    details = said.get("details")
    hint = details.get("hint") if isinstance(details, dict) else None
    if said.get("code") == "INVALID_ARGUMENTS":  # a raw script, or a name that is none
        return info("module.start", str(said.get("message")), hint)
    message = str(said.get("message", f"status {status}"))
    return error(
        "module.start",
        f"It cannot be imported: {message}",
        hint or "Correct the line that the message names.",
        error=said,
    )


def _fix(directory: Path, client: Client) -> str:
    return command("synapse", "generate", directory, *client.command)


def _synapse(
    directory: Path, subcommand: str, *options: str
) -> tuple[int | None, dict[str, object]]:
    """Run our own command line; its status is None when it took too long (it is ended then)."""
    runtime = runtime_for(directory)
    arguments = [subcommand, str(directory), *options, "--json"]
    arguments += ["--runtime", str(runtime)] if runtime else []
    # -B: what is imported to be looked at must leave no compiled files.
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", _RUN, str(_PACKAGE_PARENT), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        text, _ = child.communicate(timeout=START_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # its worker ends with it
        child.communicate()
        return None, {}
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    return child.returncode, answer if isinstance(answer, dict) else {}
