"""One worker process and a handle to it, for `synapse call` and the tests.

It takes a spawn command and knows nothing of environments. The TypeScript wing's supervisor
adds pools and restarts; here they come with sessions.
"""

from synapse_worker.supervisor.handle import WorkerHandle
from synapse_worker.supervisor.launch_spec import LaunchSpec
from synapse_worker.supervisor.opening import open_worker
from synapse_worker.supervisor.stream import WorkerStream

__all__ = ["LaunchSpec", "WorkerHandle", "WorkerStream", "open_worker"]
