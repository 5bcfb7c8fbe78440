"""TypeScript text for a schema: the client, the declaration beside a module, the import hook's code.

Pure: schema in, text out, the same text for the same schema.
"""

from synapse_worker.typescript.client import render_client
from synapse_worker.typescript.declaration import render_declaration
from synapse_worker.typescript.javascript import render_javascript
from synapse_worker.typescript.opening import MARK, module_directory, options_in
from synapse_worker.typescript.options import GenerationError, RenderOptions

__all__ = [
    "MARK",
    "GenerationError",
    "RenderOptions",
    "module_directory",
    "options_in",
    "render_client",
    "render_declaration",
    "render_javascript",
]
