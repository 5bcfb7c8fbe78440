"""The code that a worker starts with, in one file: half of what a start costs is to find and read its modules.

`write` makes it when an environment has been built, `serve` lets imports come from it until `release`. Each
module is held against its source as Python does it with compiled files, by size and time: what has changed
since, or is not in the image, is imported as ever. Nothing of ours may be imported here.

    offset  size  of the file
    0       16    the interpreter's magic number, padded with zeros
    16      8     n, the size of the index
    24      8     the size of all code
    32      n     the index: name → (offset of the code, its size, is a package, size of the source, its time)
    32 + n        the code of each module, as `marshal` has it
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    Index = dict[str, tuple[int, int, bool, int, int]]

# Beside the compiled files of the package: who removes those, or packs all but those, has this in mind already.
_FILE = os.path.join("__pycache__", f"start.{sys.implementation.cache_tag}.image")
# What runs in a worker. The others are the business of the command line.
ROOMS = ("conversion", "peer", "protocol", "schema", "transport", "worker")
_MAGIC_BYTES = 16
_SIZE_BYTES = 8
_HEAD_BYTES = _MAGIC_BYTES + 2 * _SIZE_BYTES
# Time and size are compared as compiled files have them: 32 bits each.
_MASK = 0xFFFFFFFF
# In place of a time: of sources that will be copied, which changes times, and not edited (a bundle's).
_ANY_TIME = -1
# What `marshal` says of bytes that are no longer what was written, and what comes of taking them apart.
_DAMAGE = (ValueError, EOFError, TypeError, SystemError, OverflowError, MemoryError)
_CODE = type((lambda: None).__code__)
_ours: StartImage | None = None


class StartImage:
    """A finder and loader of modules whose code is in memory already."""

    def __init__(self, package: str, content: bytes) -> None:
        """Read the index of an image.

        Raises:
            ValueError: it was made by another interpreter, is not whole, or is none.
        """
        head = content[:_HEAD_BYTES]
        codes_at = _HEAD_BYTES + int.from_bytes(head[_MAGIC_BYTES:-_SIZE_BYTES], "little")
        codes_bytes = int.from_bytes(head[-_SIZE_BYTES:], "little")
        if head[:_MAGIC_BYTES] != _magic() or len(content) != codes_at + codes_bytes:
            raise ValueError("not a whole image for this interpreter")
        index = marshal.loads(content[_HEAD_BYTES:codes_at])
        if type(index) is not dict:
            raise ValueError("no index of an image")
        self._index: Index = index
        self._codes = memoryview(content)[codes_at:]
        self._root = os.path.dirname(package)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is and its code, if its source is as it was."""
        entry = self._index.get(name)
        if entry is None:
            return None
        place = os.path.join(self._root, *name.split("."))
        try:
            at, code_bytes, is_package, size, time = entry
            source = os.path.join(place, "__init__.py") if is_package else f"{place}.py"
            now = os.stat(source)
            if now.st_size & _MASK != size or (
                time != _ANY_TIME and int(now.st_mtime) & _MASK != time
            ):
                return None
            code: object = marshal.loads(self._codes[at : at + code_bytes])
        except (OSError, *_DAMAGE):
            return None
        if type(code) is not _CODE:
            return None
        # Of the class that is there already: importlib would have to be imported.
        spec: ModuleSpec = type(sys.__spec__)(name, self, origin=source, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True
        spec.loader_state = code
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(place)
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the code of a module."""
        spec = module.__spec__
        assert spec is not None
        code, spec.loader_state = spec.loader_state, None
        if code.co_filename != spec.origin:  # the environment was moved
            from _imp import _fix_co_filename  # type: ignore[attr-defined]

            _fix_co_filename(code, spec.origin)
        exec(code, module.__dict__)

    def forget(self) -> None:
        """Let go of all code: the modules that came from here keep their loader."""
        self._index, self._codes = {}, memoryview(b"")


def serve(package: str) -> None:
    """Let modules of `package`, the folder of ours, come from its image, if there is one that fits."""
    global _ours
    image = os.path.join(package, _FILE)
    # The image is of code with assertions; a pipe in its place would be waited for.
    if sys.flags.optimize or not os.path.isfile(image):
        return
    try:
        with open(image, "rb", buffering=0) as file:
            _ours = StartImage(package, file.read())
    except (OSError, *_DAMAGE):
        return
    sys.meta_path.insert(0, _ours)


def release() -> None:
    """Give the memory back: what is imported from now on is rare, and comes as ever. Idempotent."""
    global _ours
    if _ours is not None:
        if _ours in sys.meta_path:  # unless user code has taken it away
            sys.meta_path.remove(_ours)
        _ours.forget()
        _ours = None


def write(package: str, *, portable: bool = False) -> None:
    """Make the image of `package`, the folder of ours; it appears whole or not at all.

    A `portable` one holds for sources of any time, and names no place: equal sources give equal bytes.

    Raises:
        OSError: it cannot be written.
    """
    index: Index = {}
    codes: list[bytes] = []
    at = 0
    for name, source, is_package in _sources(package):
        # Before it is read: should it change meanwhile, it is the old one that no longer fits.
        status = os.stat(source)
        with open(source, "rb") as file:
            shown = name if portable else source
            code = marshal.dumps(compile(file.read(), shown, "exec", dont_inherit=True))
        size = status.st_size & _MASK
        time = _ANY_TIME if portable else int(status.st_mtime) & _MASK
        index[name] = (at, len(code), is_package, size, time)
        codes.append(code)
        at += len(code)
    head = marshal.dumps(index)
    target = os.path.join(package, _FILE)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = f"{target}.{os.getpid()}"
    with open(temporary, "wb") as file:
        sizes = (size.to_bytes(_SIZE_BYTES, "little") for size in (len(head), at))
        file.writelines((_magic(), *sizes, head, *codes))
    os.replace(temporary, target)


def _sources(package: str) -> list[tuple[str, str, bool]]:
    """Return name, path and whether it is a package, of all that a worker may import."""
    top = os.path.basename(package)
    found = [
        (f"{top}.{entry[:-3]}", os.path.join(package, entry), False)
        for entry in sorted(os.listdir(package))
        if entry.endswith(".py") and not entry.startswith("__")
    ]
    for room in ROOMS:
        for folder, folders, files in os.walk(os.path.join(package, room)):
            folders.sort()
            name = ".".join((top, *os.path.relpath(folder, package).split(os.sep)))
            for file in sorted(files):
                path = os.path.join(folder, file)
                if file == "__init__.py":
                    found.append((name, path, True))
                elif file.endswith(".py"):
                    found.append((f"{name}.{file[:-3]}", path, False))
    return found


def _magic() -> bytes:
    # Loaded by every start of an interpreter; importlib.util, which has it too, is not.
    magic: bytes = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
    return magic.ljust(_MAGIC_BYTES, b"\0")
