"""Call a module in the process of its tests, as a client would: no Node, no second process.

    from synapse_worker.testing import ModuleTest
    from main import app

    def test_quote():
        with ModuleTest(app) as module:
            assert module.call("quote", "ACME", depth=3)["price"] > 0

Everything between a client and the function is real: arguments and results pass through the codec,
validation and the dispatcher. What stays out is what needs a second process: interrupting
synchronous code, timeouts, restarts. (A decorated function is still a plain function, too: what
needs none of this can be called directly.)
"""

from synapse_worker.worker.private_codec import find_private_codec

# Tests run in the environment of their module, where only workers know of our codec by themselves.
find_private_codec()

from synapse_worker.testing.instance import InstanceTest  # noqa: E402
from synapse_worker.testing.module_test import ModuleTest  # noqa: E402

__all__ = ["InstanceTest", "ModuleTest"]
