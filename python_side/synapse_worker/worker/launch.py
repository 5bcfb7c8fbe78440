"""Start a worker process: `python launch.py CONFIG_JSON`, with descriptors 3, 4 and 5 inherited.

With `zygote` after it, start a process that forks such workers.

The parent runs this file by its path, so it must work before anything is importable; all it
does is make `synapse_worker` importable and hand over to `boot`. Children that user code starts with
`multiprocessing` run it again, as `__mp_main__` and with the worker's `sys.path`: there it does nothing.

Python compiles it at each start: what can come from the image is not here.
"""

import os
import sys


def lead_group() -> None:
    """Make this process the leader of a process group, in the session of its parent.

    Before anything is imported: until then Ctrl-C in the terminal of its parent ends it, too. A session of
    its own would be the simpler way. But Linux shares out processors by session where nothing else does
    (`sched_autogroup_enabled`): a parent and a worker in two of them are switched like strangers, which costs
    each call 3 µs, and milliseconds where other sessions are busy. What a group lacks `terminal.py` does.
    """
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)


def hide_this_folder() -> None:
    """Take this folder from `sys.path`: `module.py` or `control.py` would shadow the user's own."""
    if not getattr(sys.flags, "safe_path", False):  # with -P or PYTHONSAFEPATH it is not there
        del sys.path[0]


def make_importable() -> None:
    """Append the folder that holds this package to `sys.path`, unless it is importable; start from its image."""
    try:
        import synapse_worker
    except ModuleNotFoundError:
        worker_folder = os.path.dirname(os.path.abspath(__file__))
        sys.path.append(os.path.dirname(os.path.dirname(worker_folder)))
        import synapse_worker
    from synapse_worker.start_image import serve

    serve(synapse_worker.__path__[0])


if __name__ == "__main__":
    lead_group()
    hide_this_folder()
    make_importable()
    from synapse_worker.worker.collector import rest
    from synapse_worker.worker.terminal import leave_terminal

    rest()
    leave_terminal()
    if sys.argv[2:] == ["zygote"]:
        del sys.argv[2:]  # user code sees what it would see in a worker
        from synapse_worker.worker.zygote.main import run_zygote

        run_zygote(sys.argv[1])
    else:
        from synapse_worker.worker.boot import boot

        boot(sys.argv[1])
