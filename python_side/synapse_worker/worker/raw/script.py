"""Run a script as `python file.py` would: as `__main__`, with its `sys.argv` and `sys.path`.

The module object stays in `sys.modules` afterwards (`runpy.run_path` drops it), so pickle,
`typing.get_type_hints` and threads that outlive the script find their globals.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader  # as importlib.machinery, without its cost

ModuleType = type(sys)  # as types.ModuleType, likewise


def run_as_main(path: str) -> None:
    """Execute the file at `path` as the module `__main__`.

    Raises:
        BaseException: whatever the script raises, SystemExit included.
    """
    with open(path, "rb") as file:
        source = file.read()
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
    exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)
