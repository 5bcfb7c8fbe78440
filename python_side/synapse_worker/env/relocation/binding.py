"""Gives an environment that was carried here the interpreter of this machine.

The link to the interpreter and `pyvenv.cfg` are made again where they stand; where nothing can be
written, beside links to all the rest in the cache. The marker is written last, so a start that is
killed in between is only made again. Nothing is installed, and no network is asked.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..discovery.interpreters import find_interpreter
from ..errors import BUILD_FAILED, PYTHON_UNSUPPORTED, ModuleEnvironmentError
from ..homes import cached_home, is_writable, make_home
from ..layout import VENV_NAME, VenvLayout
from ..marker import InterpreterIdentity, Launch, Marker, write_marker
from .platform import Platform, probe_platform

if TYPE_CHECKING:
    from ..status import Expectation, Status

AGAIN = "It is never rebuilt where it runs: make it again with `synapse bundle`, or copy it again."


def bind(expected: Expectation, status: Status) -> Marker:
    """Return the marker, with absolute paths, of a carried environment that can be started here.

    Called by the holder of the module's lock, with the status of the relocatable environment.

    Raises:
        ModuleEnvironmentError: it is damaged or changed (`BUILD_FAILED`), no interpreter here takes
            its packages (`PYTHON_UNSUPPORTED`, `PYTHON_NOT_FOUND`), or neither it nor the cache can be
            written (`ENVIRONMENT_UNWRITABLE`).
    """
    marker = status.marker
    assert marker is not None
    others = [found for found in status.findings if found.aspect not in {"interpreter", "python"}]
    if others or marker.platform is None or marker.interpreter is None or marker.launch is None:
        reasons = [found.message for found in others] or ["Its marker is incomplete."]
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'The bundle "{expected.directory}" cannot be used: {" ".join(reasons)}',
            hint=AGAIN,
        )
    base = _find_base(expected, marker, marker.platform)
    located = marker.located(expected.directory)
    identity = located.interpreter
    assert identity is not None
    if not _leads_there(identity.path, base) or identity.base != str(base):
        return _settle(expected.directory, marker, base)
    return located


def _find_base(expected: Expectation, marker: Marker, needed: Platform) -> Path:
    """Return an interpreter that takes the packages: the one asked for, the old one, any."""
    assert marker.interpreter is not None
    request = expected.python_request
    if request is not None and request != marker.python_request:
        base = find_interpreter(request).path
    elif os.path.exists(marker.interpreter.base):
        base = Path(marker.interpreter.base)
    else:
        base = find_interpreter(needed.version).path
    offered = probe_platform(base)
    if not offered.takes(needed):
        raise ModuleEnvironmentError(
            PYTHON_UNSUPPORTED,
            f'The bundle "{expected.directory}" holds packages for {needed} or newer; "{base}" is {offered}.',
            hint="Start it with the Python it was made for (`python` option or $SYNAPSE_PYTHON), or make it again "
            "with `synapse bundle` on a machine like this one.",
        )
    return base


def _leads_there(link: str, base: Path) -> bool:
    try:
        return os.readlink(link) == str(base)
    except OSError:
        return False


def _settle(directory: Path, marker: Marker, base: Path) -> Marker:
    """Make the links to the interpreter, beside the packages or else in the cache."""
    venv = VenvLayout.of(directory)
    if is_writable(directory):
        try:
            link_interpreter(venv, base, marker)
            bound = _bound(marker, base, marker.launch)
            write_marker(venv.marker, bound)
        except (OSError, ModuleEnvironmentError):
            pass  # somebody else's folder, whatever its mode says: the cache is left
        else:
            return bound.located(directory)
    home = cached_home(directory)
    make_home(home)
    return _settle_in_cache(directory, marker, base, VenvLayout.of(home))


def _settle_in_cache(directory: Path, marker: Marker, base: Path, venv: VenvLayout) -> Marker:
    """Make an environment in the cache that is a link to all of the carried one but its interpreter."""
    assert marker.launch is not None
    carried = directory / VENV_NAME
    venv.python.parent.mkdir(parents=True, exist_ok=True)
    # Workers may be running from an earlier settlement: what is there is replaced, nothing removed.
    for entry in sorted(carried.iterdir()):
        if entry.name not in {"bin", "pyvenv.cfg", venv.marker.name}:
            _replace_link(venv.root / entry.name, entry)
    for script in sorted((carried / "bin").glob("*")):
        # Scripts look for the interpreter in the folder that they stand in.
        if script.name != venv.python.name and script.is_file():
            shutil.copy(script, venv.python.with_name(f"{script.name}.new"))
            venv.python.with_name(f"{script.name}.new").replace(venv.python.with_name(script.name))
    link_interpreter(venv, base, marker)
    bound = replace(
        _bound(marker, base, None),
        directory=str(directory),
        relocatable=False,
        launch=Launch(
            python=str(venv.python),
            script=str(venv.root.parent / marker.launch.script),
        ),
    )
    assert bound.interpreter is not None
    bound = replace(bound, interpreter=replace(bound.interpreter, path=str(venv.python)))
    write_marker(venv.marker, bound)
    return bound


def _bound(marker: Marker, base: Path, launch: Launch | None) -> Marker:
    assert marker.interpreter is not None
    now = base.stat()
    identity = InterpreterIdentity(
        path=marker.interpreter.path,
        version=marker.interpreter.version,
        base=str(base),
        base_size=now.st_size,
        base_mtime_ns=now.st_mtime_ns,
        loader=marker.interpreter.loader,
    )
    return replace(marker, interpreter=identity, launch=launch)


def link_interpreter(venv: VenvLayout, base: Path, marker: Marker) -> None:
    """Make an environment's interpreter a link to `base`; the link is written last."""
    assert marker.interpreter is not None
    write_configuration(venv.root, base, marker.interpreter.version)
    venv.python.parent.mkdir(exist_ok=True)
    _replace_link(venv.python, base)


def _replace_link(link: Path, target: Path) -> None:
    fresh = link.with_name(f"{link.name}.new")  # only the holder of the lock comes here
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def write_configuration(root: Path, base: Path, version: str) -> None:
    """Write the file that makes a folder an environment of a base interpreter."""
    text = f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {version}\n"
    fresh = root / "pyvenv.cfg.new"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(root / "pyvenv.cfg")
