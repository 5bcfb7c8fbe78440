"""The one error of this floor: an environment cannot be found, read, locked or built.

Every failure says what happened, what to do next (`hint`) and, where an outside tool failed, the
tool's own last lines. No credentials leave by it: what it quotes of a requirement is redacted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import SynapseError

from .redaction import redact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PYTHON_NOT_FOUND = "PYTHON_NOT_FOUND"
PYTHON_UNSUPPORTED = "PYTHON_UNSUPPORTED"
NETWORK_UNAVAILABLE = "NETWORK_UNAVAILABLE"
PACKAGE_NOT_FOUND = "PACKAGE_NOT_FOUND"
REQUIREMENTS_INVALID = "REQUIREMENTS_INVALID"
BUILD_FAILED = "BUILD_FAILED"
ENVIRONMENT_LOCKED = "ENVIRONMENT_LOCKED"
ENVIRONMENT_UNWRITABLE = "ENVIRONMENT_UNWRITABLE"
INVALID_CONFIG = "INVALID_CONFIG"


class ModuleEnvironmentError(SynapseError):
    """A module's environment cannot be had (`EnvironmentError` in the TypeScript wing).

    The name differs because `EnvironmentError` is a builtin of Python, an alias of `OSError`.
    `details` holds `hint` (what to do next), `lines` (the tool's last lines) and `log_path`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str,
        lines: Sequence[str] = (),
        log_path: Path | None = None,
        cause: BaseException | None = None,
    ) -> None:
        self.hint = redact(hint)
        self.lines = tuple(map(redact, lines))
        super().__init__(
            code,
            redact(message),
            details={
                "hint": self.hint,
                "lines": list(self.lines),
                "log_path": None if log_path is None else str(log_path),
            },
            cause=cause,
        )
        self.log_path = log_path


_MAKE_WRITABLE = "Make the folder writable for this user, free some space, or "
BUILD_BEFOREHAND = (
    "build the environment beforehand with `synapse env sync` and ship the folder with it."
)

# Of a lock, or what is to be cleaned: they are nowhere else.
AS_ITS_OWNER = "run this as a user who may write there."


def unwritable(
    path: Path, cause: OSError, instead: str = BUILD_BEFOREHAND
) -> ModuleEnvironmentError:
    """Describe a path that must be written and cannot; `instead` says what else would do."""
    reason = cause.strerror or str(cause)
    return ModuleEnvironmentError(
        ENVIRONMENT_UNWRITABLE,
        f'Cannot write "{path}": {reason}.',
        hint=f"{_MAKE_WRITABLE}{instead}",
        cause=cause,
    )


def folder_gone(path: Path, cause: BaseException | None = None) -> ModuleEnvironmentError:
    """Describe a folder that was there when the build began."""
    return ModuleEnvironmentError(
        INVALID_CONFIG,
        f'The folder "{path}" was moved or deleted while its environment was being built.',
        hint="Leave it where it is until the build has ended, then try again.",
        cause=cause,
    )
