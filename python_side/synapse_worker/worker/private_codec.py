"""Where the environment builder puts our codec when the module's own requirements have none.

The folder is on no path by itself, so that it neither satisfies nor disturbs those requirements.
"""

from __future__ import annotations

import os
import sys

PRIVATE_CODEC = os.path.join("synapse", "codec")


def find_private_codec() -> None:
    """Let this process import the private codec, if there is one and the environment has no other."""
    try:
        import msgspec  # noqa: F401
    except ImportError:
        private = os.path.join(sys.prefix, PRIVATE_CODEC)
        if os.path.isdir(private):
            sys.path.append(private)
