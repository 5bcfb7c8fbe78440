"""Says whether an environment is ready, and if not, why. No subprocess, no lock, no network.

The TypeScript wing applies the same rules to the same marker (`js/src/node/env`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .discovery.request import parse_request
from .errors import ModuleEnvironmentError
from .homes import cached_home, is_writable
from .marker import Marker, read_marker
from .sources.inputs import input_is_unchanged

if TYPE_CHECKING:
    from .expectation import Expectation
    from .layout import VenvLayout
    from .marker import InterpreterIdentity

Aspect = Literal[
    "missing",
    "unfinished",
    "moved",
    "sharing",
    "interpreter",
    "python",
    "inputs",
    "runtime",
    "codec",
    "rebuild",
    "lock",
]
# What an environment of ours cannot be mended from; the rest is brought up to date in place.
REBUILD: frozenset[Aspect] = frozenset(
    {"missing", "unfinished", "moved", "sharing", "interpreter", "python", "rebuild"}
)


@dataclass(frozen=True)
class Finding:
    """One reason why an environment is not ready."""

    aspect: Aspect
    message: str


@dataclass(frozen=True)
class Status:
    """The state of one module's environment."""

    marker: Marker | None
    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Say whether workers can be started from it as it is."""
        return not self.findings

    def asked_to_rebuild(self) -> Status:
        """Return this status as it is for somebody who wants the environment made anew."""
        wish = Finding("rebuild", "It is to be made anew.")
        return Status(self.marker, (*self.findings, wish))

    def with_finding(self, finding: Finding) -> Status:
        """Return this status with one more reason."""
        return replace(self, findings=(*self.findings, finding))

    @property
    def aspects(self) -> frozenset[Aspect]:
        """What is wrong, without the sentences."""
        return frozenset(finding.aspect for finding in self.findings)


def find_environment(expected: Expectation) -> tuple[Expectation, Status]:
    """Return where the module's environment stands, or would be made, and in what state it is.

    That is beside the module, unless nothing can be changed there: then it is the module's home in
    the cache. A carried environment that is not ready may have been bound to this machine there.
    """
    status = environment_status(expected)
    is_carried = status.marker is not None and status.marker.relocatable
    if status.is_ready or (not is_carried and is_writable(expected.directory)):
        return expected, status
    try:
        cached = replace(expected, home=cached_home(expected.directory))
    except ModuleEnvironmentError:  # no home, no cache: a carried environment may do without
        if is_carried:
            return expected, status
        raise
    status_there = environment_status(cached)
    if is_carried and not status_there.is_ready:
        return expected, status
    return cached, status_there


def environment_status(expected: Expectation) -> Status:
    """Compare a module's environment with what is needed."""
    venv = expected.venv
    if not os.path.exists(venv.root):
        is_link = os.path.islink(venv.root)
        absent = (
            "Its .venv is a link that leads nowhere." if is_link else "There is no environment yet."
        )
        return Status(None, (Finding("missing", absent),))
    marker = read_marker(venv.marker)
    if marker is None:
        return Status(None, (Finding("unfinished", "The environment was not made by Synapse."),))
    if marker.state != "ready":
        return Status(marker, (Finding("unfinished", "The last build did not finish."),))
    marker = marker.located(expected.directory)
    return Status(marker, tuple(_compare(marker, venv, expected)))


def _compare(marker: Marker, venv: VenvLayout, expected: Expectation) -> list[Finding]:
    found: list[Finding] = []
    is_moved = marker.directory != str(expected.directory) and not marker.relocatable
    if is_moved:
        found.append(Finding("moved", f'It was built in "{marker.directory}".'))
    is_settled = marker.relocatable or not marker.owned
    if (marker.shared is not None) != expected.share and not is_settled:
        found.append(
            Finding(
                "sharing",
                "It is the module's own, now a shared one is asked for."
                if expected.share
                else "It is shared with other modules, now one of its own is asked for.",
            )
        )
    if marker.interpreter is None or not os.path.exists(_interpreter(marker, venv)):
        found.append(Finding("interpreter", "Its interpreter has gone."))
    elif marker.relocatable:
        if not _is_bound(marker.interpreter) or not is_configured(venv, marker.interpreter):
            found.append(Finding("interpreter", "It has not been bound to this machine's Python."))
    elif not _base_is_unchanged(marker.interpreter):
        found.append(
            Finding("interpreter", f'Its base interpreter "{marker.interpreter.base}" has changed.')
        )
    if not is_for_request(marker, expected.python_request):
        found.append(
            Finding(
                "python",
                f"It was built for python {marker.python_request or 'of any version'}, "
                f"now {expected.python_request or 'any version'} is asked for.",
            )
        )
    found += [
        Finding("inputs", f'"{entry.path}" has changed.')
        for entry in marker.inputs
        if not input_is_unchanged(expected.directory, entry)
    ]
    # A moved environment is launched by paths that have gone; that says nothing about its build.
    if marker.runtime != expected.runtime or not (is_moved or _launches(marker)):
        found.append(Finding("runtime", "It holds another build of Synapse."))
    if marker.codec is None and expected.dialect != "raw":
        found.append(Finding("codec", "It holds no MessagePack library for native calls."))
    return found


def is_for_request(marker: Marker, request: str | None) -> bool:
    """Say whether an environment is the one for a request: built for it, or carried here and of its version."""
    if marker.python_request == request:
        return True
    if not marker.relocatable or marker.interpreter is None:
        return False
    wanted = parse_request(request)
    numbers = tuple(int(part) for part in marker.interpreter.version.split("."))
    return wanted.kind in {"any", "version"} and wanted.admits(numbers)


def is_configured(venv: VenvLayout, identity: InterpreterIdentity) -> bool:
    """Say whether a carried environment's `pyvenv.cfg` leads to its base: without it no package is found."""
    try:
        text = venv.configuration.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return text.startswith(f"home = {os.path.dirname(identity.base)}\n")


def _interpreter(marker: Marker, venv: VenvLayout) -> Path:
    """Return where the interpreter must be; of a moved environment that is where it stands now."""
    if marker.interpreter is not None and (marker.shared is not None or marker.relocatable):
        return Path(marker.interpreter.path)
    return venv.python


def _is_bound(identity: InterpreterIdentity) -> bool:
    """Say whether a carried environment's link leads to its base, on the platform it is for."""
    try:
        leads_to = os.readlink(identity.path)
    except OSError:
        return False
    needed = [identity.base] if identity.loader is None else [identity.base, identity.loader]
    return leads_to == identity.base and all(map(os.path.exists, needed))


def _base_is_unchanged(identity: InterpreterIdentity) -> bool:
    try:
        base = os.stat(identity.base)
    except OSError:
        return False
    return (base.st_size, base.st_mtime_ns) == (identity.base_size, identity.base_mtime_ns)


def _launches(marker: Marker) -> bool:
    return marker.launch is not None and os.path.isfile(marker.launch.script)
