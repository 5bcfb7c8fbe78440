"""Links a carried environment to an interpreter: where it stands, or else in the cache.

Each file appears by a rename and the marker comes last, so a start that is killed in between is made
again; workers that run from an earlier settlement lose nothing.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ENVIRONMENT_UNWRITABLE, ModuleEnvironmentError, unwritable
from ..homes import cached_home, is_writable, make_home
from ..layout import VENV_NAME, VenvLayout
from ..marker import InterpreterIdentity, Launch, Marker, write_marker

if TYPE_CHECKING:
    from pathlib import Path


def settle(directory: Path, marker: Marker, base: Path) -> Marker:
    """Make `base` the interpreter of the module's environment; return the marker, its paths absolute.

    Raises:
        ModuleEnvironmentError: neither the module nor the cache can be written.
    """
    venv = VenvLayout.of(directory)
    bound = replace(marker, interpreter=_identity(marker, base))
    if is_writable(directory):
        try:
            link_interpreter(venv, base, bound)
            write_marker(venv.marker, bound)
        except (OSError, ModuleEnvironmentError):
            pass  # whatever the kernel said before: the cache is left
        else:
            return bound.located(directory)
    try:
        home = cached_home(directory)
        make_home(home)
        return _settle_in_cache(directory, bound, base, VenvLayout.of(home))
    except OSError as problem:
        raise _nowhere(directory, base, unwritable(directory, problem)) from problem
    except ModuleEnvironmentError as problem:
        raise _nowhere(directory, base, problem) from problem


def link_interpreter(venv: VenvLayout, base: Path, marker: Marker) -> None:
    """Make an environment's interpreter a link to `base`."""
    assert marker.interpreter is not None
    configuration = venv.configuration.with_name(f"{venv.configuration.name}.new")
    configuration.write_text(
        f"home = {base.parent}\n"
        "include-system-site-packages = false\n"
        f"version = {marker.interpreter.version}\n",
        encoding="utf-8",
    )
    configuration.replace(venv.configuration)
    venv.python.parent.mkdir(exist_ok=True)
    _replace_link(venv.python, base)


def _settle_in_cache(directory: Path, bound: Marker, base: Path, venv: VenvLayout) -> Marker:
    """Make an environment in the cache of links to all of the carried one but its interpreter."""
    assert bound.launch is not None
    assert bound.interpreter is not None
    carried = directory / VENV_NAME
    venv.python.parent.mkdir(parents=True, exist_ok=True)
    for entry in sorted(carried.iterdir()):
        if entry.name not in {"bin", venv.configuration.name, venv.marker.name}:
            _replace_link(venv.root / entry.name, entry)
    for script in sorted((carried / "bin").glob("*")):
        # Scripts look for the interpreter in the folder that they stand in.
        if script.name != venv.python.name and script.is_file():
            fresh = venv.python.with_name(f"{script.name}.new")
            shutil.copy(script, fresh)
            fresh.replace(venv.python.with_name(script.name))
    link_interpreter(venv, base, bound)
    settled = replace(
        bound,
        directory=str(directory),
        relocatable=False,
        platform=None,
        interpreter=replace(bound.interpreter, path=str(venv.python), loader=None),
        launch=Launch(python=str(venv.python), script=str(venv.root.parent / bound.launch.script)),
    )
    write_marker(venv.marker, settled)
    return settled


def _identity(marker: Marker, base: Path) -> InterpreterIdentity:
    assert marker.interpreter is not None
    now = base.stat()
    return replace(
        marker.interpreter,
        base=str(base),
        base_size=now.st_size,
        base_mtime_ns=now.st_mtime_ns,
    )


def _replace_link(link: Path, target: Path) -> None:
    fresh = link.with_name(f"{link.name}.new")  # only the holder of the lock comes here
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _nowhere(
    directory: Path, base: Path, problem: ModuleEnvironmentError
) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        ENVIRONMENT_UNWRITABLE,
        f'The bundle "{directory}" must be linked to this machine\'s Python, "{base}", and cannot be '
        f"written; nor can the cache. {problem.message}",
        hint="Set SYNAPSE_CACHE_DIR to a folder that can be written, or run `synapse env sync` on the bundle "
        "once while it still can be, such as in the last stage of a Dockerfile.",
        cause=problem,
    )
