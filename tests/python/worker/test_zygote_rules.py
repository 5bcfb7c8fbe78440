"""What may be forked, and what a fork gets back: each question asked in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are zygotes on Linux only")


def run(source: str, **environment: str) -> str:
    """Run a script; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def why_not(source: str) -> str:
    """Return why a process is not forked that did what `source` does."""
    return run(
        "from synapse_worker.worker.zygote.forkability import *\n"
        "before, folders = open_descriptors(), TemporaryFolders()\n"
        f"{textwrap.dedent(source)}\n"
        "print(why_not_forkable(before, folders.left()))"
    )


@pytest.mark.parametrize(
    "source",
    [
        "pass",
        "import asyncio, json, ssl, multiprocessing",
        "import random, secrets; secrets.token_bytes()",
        "null = open('/dev/null'); noise = open('/dev/urandom', 'rb')",
        "import threading; t = threading.Thread(target=print, args=('',), daemon=True); t.start(); t.join()",
        "import subprocess; subprocess.run(['true'])",
        "open('/etc/hostname').close()",
        "import tempfile; tempfile.TemporaryDirectory(prefix='synapse-').cleanup()",
        "import os, tempfile; os.rmdir(tempfile.mkdtemp(prefix='synapse-'))",
        "import os; os.makedirs(f'/tmp/synapse-{os.getpid()}/a', 0o700); os.removedirs(f'/tmp/synapse-{os.getpid()}/a')",
    ],
)
def test_a_process_that_has_nothing_of_its_own_may_be_forked(source: str) -> None:
    assert why_not(source).endswith("None")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
            r"importing it started 1 thread (",
        ),
        (
            "import socket; listener = socket.create_server(('127.0.0.1', 0))",
            "importing it left 1 file (socket:[",
        ),
        (
            "import tempfile; files = [tempfile.TemporaryFile() for _ in range(2)]",
            "importing it left 2 files (/",
        ),
        (
            "import tempfile; folder = tempfile.TemporaryDirectory(prefix='synapse-')",
            "importing it made 1 temporary directory (/",
        ),
        (
            "import atexit, os, tempfile; atexit.register(os.rmdir, tempfile.mkdtemp('synapse'))",
            "importing it made 1 temporary directory (/",
        ),
        (
            "import asyncio; loop = asyncio.new_event_loop()",
            "importing it left 3 files (",
        ),
        (
            "import atexit, subprocess; atexit.register(subprocess.Popen(['sleep', '600']).kill)",
            "importing it started 1 process (",
        ),
    ],
)
def test_what_two_processes_cannot_share_is_named(source: str, reason: str) -> None:
    assert why_not(source).startswith(reason)


def test_libraries_are_held_at_one_thread_while_they_are_imported_and_get_theirs_back() -> None:
    source = """
        import os
        from synapse_worker.worker.zygote.thread_pools import ThreadPools
        pools = ThreadPools()
        print(os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"])
        pools.release()
        print(os.environ.get("OMP_NUM_THREADS"), os.environ.get("OPENBLAS_NUM_THREADS"))
        pools.restore()
    """
    assert run(source, OMP_NUM_THREADS="3").split() == ["1", "1", "3", "None"]


def test_packages_with_pools_of_their_own_get_theirs_back_too() -> None:
    source = """
        import sys, types
        from synapse_worker.worker.zygote.thread_pools import ThreadPools
        pools = ThreadPools()
        sys.modules["numexpr"] = types.SimpleNamespace(set_num_threads=print)
        sys.modules["torch"] = types.SimpleNamespace(set_num_threads=print)
        pools.release()
        pools.restore()
    """
    assert run(source, OMP_NUM_THREADS="5", NUMEXPR_NUM_THREADS="2").split() == ["2", "5"]


def test_numpy_has_its_threads_in_a_fork_of_a_process_that_has_none() -> None:
    pytest.importorskip("numpy")
    source = """
        import os
        from synapse_worker.worker.zygote.forkability import open_descriptors, why_not_forkable
        from synapse_worker.worker.zygote.thread_pools import ThreadPools
        pools = ThreadPools()
        before = open_descriptors()
        import numpy
        pools.release()
        print(why_not_forkable(before, []), flush=True)
        if os.fork() == 0:
            pools.restore()
            numpy.ones((800, 800)) @ numpy.ones((800, 800))
            print(len(os.listdir("/proc/self/task")), flush=True)
            os._exit(0)
        print(os.wait()[1])
    """
    assert run(source, OPENBLAS_NUM_THREADS="3").split() == ["None", "3", "0"]


def test_pyarrow_leaves_no_thread_behind_and_works_in_a_fork() -> None:
    pytest.importorskip("pyarrow")
    source = """
        import os
        from synapse_worker.worker.zygote.forkability import open_descriptors, why_not_forkable
        from synapse_worker.worker.zygote.thread_pools import ThreadPools
        pools = ThreadPools()
        print(os.environ["JE_ARROW_MALLOC_CONF"])
        before = open_descriptors()
        import pandas, pyarrow
        pool = pyarrow.jemalloc_memory_pool()
        kept = pyarrow.array(range(100_000), memory_pool=pool)
        pools.release()
        print(why_not_forkable(before, []), os.environ["JE_ARROW_MALLOC_CONF"], flush=True)
        if os.fork() == 0:
            pools.restore()
            table = pandas.DataFrame({"a": range(1_000_000)})
            print(pyarrow.Table.from_pandas(table).num_rows + len(kept), flush=True)
            del kept
            os._exit(0)
        print(os.wait()[1])
    """
    own = "dirty_decay_ms:0"
    said = run(source, JE_ARROW_MALLOC_CONF=own).split()
    assert said == [f"{own},background_thread:false", "None", own, "1100000", "0"]


def test_descendants_tell_which_worker_they_come_from_in_whatever_session() -> None:
    source = """
        import os, subprocess, sys
        from synapse_worker.worker.zygote.origin import mark_descendants, origin_of, place_of_mark
        place = place_of_mark()
        if os.fork() == 0:
            mark_descendants(place)
            me = os.getpid()
            program = subprocess.Popen(["sleep", "600"], start_new_session=True)
            named = subprocess.Popen(["sleep", "600"], env=dict(os.environ), start_new_session=True)
            bare = subprocess.Popen(["sleep", "600"], env={})
            fork = os.fork()
            if fork == 0:
                os.setsid()
                import time
                time.sleep(600)
            for pid in (program.pid, named.pid):
                while not open(f"/proc/{pid}/environ").read():  # for an instant after its exec
                    assert os.waitpid(pid, os.WNOHANG) == (0, 0)
            print(*(origin_of(pid) == me for pid in (program.pid, named.pid, fork)), origin_of(bare.pid))
            for pid in (program.pid, named.pid, bare.pid, fork):
                os.kill(pid, 9)
            sys.stdout.flush()
            os._exit(0)
        os.wait()
        print(origin_of(os.getpid()))
    """
    told = run(source, SYNAPSE_WORKER_PID="0000000000").split()
    assert told == ["True", "True", "True", "None", "None"]


def test_a_worker_is_reported_as_alone_unless_it_leaves_something_behind() -> None:
    said = run(
        """
        import os, subprocess
        from synapse_worker.worker.zygote.children import Children

        class Control:
            def send(self, event, **fields):
                print(event, fields["alone"], flush=True)

        children = Children(Control())
        children.adopt_orphans()
        for leaves in (False, True):
            pid = os.fork()
            if pid == 0:
                if leaves:
                    subprocess.Popen(["sleep", "60"], start_new_session=True)
                os._exit(0)
            children.add(pid, 1)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            children.look()
            children.reap(pid)
        children.kill_all()
        """
    )
    assert said.splitlines() == ["exited True", "exited False"]
