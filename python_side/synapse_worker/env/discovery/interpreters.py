"""Finds the Python that an environment is built from: the front door of this room.

In this order: what was asked for (the option, `[tool.synapse] python`), `$SYNAPSE_PYTHON`,
`.python-version`; without any, the interpreter that runs this, pyenv's, uv's, those on PATH, `py -3`.
Whatever `requires-python` does not allow is passed over, and refused where it was asked for.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PYTHON_NOT_FOUND, PYTHON_UNSUPPORTED, ModuleEnvironmentError
from ..sources.python_version_file import VERSION_FILE, read_python_version
from .advice import SYNAPSE_PYTHON, how_to_install, version_to_install, what_to_do
from .candidates import MINIMUM_TEXT, Candidate, Wish, ask, examine_all, table, unique
from .conda import conda_prefix
from .interpreter import MINIMUM, Interpreter
from .machine import Machine
from .places import Place, all_places, places
from .request import Request, parse_name, parse_request, parse_requires_python

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MINIMUM", "Candidate", "Interpreter", "find_interpreter", "misfit", "survey", "table"]


def find_interpreter(
    request: str | None,
    requires_python: str | None = None,
    directory: Path | None = None,
    *,
    machine: Machine | None = None,
) -> Interpreter:
    """Find the interpreter for a request; only what has to be started is started.

    A request is a version ("3.12"), a range (">=3.11,<3.13"), a command, a path, "active" (the active
    virtual environment's), "conda" or "conda:NAME". Without one, `directory` may say what it wants.

    Raises:
        ModuleEnvironmentError: `PYTHON_NOT_FOUND` or `PYTHON_UNSUPPORTED`, with a table of what was
            seen; `INVALID_CONFIG` where the request cannot be read.
    """
    machine = machine or Machine()
    wish = _wish(request, requires_python, directory, machine)
    rows: list[Candidate] = []
    for place in _places(wish.request, directory, machine):
        refusal = wish.refusal_by_name(place)
        if refusal is not None:
            rows.append(wish.dismiss(place, refusal))
            continue
        answer = ask(place, machine)
        row = wish.judge(place, answer)
        if row.is_usable and answer.interpreter is not None:
            return answer.interpreter
        rows.append(row)
    raise _failure(wish, unique(rows))


def survey(
    request: str | None = None,
    requires_python: str | None = None,
    directory: Path | None = None,
    *,
    machine: Machine | None = None,
) -> list[Candidate]:
    """Look at every Python of this machine, in the order in which they are preferred.

    Raises:
        ModuleEnvironmentError: the request cannot be read or names nothing.
    """
    machine = machine or Machine()
    wish = _wish(request, requires_python, directory, machine)
    found = [*_places(wish.request, directory, machine), *all_places(machine)]
    return examine_all(found, wish, machine)


def misfit(
    version: tuple[int, ...], request: str | None, requires_python: str | None, directory: Path
) -> str | None:
    """Say why an environment of this version is not what the module asks for; None where it is.

    `$SYNAPSE_PYTHON` chooses what new environments are built from, and says nothing of old ones.

    Raises:
        ModuleEnvironmentError: what the module asks for cannot be read (`INVALID_CONFIG`).
    """
    machine = Machine()
    chosen = machine.variables.get(SYNAPSE_PYTHON)
    if chosen and not request:
        return Wish(Request("any"), parse_requires_python(requires_python)).refusal(version)
    return _wish(request, requires_python, directory, machine).refusal(version)


def _wish(
    request: str | None, requires_python: str | None, directory: Path | None, machine: Machine
) -> Wish:
    """Find out who asks for what."""
    allowed = parse_requires_python(requires_python)
    if request:
        return Wish(parse_request(request), allowed)
    if chosen := machine.variables.get(SYNAPSE_PYTHON):
        return Wish(parse_request(chosen, f"${SYNAPSE_PYTHON}"), allowed)
    file = read_python_version(directory) if directory is not None else None
    if file is None:
        return Wish(Request("any"), allowed)
    return Wish(parse_name(file.request, str(file.path)), allowed)


def _places(request: Request, directory: Path | None, machine: Machine) -> Iterator[Place]:
    """Yield where to look for a request."""
    if request.kind == "command":
        yield _named(request, directory, machine)
    elif request.kind == "active":
        active = machine.variables.get("VIRTUAL_ENV")
        if not active:
            raise ModuleEnvironmentError(
                PYTHON_NOT_FOUND,
                'The Python "active" was asked for, but no virtual environment is active.',
                hint="Activate one (`. venv/bin/activate`), or ask for a version or a path.",
            )
        yield Place((str(machine.python_of_venv(Path(active))),), "active")
    elif request.kind == "conda":
        prefix = conda_prefix(request.text, machine)
        yield Place((str(machine.python_in(prefix)),), "conda")
    else:
        is_three = request.prefix[:1] == (3,)
        yield from places(machine, request.prefix[1] if is_three and request.prefix[1:] else None)


def _named(request: Request, directory: Path | None, machine: Machine) -> Place:
    """Find what a command or a path names: a command, an interpreter, or a folder with one."""
    if Path(request.origin).name == VERSION_FILE:
        # What a checkout says names a version of pyenv's, never a command to be run.
        root = machine.folder("PYENV_ROOT", machine.home / ".pyenv")
        return Place((str(machine.python_in(root / "versions" / request.text)),), "pyenv")
    text = os.path.expanduser(request.text)
    beside = directory / text if directory is not None else Path(text)
    if os.path.isdir(beside):
        inside = machine.python_of_venv(beside)
        return Place(
            (str(inside if os.path.exists(inside) else machine.python_in(beside)),), "request"
        )
    is_path = os.sep in text or "/" in text
    found = str(beside) if is_path and os.path.exists(beside) else machine.which(text)
    return Place((found or text,), "request")


def _failure(wish: Wish, rows: list[Candidate]) -> ModuleEnvironmentError:
    """Describe a search that found nothing."""
    request, allowed = wish.request, wish.allowed
    said = f" ({request.origin})" if request.origin else ""
    refusals = [row.reason or "" for row in rows]
    against = next((row for row in rows if (row.reason or "").startswith("requires-python")), None)
    if against is not None and request.kind != "any":
        asked = f"{request.title}{said} was asked for"
        is_version = request.kind in {"version", "range"}
        found = "" if is_version else f" and is Python {against.version}"
        return ModuleEnvironmentError(
            PYTHON_UNSUPPORTED,
            f"{asked}{found}, but the module requires Python {allowed} (requires-python).",
            hint="Ask for a version that requires-python allows, or widen requires-python.",
            lines=table(rows),
        )
    is_too_old = any(reason.startswith("too old") for reason in refusals)
    if request.prefix and request.prefix < MINIMUM[: len(request.prefix)]:
        is_too_old = True
    if is_too_old and against is None:
        return ModuleEnvironmentError(
            PYTHON_UNSUPPORTED,
            f"{request.title}{said} cannot be used: Synapse needs Python {MINIMUM_TEXT} or newer.",
            hint=what_to_do(
                wish, f"Install Python {MINIMUM_TEXT} or newer (for example {how_to_install()})"
            ),
            lines=table(rows),
        )
    title = request.title
    if request.kind == "any" and allowed is not None:
        title = f"Python {allowed} (requires-python)"
    return ModuleEnvironmentError(
        PYTHON_NOT_FOUND,
        f"{title}{said} was not found on this machine.",
        hint=what_to_do(
            wish, f"Install it (for example {how_to_install(version_to_install(wish))})"
        ),
        lines=table(rows),
    )
