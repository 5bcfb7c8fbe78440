"""The process environment our tools get.

The user's own settings for packages (`PIP_*`, `UV_*`, pip.conf, uv.toml, proxies, certificates) are
respected: indexes, links, certificates, timeouts. Settings that would send an installation somewhere
else than into the environment being built are taken out.
"""

from __future__ import annotations

import os

# These redirect an installation, choose another interpreter, or change how ours start.
REDIRECTS = (
    "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONSAFEPATH",
    "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_LOG",
    "PIP_REQUIREMENT", "PIP_REPORT", "PIP_DRY_RUN", "PIP_PLATFORM", "PIP_PYTHON_VERSION",
    "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES", "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_VENV_SEED", "UV_VENV_CLEAR",
    "UV_VENV_RELOCATABLE",
)  # fmt: skip

_OURS = {
    # pip.conf may say `user = true` or `require-virtualenv = true`; neither makes sense here.
    "PIP_USER": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_NO_COLOR": "1",
    "PIP_PROGRESS_BAR": "raw",
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "NO_COLOR": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "utf-8",
}

# Fewer retries than the tools' own (about 9 s and 8 s without a network): a clear error sooner.
_DEFAULTS = {"PIP_RETRIES": "2", "UV_HTTP_RETRIES": "2"}


def tool_environment() -> dict[str, str]:
    """Return the environment for pip, pip-tools, virtualenv and uv."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in REDIRECTS and not name.startswith("VIRTUALENV_")
    }
    for name, value in _DEFAULTS.items():
        environment.setdefault(name, value)
    environment.update(_OURS)
    return environment
