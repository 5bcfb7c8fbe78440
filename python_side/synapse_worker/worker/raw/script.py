"""Run a script as `python file.py` would: as `__main__`, with its `sys.argv` and `sys.path`.

The module object stays in `sys.modules` afterwards (`runpy.run_path` drops it), so pickle,
`typing.get_type_hints` and threads that outlive the script find their globals.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader  # as importlib.machinery, without its cost

ModuleType = type(sys)  # as types.ModuleType, likewise

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from types import CodeType

_ahead: dict[str, CodeType] = {}


def compile_ahead(path: str) -> None:
    """Compile the script at `path` before it is run. What is wrong with it is said when it is."""
    try:
        _ahead[path] = _compiled(path)
    except Exception:
        return


def run_as_main(path: str) -> None:
    """Execute the file at `path` as the module `__main__`.

    Raises:
        BaseException: whatever the script raises, SystemExit included.
    """
    code = _ahead.pop(path, None) or _compiled(path)
    main = ModuleType("__main__")
    main.__dict__.update(
        __file__=path,
        __builtins__=sys.modules["builtins"],
        __cached__=None,
        __annotations__={},
        __loader__=SourceFileLoader("__main__", path),
    )
    sys.argv = [path]
    if not getattr(sys.flags, "safe_path", False):
        # The real directory: python resolves links to a script before it takes its folder.
        sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    sys.modules["__main__"] = main
    exec(code, main.__dict__)


def _compiled(path: str) -> CodeType:
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True)
