"""The one sentence for what only uv can do."""

from __future__ import annotations

from ..errors import BUILD_FAILED, ModuleEnvironmentError


def needs_uv(what: str) -> ModuleEnvironmentError:
    """Return the error for something that uv alone can do, where it is not what builds."""
    return ModuleEnvironmentError(
        BUILD_FAILED,
        f"{what} needs uv (0.4 or newer), and it was not found or not chosen.",
        hint="Install uv (https://docs.astral.sh/uv/) or name it in $SYNAPSE_UV, and do not choose the "
        "backend virtualenv for this.",
    )
