"""Module environments: find an interpreter, resolve and install requirements, mark the result.

This floor exists in the Python wing alone; the npm package runs it and verifies its marker. It
imports the standard library only, because it must work before anything has been installed, and it
ends in a launch command: it knows nothing of workers.

Its rooms, each of which knows those before it: `sources` (what a module asks for), `discovery` (which
Pythons there are), `tools` (running uv and pip), `marker` and `status` (what an environment is, and
whether it is ready), `backends` (uv, or virtualenv with pip-tools), `build` and `relocation` (what makes
one ready), `locking` (what pins it). The doors are `sync`, `lock`, `export` and `cleaning`.
"""

from .errors import ModuleEnvironmentError
from .events import Event, EventSink
from .export import export_wheelhouse
from .lock import lock_environment, lock_problem
from .locking.resolution import LockOptions
from .locking.wheelhouse import Wheelhouse
from .locking.write import LockResult
from .marker import Marker, read_marker
from .request import EnvironmentRequest
from .sources.project import Project, read_project
from .status import Status
from .sync import status_of, sync_environment
from .tools.toolrun import ToolRunner

__all__ = [
    "EnvironmentRequest",
    "Event",
    "EventSink",
    "LockOptions",
    "LockResult",
    "Marker",
    "ModuleEnvironmentError",
    "Project",
    "Status",
    "ToolRunner",
    "Wheelhouse",
    "export_wheelhouse",
    "lock_environment",
    "lock_problem",
    "read_marker",
    "read_project",
    "status_of",
    "sync_environment",
]
