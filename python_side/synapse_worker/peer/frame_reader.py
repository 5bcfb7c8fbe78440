"""Read payloads off a transport: small frames in batches, large ones straight into their buffer."""

from __future__ import annotations

from synapse_worker.peer.segment_memory import SegmentMemory
from synapse_worker.protocol.errors import ProtocolError
from synapse_worker.protocol.frames import FrameDecoder

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from typing import Final

    from synapse_worker.protocol.frames import Payload
    from synapse_worker.transport.interface import Transport
    from synapse_worker.transport.shared_memory import SharedMemory

# From here on a frame is read into its own buffer, saving a copy and most of the reads.
DIRECT_READ_BYTES: Final = 16 * 1024


class FrameReader:
    """Cuts what a transport delivers into payloads."""

    __slots__ = ("_decoder", "_shared_fd", "_transport")

    def __init__(
        self,
        transport: Transport,
        max_frame_bytes: int,
        *,
        takes_segments: bool = False,
        shared_fd: int | None = None,
    ) -> None:
        """`shared_fd` is the memory that large segments may come through."""
        self._transport = transport
        self._shared_fd = shared_fd
        self._decoder = FrameDecoder(
            max_frame_bytes,
            SegmentMemory if takes_segments else None,
            self._shared if shared_fd is not None else None,
        )

    def read(self) -> list[Payload] | None:
        """Read the transport once; return the payloads this completes, or None at its end.

        Raises:
            FrameError: a frame is too large, or the transport ended inside one.
        """
        decoder = self._decoder
        if decoder.collected is not None:
            vacancy = decoder.vacancy
            if vacancy is not None and len(vacancy) >= DIRECT_READ_BYTES:
                return self._read_into(vacancy)
        data = self._transport.read()
        if data:
            return decoder.feed(data)
        decoder.end()
        return None

    def _shared(self) -> SharedMemory:
        try:  # few workers ever need them
            from synapse_worker.protocol import shared_segments  # noqa: F401
            from synapse_worker.transport.shared_memory import SharedMemory
        except (ImportError, OSError) as error:  # as where no file can be opened any more
            raise ProtocolError(f"Shared memory cannot be read: {error}") from error
        assert self._shared_fd is not None
        return SharedMemory(self._shared_fd)

    def _read_into(self, vacancy: memoryview) -> list[Payload] | None:
        count = self._transport.read_into(vacancy)
        if not count:
            self._decoder.end()
            return None
        payload = self._decoder.advance(count)
        return [] if payload is None else [payload]
