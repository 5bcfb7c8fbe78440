"""Serve a started module over its channel: greet, answer until the client is done.

The composition root of a native worker: every part it puts together knows nothing of the others.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.frame_reader import FrameReader
from synapse_worker.peer.hello import hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.codec import CODEC_NAME
from synapse_worker.protocol.errors import FrameError, ProtocolError
from synapse_worker.protocol.limits import MAX_FRAME_BYTES
from synapse_worker.protocol.messages import Kind, encode_message
from synapse_worker.protocol.segments import takes_segments
from synapse_worker.transport.descriptors import DescriptorTransport
from synapse_worker.worker.call_output import attribute_to
from synapse_worker.worker.cancel_relay import CancelRelay
from synapse_worker.worker.dispatcher import ClientFailedError, Dispatcher
from synapse_worker.worker.first_calls import import_for_first_calls
from synapse_worker.worker.interruption import Interruptor
from synapse_worker.worker.late_flush import LateFlush
from synapse_worker.worker.roster import described
from synapse_worker.worker.serve_loop import ServeLoop
from synapse_worker.worker.wake_up import WakeUp

if TYPE_CHECKING:
    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.config import WorkerConfig
    from synapse_worker.worker.control import Control
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.log_forwarding import LogForwarding
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.plans import Plans


# What a worker can do beside what both ends can.
WORKER_CAPABILITIES = ("schema", "services", "callbacks", "uploads", "trace", "timing")


def serve(
    config: WorkerConfig,
    channel: Channel,
    control: Control,
    module: Module,
    loop: EventLoopThread,
    logs: LogForwarding,
    plans: Plans | None = None,
) -> bool:
    """Greet and serve, with the `plans` of methods that were made ahead; return whether the connection ended in a failure."""
    max_frame_bytes = config.max_frame_bytes or MAX_FRAME_BYTES
    name = module.name or config.default_name
    transport = DescriptorTransport(channel.input_fd, channel.output_fd)
    outbox = Outbox(transport.write, transport.write_parts)
    interruptor = Interruptor()
    wake_up = WakeUp()
    late_flush = LateFlush(outbox)
    dispatcher = Dispatcher(
        module,
        outbox,
        interruptor,
        loop,
        max_frame_bytes=max_frame_bytes,
        name=name,
        late_flush=late_flush,
        on_idle=wake_up.set,
        ledger=channel.ledger,
        plans=plans,
        shared_fd=channel.shared_output_fd,
    )
    reader = FrameReader(
        transport,
        max_frame_bytes,
        takes_segments=takes_segments(max_frame_bytes),
        shared_fd=channel.shared_input_fd,
    )
    serve_loop = ServeLoop(
        channel,
        reader,
        dispatcher,
        outbox,
        interruptor,
        wake_up,
        late_flush,
        transport.stop_blocking,
        on_terminate=lambda: control.send("draining"),
        logs=logs,
    )
    attribute_to(dispatcher.reports)
    dispatcher.requests.wait_until = serve_loop.wait_until
    dispatcher.requests.nudge = serve_loop.nudge
    cancel_fd = channel.cancel_fd
    relay = CancelRelay(cancel_fd, channel.take_cancels, dispatcher.calls.cancel_async, wake_up.set)
    if cancel_fd != control.fd:  # else it carries more than ids, and one thread reads it
        loop.watch(cancel_fd, relay.on_readable)
    interruptor.listen(
        relay.take,
        dispatcher.cancel,
        lambda _: serve_loop.take_answers(),
        lambda: control.send("alive"),
    )
    loop.when_started(lambda thread: control.send("loop", thread=thread))
    hello: dict[str, Any] = hello_body(max_frame_bytes)
    hello["capabilities"] += WORKER_CAPABILITIES
    hello.update(
        pid=os.getpid(),
        module=name,
        codec=CODEC_NAME,
        methods=described(module),
    )
    outbox.send(encode_message(Kind.HELLO, 0, hello))
    if not config.describe:
        import_for_first_calls(module)
    before_serving, logs.send = logs.send, dispatcher.reports.log
    try:
        serve_loop.run()
    except (ProtocolError, FrameError) as error:
        dispatcher.fail(error)
    except ClientFailedError as error:
        sys.stderr.write(f"synapse: the client closed the connection: {error}\n")
        dispatcher.abandon()
    else:
        outbox.flush()
        return False
    finally:
        logs.send = before_serving
        control.send("exit", last_id=dispatcher.last_id)
        dispatcher.roster.instances.dispose_all(loop)
    return True
