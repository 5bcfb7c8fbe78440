"""Have a cancel land before each byte code of the runner in turn; print how many hit the call.

Run by `test_cancel_races.py` as `python land_on_every_byte_code.py returns|raises`.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.worker.interruption import Interruptor

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def fails() -> None:
    raise ValueError


def run_with_a_cancel_at(
    interruptor: Interruptor, step: int, function: Callable[[], object]
) -> bool:
    """Have a cancel for call 7 land before the given byte code; return whether there is such a one."""
    left = step

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left
        if frame.f_code is not Interruptor.run.__code__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == -1:
                interruptor.interrupt(7)
        return trace

    sys.settrace(trace)
    try:
        interruptor.run(7, function, (), {})
    finally:
        sys.settrace(None)
    return left < 0


def main(outcome: str) -> int:
    function = {"returns": os.getpid, "raises": fails}[outcome]
    landed = step = 0
    reached = True
    while reached:
        interruptor = Interruptor()
        reached = run_with_a_cancel_at(interruptor, step, function)
        landed += interruptor.was_interrupted
        assert interruptor.running == 0
        assert interruptor.run(8, lambda: "next", (), {}) == ("next", None)
        step += 1
    return landed


if __name__ == "__main__":
    print(main(sys.argv[1]))
