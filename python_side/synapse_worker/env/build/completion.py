"""Puts what is ours into an environment, the runtime and the codec, and examines the result.

In a new environment where the cache has the runtime for this interpreter, all is examined once, at the end:
where packages lie is known then, and whether the module brings a codec of its own is seen by its name. What
does not hold in the examination is done again as for the first environment of an interpreter.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..tools.toolrun import ToolError
from ..wheel import DISTRIBUTION, LAUNCHER, remove_installed, unpack_wheel
from .codec import install_private_codec, needs_private_codec
from .examination import examine
from .kept_tree import KeptTree

if TYPE_CHECKING:
    from ..backends import Backend, Toolbox
    from ..discovery.interpreters import Interpreter
    from ..expectation import Expectation
    from ..marker import Marker
    from .examination import Findings


class Completion:
    """The last steps of one build. Used once."""

    def __init__(
        self, expected: Expectation, backend: Backend, toolbox: Toolbox, base: Interpreter
    ) -> None:
        self._expected = expected
        self._backend = backend
        self._toolbox = toolbox
        self._venv = expected.venv
        self._runtime = KeptTree("runtime", expected.runtime.sha256, base)
        lock = toolbox.runtime.codec
        # Without a lock of ours, any version may be the right one tomorrow.
        self._codec = None if lock is None else KeptTree("codec", lock.sha256, base)
        self._has_unpacked_runtime = False
        # It was given to the tools to install, with whatever result.
        self._has_installed_codec = False

    def complete(self, marker: Marker) -> Findings:
        """Put in what is missing and return what the examination found in the end.

        Raises:
            ModuleEnvironmentError: the environment's interpreter does not run (`BUILD_FAILED`).
            ToolError: the codec could not be installed, and nothing can replace it.
            OSError: the environment cannot be written.
        """
        before: Findings | None = None
        purelib = self._supposed_purelib(marker)
        if purelib is None:
            before = examine(self._venv, self._toolbox.runner)
            purelib = Path(before.purelib)
        is_compiled = self._put_in_runtime(marker, purelib)
        if self._needs_codec(before, purelib):
            self._put_in_codec(before)
        self._toolbox.reporter.phase("verify", "Checking the environment")
        findings = self._examine(compile_runtime=not is_compiled)
        if before is None and not os.path.samefile(findings.purelib, purelib):
            # The interpreter was changed, and looks as it did: nothing that is kept for it holds.
            self._runtime.forget()
            remove_installed(purelib)
            return self.complete(marker)
        if needs_private_codec(findings, self._expected.dialect) and not self._has_installed_codec:
            self._put_in_codec(findings, may_copy=False)
            findings = self._examine(compile_runtime=False)
        self._keep(findings)
        return findings

    def _examine(self, *, compile_runtime: bool) -> Findings:
        return examine(self._venv, self._toolbox.runner, compile_runtime=compile_runtime)

    def _supposed_purelib(self, marker: Marker) -> Path | None:
        """Return where packages lie in a new environment, if another of this interpreter has shown it."""
        if not marker.owned or marker.runtime is not None or self._runtime.place is None:
            return None
        purelib = self._venv.root / self._runtime.place
        return purelib if purelib.is_dir() else None

    def _put_in_runtime(self, marker: Marker, purelib: Path) -> bool:
        """Put in our runtime where it is not there yet; say whether it is known to be compiled."""
        runtime = self._expected.runtime
        script = purelib / LAUNCHER
        # Workers may be running from it: what is current is not touched.
        is_current = marker.runtime == runtime and script.is_file()
        if is_current or _is_this_installation(script):
            return False
        self._toolbox.reporter.phase("runtime", f"Installing Synapse {runtime.version}")
        if self._runtime.place is not None:
            remove_installed(purelib)
            if self._runtime.plant(purelib):
                return True
        unpack_wheel(self._toolbox.runtime.wheel(), purelib)
        self._has_unpacked_runtime = True
        return False

    def _needs_codec(self, findings: Findings | None, purelib: Path) -> bool:
        if findings is not None:
            return needs_private_codec(findings, self._expected.dialect)
        return self._expected.dialect != "raw" and not (purelib / "msgspec").exists()

    def _put_in_codec(self, findings: Findings | None, *, may_copy: bool = True) -> None:
        """Copy the codec, or have it installed where it is not kept."""
        self._toolbox.reporter.phase("codec", "Installing the MessagePack codec")
        codec = self._venv.codec
        if may_copy and self._codec is not None and self._codec.place is not None:
            shutil.rmtree(codec, ignore_errors=True)
            codec.mkdir()
            if self._codec.plant(codec):
                return
        self._install_codec(findings)

    def _install_codec(self, findings: Findings | None) -> None:
        """Install the private codec; its absence is fatal only where nothing can replace it."""
        toolbox = self._toolbox
        self._has_installed_codec = True
        try:
            install_private_codec(self._backend, toolbox, self._venv)
        except ToolError as failed:
            shutil.rmtree(self._venv.codec, ignore_errors=True)
            found = findings or self._examine(compile_runtime=False)
            if self._expected.dialect == "native" and found.msgpack is None:
                raise
            toolbox.reporter.log(f"{failed}; using what the environment has")

    def _keep(self, findings: Findings) -> None:
        """Keep for other environments what was installed into this one and has stood the examination."""
        purelib, codec = Path(findings.purelib), self._venv.codec
        if self._has_unpacked_runtime:
            names = [path.name for path in purelib.glob(f"{DISTRIBUTION}-*.dist-info")]
            place = os.path.relpath(purelib, self._venv.root)
            self._runtime.keep(purelib, [DISTRIBUTION, *names], place)
        if self._codec and self._has_installed_codec and findings.private_msgspec is not None:
            place = os.path.relpath(codec, self._venv.root)
            self._codec.keep(codec, os.listdir(codec), place)


def _is_this_installation(script: Path) -> bool:
    """Say whether the code running now is what the environment holds: it must not replace itself."""
    own = Path(__file__).resolve().parent.parent.parent
    return script.parent.parent.resolve() == own
