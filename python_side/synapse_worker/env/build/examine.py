"""Runs inside the environment being built and says what it finds there, as one line of JSON.

It is started by its path with `-I`, so it may import nothing of ours but what it finds installed. It really imports the codecs:
a library of the wrong platform or Python is found now, not by the first worker.
Arguments: the private codec folder, and "compile" to byte-compile our installed package as well.
"""

import contextlib
import json
import os
import sys
import sysconfig

# Magic number, flags, and time and size of the source: the code follows (PEP 552).
_PYC_HEAD_BYTES = 16


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


def compile_package(package: str, rooms: "tuple[str, ...]") -> None:
    """Byte-compile a package's own files and some of its rooms; what comes out torn is taken away again, and is an error.

    On a full disk Python writes half of a file and does not notice (3.10 and 3.11 at least); what
    imports it later would fail.
    """
    import compileall
    import errno
    import marshal

    compileall.compile_dir(package, maxlevels=0, quiet=2)
    for room in rooms:
        compileall.compile_dir(os.path.join(package, room), quiet=2)
    for folder, _, names in os.walk(package):
        for name in names:
            path = os.path.join(folder, name)
            if not name.endswith(".pyc"):
                continue
            try:
                with open(path, "rb") as file:
                    marshal.loads(file.read()[_PYC_HEAD_BYTES:])
            except (EOFError, ValueError, TypeError):
                os.unlink(path)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path) from None


def prepare_start(package: str) -> None:
    """Compile what workers run, and have it put into one file; without that one a start takes longer."""
    from synapse_worker.start_image_writer import ROOMS, write

    compile_package(package, ROOMS)
    with contextlib.suppress(OSError):
        write(package)


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
        package = os.path.join(purelib, "synapse_worker")
        prepare_start(package)
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
