"""Runs inside the environment being built and says what it finds there, as one line of JSON.

It is started by its path with `-I`, so it may import nothing of ours but what it finds installed. It really imports the codecs:
a library of the wrong platform or Python is found now, not by the first worker.
Arguments: the private codec folder, and "compile" to byte-compile our installed package as well.
"""

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


def compile_package(package: str) -> None:
    """Byte-compile a package; whatever came out torn is taken away again, and is an error.

    On a full disk Python writes half of a file and does not notice (3.10 and 3.11 at least); what
    imports it later would fail.
    """
    import compileall
    import errno
    import marshal

    compileall.compile_dir(package, quiet=2)
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
        package = os.path.join(purelib, "synapse_worker")
        compile_package(package)
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
