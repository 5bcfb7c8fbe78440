"""A pipe to itself, for other threads and signal handlers to end the main thread's poll."""

from __future__ import annotations

import os
from contextlib import suppress

from synapse_worker.worker.private_descriptors import out_of_reach


class WakeUp:
    """Ends a poll on `fd`."""

    def __init__(self) -> None:
        self.fd, self._write_fd = map(out_of_reach, os.pipe())
        os.set_blocking(self.fd, False)
        os.set_blocking(self._write_fd, False)

    def set(self) -> None:
        """Wake the poller; from any thread."""
        with suppress(BlockingIOError):  # it is full of wake-ups already
            os.write(self._write_fd, b"!")

    def clear(self) -> None:
        """Take all wake-ups."""
        with suppress(BlockingIOError):
            while os.read(self.fd, 64):
                pass
