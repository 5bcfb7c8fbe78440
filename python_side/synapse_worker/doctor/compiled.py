"""Is what serves a call compiled, and if not, why? Without a library all works, slower: it is no fault.

What fits depends on an environment's interpreter and on what that can load, so it is asked itself, by
`library_here.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..env.errors import ModuleEnvironmentError
from ..env.sources.project import read_project
from .commands import ask
from .finding import command, info, ok, warning
from .library_here import packed_for_this_python
from .readiness import dialect_of, module_status

if TYPE_CHECKING:
    from ..env.marker import Marker
    from .finding import Finding, Findings
    from .request import DoctorRequest

_OWN = Path(__file__).resolve().parent.parent
_OPTIMIZE = "PYTHONOPTIMIZE"
_INTERPRETED = "is interpreted, which is slower and no fault"
# The reasons of `library_here.py`, in words.
_WHY = {
    "missing": "there is no library {library}, {instead}",
    "edited": "our sources were edited after {library} was made of them{sources}",
    "damaged": "the library {library} is not as it was packed",
    "unlisted": "the start image was made without the library {library}, or of files of another time",
    "unloadable": "the library {library} cannot be loaded ({error})",
    "optimized": f"{_OPTIMIZE} is set, and the library is of code with assertions",
}
# Those that a new environment does not have.
_MENDED = {"edited", "damaged", "unlisted"}


def examine_packed(_request: DoctorRequest) -> Findings:
    """Tell what the package that runs now has for the Python that runs it."""
    details: dict[str, Any] = packed_for_this_python(str(_OWN))
    if details["reason"] is None:
        this = f"the Python that runs this ({details['library']})"
        yield ok("compiled", f"What serves calls is compiled for {this}.", **details)
    else:
        text = f"With the Python that runs this, what serves calls {_INTERPRETED}: {_why(details)}."
        yield info("compiled", text, **details)


def examine_compiled(directory: Path, request: DoctorRequest) -> Findings:
    """Ask the environment of a module, if it is ready, what its workers run for a call."""
    try:
        is_raw = dialect_of(directory / read_project(directory).entrypoint) == "raw"
        status = module_status(directory)
    except ModuleEnvironmentError:
        return  # other checks of the module say it
    marker = status.marker
    # A raw script reads its calls itself.
    if is_raw or not status.is_ready or marker is None or marker.launch is None:
        return
    ahead = _ahead(request)
    package = ahead or Path(marker.launch.script).parent.parent
    script = str(package / "doctor" / "library_here.py")
    # `-I` leaves the variable out, which workers heed.
    optimized = ["-O"] if request.environ.get(_OPTIMIZE, "0") not in {"", "0"} else []
    question = [marker.launch.python, "-I", "-S", "-B", *optimized, script]
    answer = ask(question, environ=request.environ)
    if answer.problem is not None:
        yield warning(
            "module.compiled",
            f'Whether what serves its calls is compiled cannot be told: "{question[0]}" {answer.problem}.',
            command(*question),
        )
        return
    anew = "unset PYTHONPATH" if ahead else _made_anew(directory, marker)
    where = f" (in {package}, which PYTHONPATH puts first)" if ahead else ""
    yield _told({**json.loads(answer.text), "path": str(package)}, anew, where)


def _told(details: dict[str, Any], anew: str | None, where: str) -> Finding:
    reason, library = details["reason"], details["library"]
    if reason is None:
        text = f"What serves its calls is compiled ({library}){where}."
        return ok("module.compiled", text, **details)
    if details["compiled"]:  # a start looks at sizes and times alone
        fix = anew or command("rm", os.path.join(details["path"], "compiled", library))
        text = (
            f"What serves its calls is compiled, and not to be relied on: {_why(details)}{where}."
        )
        return warning("module.compiled", text, fix, **details)
    ends = {"optimized": f"unset {_OPTIMIZE}", **dict.fromkeys(_MENDED, anew)}
    text = f"What serves its calls {_INTERPRETED}: {_why(details)}{where}."
    return info("module.compiled", text, ends.get(reason), **details)


def _ahead(request: DoctorRequest) -> Path | None:
    """Return the package of ours that PYTHONPATH puts before those of environments."""
    folders = request.environ.get("PYTHONPATH", "").split(os.pathsep)
    packages = (Path(folder, _OWN.name) for folder in folders if os.path.isabs(folder))
    return next((found for found in packages if os.path.isfile(found / "__init__.py")), None)


def _why(details: dict[str, Any]) -> str:
    """Return the reason as a clause."""
    others, sources = details["libraries"], details.get("sources")
    return _WHY[details["reason"]].format(
        library=details["library"],
        instead=f"only {', '.join(others)}" if others else "nor one for another Python",
        sources=f" ({', '.join(sources)})" if sources else "",
        error=details.get("error"),
    )


def _made_anew(directory: Path, marker: Marker) -> str | None:
    """Return what makes an environment as it was, or tells what is not; no command does for one of the user's own."""
    if marker.relocatable:
        return command("synapse", "bundle", "--verify", directory)
    return command("synapse", "env", "rebuild", directory) if marker.owned else None
