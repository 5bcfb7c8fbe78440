"""Two ways to build an environment behind one interface; one contract suite tests both."""

from .choice import choose_backend
from .interface import Backend, Toolbox

__all__ = ["Backend", "Toolbox", "choose_backend"]
