"""Decides which MessagePack library an environment's workers use, and installs ours where needed.

The environment's own msgspec if workers can use it; else ours in a private folder that only the
launcher adds to `sys.path`, so that it can neither satisfy nor disturb the module's requirements;
else the environment's own msgpack.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..marker import Codec

if TYPE_CHECKING:
    from ..backends import Backend, Toolbox
    from ..expectation import Dialect
    from ..layout import VenvLayout
    from .examination import Findings

# The first version with every feature that `protocol/codec` uses, and the requirement that says so.
_OLDEST_MSGSPEC = (0, 19)
CODEC_REQUIREMENT = "msgspec>=0.19,<1"


def installed_codec(findings: Findings) -> Codec | None:
    """Return the codec that workers will find, best first.

    Raises:
        ModuleEnvironmentError: the module pins a msgspec that is too old (`REQUIREMENTS_INVALID`).
    """
    if findings.msgspec is not None:
        numbers = tuple(int(part) for part in findings.msgspec.split(".")[:2] if part.isdigit())
        if numbers < _OLDEST_MSGSPEC:
            raise ModuleEnvironmentError(
                REQUIREMENTS_INVALID,
                f"The module's msgspec {findings.msgspec} is older than Synapse can use.",
                hint=f"Require {CODEC_REQUIREMENT}, or leave msgspec out of the requirements: workers "
                "then use their own, out of the module's sight.",
            )
        return Codec("msgspec", findings.msgspec, private=False)
    if findings.private_msgspec is not None:
        return Codec("msgspec", findings.private_msgspec, private=True)
    if findings.msgpack is not None:
        return Codec("msgpack", findings.msgpack, private=False)
    return None


def needs_private_codec(findings: Findings, dialect: Dialect) -> bool:
    """Say whether ours should be installed: a raw module never needs one."""
    return dialect != "raw" and findings.msgspec is None and findings.private_msgspec is None


def install_private_codec(backend: Backend, toolbox: Toolbox, venv: VenvLayout) -> None:
    """Install msgspec on the private path.

    Raises:
        ToolError: it could not be installed.
    """
    shutil.rmtree(venv.codec, ignore_errors=True)
    lock = toolbox.runtime.codec
    if lock is None:
        arguments = [CODEC_REQUIREMENT]
    else:
        arguments = ["--require-hashes", "--requirement", str(lock.verified())]
    backend.install_into(venv.python, venv.codec, arguments, lambda _line: None)
