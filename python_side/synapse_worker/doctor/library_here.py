"""Says whether a worker that starts now would take what serves a call from the library, as JSON.

It runs in the environment that is asked about and belongs to the package there, whose start image it can read.
It is started by its path with `-I -S`: no `.pth` file of a package runs, and of ours it may import the start
image's two modules alone. The check `compiled.py` starts it, and asks it as well about the package that runs now.
"""

from __future__ import annotations

import json
import os
import sys

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def packed_for_this_python(package: str) -> dict[str, object]:
    """Return what a package has for this interpreter, and the reason if that is nothing: its files tell it."""
    from synapse_worker.start_image import COMPILED, library_name
    from synapse_worker.start_image_writer import library_of

    found = library_of(package)
    folder = os.path.join(package, COMPILED)
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return {
        "reason": found if isinstance(found, str) else None,
        "library": library_name(),
        "libraries": sorted(name for name in names if name.endswith(".so")),
    }


def taken_at_a_start(package: str) -> dict[str, object]:
    """Return the same for a worker that starts from a package; the library is loaded, and nothing of it run."""
    from synapse_worker.start_image import read

    answer = packed_for_this_python(package)
    image = read(package)
    is_compiled, error, sources = False, None, list[str]()
    try:
        if image is not None:
            sources = [os.path.relpath(source, package) for source in image.edited()]
            is_compiled = image.load_library()
    except ImportError as problem:
        error = str(problem)
    except Exception:  # the image is damaged, in whatever way
        pass
    reason = answer["reason"]
    if reason is None and not is_compiled:
        reason = "optimized" if sys.flags.optimize else "unloadable" if error else "unlisted"
    more = {"reason": reason, "sources": sources, "error": error}
    return {"compiled": is_compiled, **answer, **more}


if __name__ == "__main__":
    sys.path.append(os.path.dirname(_PACKAGE))
    sys.stdout.write(json.dumps(taken_at_a_start(_PACKAGE)))
