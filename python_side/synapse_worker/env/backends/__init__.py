"""Two ways to build an environment behind one interface; one contract suite tests both."""

from .choice import choose_backend
from .fetching import Fetching, explained
from .interface import Backend, Installation, Resolution, Toolbox
from .secret_options import part_secrets
from .uv_lock import export_lock
from .uv_needed import FOREIGN_LOCK, needs_uv

__all__ = [
    "FOREIGN_LOCK",
    "Backend",
    "Fetching",
    "Installation",
    "Resolution",
    "Toolbox",
    "choose_backend",
    "explained",
    "export_lock",
    "needs_uv",
    "part_secrets",
]
