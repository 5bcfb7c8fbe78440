"""The one place where failures become a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from .command import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from .usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .output import Output


def run_guarded(action: Callable[[], int], output: Output) -> int:
    """Run a command's action; whatever goes wrong is printed and becomes its exit code."""
    try:
        code = action()
        sys.stdout.flush()
    except UsageError as problem:
        output.failure(problem)
        return EXIT_USAGE
    except BrokenPipeError:
        # The reader (`| head`) has gone; Python must not complain again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except KeyboardInterrupt:
        output.interrupted()
        return EXIT_INTERRUPTED
    except Exception as error:  # a bug of ours is one sentence too, unless --debug
        output.failure(error)
        return EXIT_FAILED
    finally:
        output.clear()
    return code
