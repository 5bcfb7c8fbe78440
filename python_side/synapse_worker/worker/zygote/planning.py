"""Plans of typed methods made before the fork, once for all workers: what a generated client asks each of them for.

Annotations are user code, and whatever they do is to be seen by those who look whether the process may be
forked: this comes before they look.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from synapse_worker.worker.config import WorkerConfig
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.plans import Plans


def plans_ahead(config: WorkerConfig, module: Module) -> Plans | None:
    """Return the plans of all methods; None where each worker makes those that it needs, when it needs them."""
    # A setup may change what annotations mean, and offer more methods.
    if not config.typed or module.setups:
        return None
    from synapse_worker.worker.plans import Plans

    plans = Plans(module, module.name or config.default_name)
    try:
        plans.make()
    except BaseException:  # a worker that is asked for what cannot be described says why
        return None
    return plans
