"""Whether the process that started this one for its own ends is still there.

The npm package's `synapse` is Node, which starts this and waits. Killed outright it can pass nothing
on, and what runs until Ctrl-C would run for ever.
"""

from __future__ import annotations

import os

# Set by Node (js/src/node/env/command-line.ts) to its own process id; not meant for our children.
_PARENT = os.environ.pop("SYNAPSE_PARENT_PID", None)


def parent_has_gone() -> bool:
    """Say whether Node started this command line and has gone since; without Node it never has."""
    return _PARENT is not None and str(os.getppid()) != _PARENT
