"""The list of checks: what is examined, in the order in which it is told."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from .caches import examine_caches, examine_staging
from .clients import examine_clients
from .compiled import examine_compiled, examine_packed
from .finding import DEADLINE_S, Check
from .limits import examine_limits
from .local_sources import examine_local_sources
from .module import ModuleCheck
from .network import examine_network
from .node import examine_node
from .processes import examine_processes
from .python import examine_python
from .storage import examine_module_folder, examine_storage
from .tools import examine_tools
from .traps import examine_traps
from .variables import examine_variables
from .wings import examine_wings

if TYPE_CHECKING:
    from pathlib import Path

    from .request import DoctorRequest

MACHINE = "Machine"
SYNAPSE = "Synapse"
_MACHINE = {
    "node": examine_node,
    "python": examine_python,
    "tools": examine_tools,
    "storage": examine_storage,
    "variables": examine_variables,
    "limits": examine_limits,
    "network": examine_network,
}
_SYNAPSE = {
    "wings": examine_wings,
    "compiled": examine_packed,
    "processes": examine_processes,
    "caches": examine_caches,
}
# Starting a module takes what its imports take.
_START_DEADLINE_S = 12.0


def checks_for(request: DoctorRequest) -> list[Check]:
    """Return the checks of an examination."""
    checks = [Check(name, MACHINE, partial(examine, request)) for name, examine in _MACHINE.items()]
    checks += [
        Check(name, SYNAPSE, partial(examine, request)) for name, examine in _SYNAPSE.items()
    ]
    for directory in request.directories:
        checks += _module_checks(directory, request)
    return checks


def _module_checks(directory: Path, request: DoctorRequest) -> list[Check]:
    module, group = ModuleCheck(directory, request), f"Module {directory}"
    checks = [Check("module", group, module.sources)]
    if not os.path.isdir(directory):
        return checks
    clients = partial(examine_clients, directory, start=request.start)
    deadline_s = _START_DEADLINE_S if request.start else DEADLINE_S
    return [
        *checks,
        Check("interpreter", group, module.interpreter),
        Check("environment", group, module.environment),
        Check("compiled", group, partial(examine_compiled, directory, request)),
        Check("leftovers", group, partial(examine_staging, directory)),
        Check("local-sources", group, partial(examine_local_sources, directory)),
        Check("folder", group, partial(examine_module_folder, directory)),
        Check("traps", group, partial(examine_traps, directory)),
        Check("clients", group, clients, deadline_s),
    ]
