"""Runs inside the environment being built and says what it finds there, as one line of JSON.

It is started by its path with `-I`, so it may import nothing of ours but what it finds installed. It really imports the codecs:
a library of the wrong platform or Python is found now, not by the first worker.
Arguments: the private codec folder, and "compile" to byte-compile our installed package as well.
"""

import json
import os
import sys
import sysconfig


def version_of(library: str) -> "str | None":
    """Import a library for real and return its version; None when it is missing or broken."""
    try:
        module = __import__(library)
    except Exception:  # a broken extension can raise anything, and it all means "not usable"
        return None
    version = getattr(module, "__version__", None)
    if isinstance(version, str):
        return version
    return ".".join(map(str, getattr(module, "version", ()))) or "0"


def write_start_image(package: str) -> None:
    """Have what was installed put the code of a start into one file; without it a start takes longer."""
    try:
        from synapse_worker.start_image import write

        write(package)
    except (ImportError, OSError):
        pass


def main(private_codec: str, *options: str) -> None:
    """Examine this interpreter and print the findings."""
    purelib = sysconfig.get_path("purelib")
    own_msgspec = version_of("msgspec")
    private_msgspec = None
    if own_msgspec is None and os.path.isdir(private_codec):
        sys.modules.pop("msgspec", None)
        sys.path.append(private_codec)
        private_msgspec = version_of("msgspec")
    if "compile" in options:
        import compileall

        package = os.path.join(purelib, "synapse_worker")
        compileall.compile_dir(package, quiet=2)
        write_start_image(package)
    base = getattr(sys, "_base_executable", None) or sys.executable
    findings = {
        "version": ".".join(map(str, sys.version_info[:3])),
        "base": os.path.realpath(base),
        "purelib": purelib,
        "msgspec": own_msgspec,
        "private_msgspec": private_msgspec,
        "msgpack": version_of("msgpack"),
    }
    sys.stdout.write(f"synapse-findings {json.dumps(findings)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
