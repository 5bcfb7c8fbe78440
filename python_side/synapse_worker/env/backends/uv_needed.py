"""The one sentence for what only uv can do."""

from __future__ import annotations

from ..errors import BUILD_FAILED, ModuleEnvironmentError

# What only uv can lock.
FOREIGN_LOCK = "With --platform, a lock for another platform"


def needs_uv(what: str, *, is_chosen: bool = True) -> ModuleEnvironmentError:
    """Return the error for something that uv alone can do, where it is not there, or not chosen."""
    if not is_chosen:
        return ModuleEnvironmentError(
            BUILD_FAILED,
            f"{what} needs uv, and the backend virtualenv was chosen.",
            hint="Do not choose the backend virtualenv for this.",
        )
    return ModuleEnvironmentError(
        BUILD_FAILED,
        f"{what} needs uv (0.4 or newer), and it was not found.",
        hint="Install uv (https://docs.astral.sh/uv/) or name it in $SYNAPSE_UV.",
    )
