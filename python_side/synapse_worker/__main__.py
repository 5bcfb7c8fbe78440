"""`python -m synapse_worker`: the `synapse` command, also where another package took its name."""

from .cli import main

raise SystemExit(main())
