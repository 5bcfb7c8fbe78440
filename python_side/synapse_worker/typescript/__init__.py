"""TypeScript text for a schema: the client, the declaration beside a module, the import hook's code.

Pure: schema in, text out, the same text for the same schema.
"""

from synapse_worker.typescript.client import MARK, render_client
from synapse_worker.typescript.declaration import render_declaration
from synapse_worker.typescript.javascript import render_javascript
from synapse_worker.typescript.options import GenerationError, RenderOptions

__all__ = [
    "MARK",
    "GenerationError",
    "RenderOptions",
    "render_client",
    "render_declaration",
    "render_javascript",
]
