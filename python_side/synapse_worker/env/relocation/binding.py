"""Gives an environment that was carried here the interpreter of this machine.

The link to the interpreter and `pyvenv.cfg` are made again where they stand; where nothing can be
written, beside links to all the rest in the cache (`settlement.py`). Nothing is installed, no network is
asked, and what does not fit is an error: a carried environment is never rebuilt where it runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..discovery.advice import SYNAPSE_PYTHON
from ..discovery.interpreters import find_interpreter
from ..discovery.platform import probe_platform
from ..discovery.request import parse_request
from ..errors import BUILD_FAILED, PYTHON_UNSUPPORTED, ModuleEnvironmentError
from ..layout import BUNDLE_NAME, VenvLayout
from ..marker import read_marker
from ..status import environment_status, is_for_request
from .settlement import settle

if TYPE_CHECKING:
    from ..discovery.platform import Platform
    from ..events import Reporter
    from ..expectation import Expectation
    from ..marker import InterpreterIdentity, Marker
    from ..status import Status

AGAIN = (
    "It is never rebuilt where it runs: copy it again, with hidden files and links, or make it again "
    "with `synapse bundle`."
)
# What the interpreter of this machine settles; everything else is the bundle's own fault.
_SETTLED = frozenset({"interpreter", "python"})


def is_carried(directory: Path, status: Status) -> bool:
    """Say whether a module came with its environment: a bundle stays one when its `.venv` is lost."""
    if status.marker is not None and status.marker.relocatable:
        return True
    try:
        manifest = json.loads((directory / BUNDLE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and {"format", "synapse", "files"} <= manifest.keys()


def bind(expected: Expectation, reporter: Reporter, lock_timeout_s: float) -> Marker:
    """Return the marker, with absolute paths, of a carried environment that can be started here.

    Raises:
        ModuleEnvironmentError: it is damaged or was changed (`BUILD_FAILED`), no interpreter here takes
            its packages (`PYTHON_UNSUPPORTED`, `PYTHON_NOT_FOUND`), or neither it nor the cache can be
            written (`ENVIRONMENT_UNWRITABLE`).
    """
    directory = expected.directory
    with locked(
        directory,
        timeout_s=lock_timeout_s,
        on_wait=lambda who: reporter.phase("lock", f"Waiting for {who}, which settles it"),
    ):
        marker = _checked(expected)
        reporter.phase("python", "Looking for the Python of the bundle")
        assert marker.platform is not None
        assert marker.interpreter is not None
        base = _find_base(expected, marker, marker.interpreter, marker.platform)
        is_linked = "interpreter" not in environment_status(expected).aspects
        is_there = is_linked and str(base) == marker.interpreter.base
        if is_there and is_for_request(marker, expected.python_request):
            return marker.located(directory)
        try:
            # Kept with it, the request that was met is not looked for again.
            return settle(directory, replace(marker, python_request=expected.python_request), base)
        except ModuleEnvironmentError:
            if not is_there:
                raise
            return marker.located(directory)  # nothing can be written: it runs all the same


def _checked(expected: Expectation) -> Marker:
    """Return the marker as it stands there if nothing but the interpreter is to be settled."""
    marker = read_marker(VenvLayout.of(expected.directory).marker)
    if marker is None or not marker.relocatable or not _is_complete(marker):
        reasons = ["Its .venv is missing or damaged."]
    else:
        reasons = _own_faults(marker, expected)
    if reasons or marker is None:
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'The bundle "{expected.directory}" cannot be used: {" ".join(reasons)}',
            hint=f"{AGAIN} `synapse bundle --verify` says all that is wrong with it.",
        )
    return marker


def _own_faults(marker: Marker, expected: Expectation) -> list[str]:
    """Say what is wrong with it that no interpreter can mend."""
    reasons = [
        finding.message
        for finding in environment_status(expected).findings
        if finding.aspect not in {*_SETTLED, "runtime"}
    ]
    held, wanted = marker.runtime, expected.runtime
    assert marker.launch is not None
    if held is None or held != wanted:
        release = "no release" if held is None else f"{held.version} ({held.sha256[:8]})"
        reasons.append(
            f"It holds Synapse {release}, and this is {wanted.version} ({wanted.sha256[:8]})."
        )
    elif not os.path.isfile(expected.directory / marker.launch.script):
        reasons.append(f'"{marker.launch.script}" is missing.')
    return reasons


def _is_complete(marker: Marker) -> bool:
    return None not in (marker.platform, marker.interpreter, marker.launch)


def _find_base(
    expected: Expectation, marker: Marker, identity: InterpreterIdentity, needed: Platform
) -> Path:
    """Return an interpreter that takes the packages: the one asked for, the old one, any."""
    request = expected.python_request
    if request == marker.python_request or _is_met(request, identity.version):
        request = os.environ.get(SYNAPSE_PYTHON)
    if request:
        base = find_interpreter(request).path
    elif os.path.exists(identity.base):
        base = Path(identity.base)
    else:
        base = find_interpreter(needed.version).path
    _check_platform(expected.directory, base, needed)
    return base


def _is_met(text: str | None, version: str) -> bool:
    """Say whether a request speaks of versions only, and the environment's is one of them."""
    request = parse_request(text)
    numbers = tuple(int(part) for part in version.split("."))
    return request.kind in {"any", "version", "range"} and request.admits(numbers)


def _check_platform(directory: Path, base: Path, needed: Platform) -> None:
    offered = probe_platform(base)
    if not offered.takes(needed):
        raise ModuleEnvironmentError(
            PYTHON_UNSUPPORTED,
            f'The bundle "{directory}" holds packages for {needed}; "{base}" is {offered}.',
            hint="Start it with a Python like the one it was made for ($SYNAPSE_PYTHON names one), or make it "
            "again with `synapse bundle` on a machine like this.",
        )
