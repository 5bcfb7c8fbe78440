"""Run an entrypoint whose source does not tell its dialect, once, and let the first evidence decide.

A read of the channel makes it raw, and it simply goes on. A `Module` among its globals when it
ends makes it native, and its methods are served. Neither is an error; so are both.
"""

from __future__ import annotations

import sys

from synapse_worker.worker.dialect import DialectUndecidedError
from synapse_worker.worker.raw.launcher import RawScript

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from types import ModuleType

    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.config import WorkerConfig
    from synapse_worker.worker.control import Control


def run_undecided(config: WorkerConfig, channel: Channel, control: Control) -> None:
    """Run the entrypoint as `__main__`; serve it if it turns out to be a native module.

    Raises:
        SystemExit: the status the process should end with.
        DialectUndecidedError: there was no evidence.
    """
    script = RawScript(config, channel, control)
    script.run(before_first_read=lambda: _refuse_both(config))
    if script.was_read:
        return
    script.withdraw()
    main = sys.modules["__main__"]
    if not _has_module(main):
        raise DialectUndecidedError(
            f"{config.entrypoint} ended without reading the channel and without making a Module, so it "
            "is neither a raw script nor a native module. Set the option `dialect` to say which it is meant to be."
        )
    from synapse_worker.worker.native import run_native

    run_native(config, channel, control, main)


def _refuse_both(config: WorkerConfig) -> None:
    if _has_module(sys.modules["__main__"]):
        raise DialectUndecidedError(
            f"{config.entrypoint} makes a Module and reads the channel as well. Set the option `dialect`."
        )


def _has_module(main: ModuleType) -> bool:
    rooms = sys.modules.get("synapse_worker.worker.module")
    return rooms is not None and any(isinstance(v, rooms.Module) for v in vars(main).values())
