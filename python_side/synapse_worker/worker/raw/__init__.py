"""The launcher of raw scripts: stdin and stdout become the channel, text becomes logs.

Standard library only and no codec: a raw script brings its own. There is no counterpart in
the TypeScript wing, which only ever talks to such a script.
"""
