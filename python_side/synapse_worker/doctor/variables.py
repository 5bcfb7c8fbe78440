"""Environment variables and settings of pip that redirect what we start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..env.backends.pip_settings import pip_settings
from ..env.tools.tool_settings import REDIRECTS
from .finding import error, info, ok, warning

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest

# They reach workers: what each does there.
_REACH_WORKERS = {
    "PYTHONPATH": "its folders come before the packages of every module",
    "PYTHONSTARTUP": "it is read by interactive Pythons only, and has no use here",
    "PYTHONOPTIMIZE": "it removes `assert` from modules",
    "PYTHONINSPECT": "it keeps workers from ending",
    "PYTHONDEBUG": "it prints what the parser does",
    "PYTHONVERBOSE": "it prints every import",
    "PYTHONMALLOC": "it changes how Python allocates memory",
    "PYTHONPLATLIBDIR": "it changes where the standard library is looked for",
    "LD_PRELOAD": "it puts a library into every process",
    "DYLD_INSERT_LIBRARIES": "it puts a library into every process",
    "LD_LIBRARY_PATH": "it changes which system libraries compiled packages get",
}
# They send an installation elsewhere: builds leave them out, or (PIP_USER) say otherwise.
_LEFT_OUT = ("PIP_USER", *(name for name in REDIRECTS if name.startswith(("PIP_", "UV_"))))
# What pip.conf can say that pip refuses to go together with an environment of its own.
_REDIRECTING_SETTINGS = ("target", "prefix", "root")


def examine_variables(request: DoctorRequest) -> Findings:
    """Name the variables that change what Python, pip, uv or Synapse itself do."""
    environ = request.environ
    found = list(_python(request)) + list(_own(request))
    yield from found
    left_out = [name for name in _LEFT_OUT if environ.get(name)]
    if left_out:
        yield info(
            "variables.installers",
            f"Set, and left out when Synapse builds an environment: {', '.join(left_out)}.",
            f"unset {' '.join(left_out)}",
            names=left_out,
        )
    settings = pip_settings({k: v for k, v in environ.items() if not k.startswith("PIP_")})
    redirecting = [name for name in _REDIRECTING_SETTINGS if settings.get(name)]
    if redirecting:
        yield warning(
            "variables.pip-conf",
            f"pip's configuration sets {', '.join(redirecting)}, which sends packages elsewhere than into "
            "the environment that is built.",
            " && ".join(f"pip config unset global.{name}" for name in redirecting),
            names=redirecting,
        )
    if not found and not left_out and not redirecting:
        yield ok("variables", "No environment variable redirects Python, pip or uv.")


def _python(request: DoctorRequest) -> Findings:
    home = request.environ.get("PYTHONHOME")
    if home:
        yield error(
            "variables.pythonhome",
            f'PYTHONHOME is set ("{home}"): every Python but that one breaks, workers too.',
            "unset PYTHONHOME",
            value=home,
        )
    for name, effect in _REACH_WORKERS.items():
        value = request.environ.get(name)
        if value:
            yield warning(
                f"variables.{name.lower()}",
                f"{name} is set: {effect}.",
                f"unset {name}",
                value=value,
            )
    if "error" in request.environ.get("PYTHONWARNINGS", ""):
        yield warning(
            "variables.pythonwarnings",
            "PYTHONWARNINGS makes errors of warnings: a package that warns on import cannot be imported.",
            "unset PYTHONWARNINGS",
        )


def _own(request: DoctorRequest) -> Findings:
    """Check the variables of Synapse that name something."""
    for name, kind in (("SYNAPSE_RUNTIME_DIR", "folder"), ("SYNAPSE_UV", "file")):
        value = request.environ.get(name)
        if not value:
            continue
        path = Path(value)
        if not (os.path.isdir(path) if kind == "folder" else os.access(path, os.X_OK)):
            what = "a folder" if kind == "folder" else "a program"
            yield error(
                f"variables.{name.lower()}",
                f'{name} is set to "{value}", which is not {what}.',
                f"unset {name}",
                value=value,
            )
    if python := request.environ.get("SYNAPSE_PYTHON"):
        yield info(
            "variables.synapse_python",
            f'SYNAPSE_PYTHON is set to "{python}": modules that ask for no Python are built with that one.',
            "unset SYNAPSE_PYTHON",
            value=python,
        )
    cache = request.environ.get("SYNAPSE_CACHE_DIR")
    if cache and not Path(cache).is_absolute():
        yield warning(
            "variables.synapse_cache_dir",
            f'SYNAPSE_CACHE_DIR is set to "{cache}", which is another folder wherever a process starts.',
            f'export SYNAPSE_CACHE_DIR="{Path(cache).resolve()}"',
            value=cache,
        )
