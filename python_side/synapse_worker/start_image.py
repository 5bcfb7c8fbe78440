"""The code that a worker starts with, in one file: half of what a start costs is to find and read its modules.

`start_image_writer` makes it when an environment has been built, `serve` lets imports come from it until
`release`. Each module is held against its source as Python does it with compiled files, by size and time: what
has changed since, or is not in the image, is imported as ever. Nothing of ours may be imported here.

What a module of the image imports at its top comes before it, and each after its own: the way through importlib
takes a third of the time of an import, so it is gone once, and not for each of a hundred modules.

The image has parts, one for each kind of start: a raw script needs a tenth of what a typed module does. The first is
read with the index, each other one when a module of it is asked for.

Where the package has a library for this interpreter (`scripts/compile_hot_path.py`), the modules that it was made
of come from there for who asks: all of them, or none, because compiled ones know the insides of each other.

    offset  size  of the file
    0       16    the interpreter's magic number, padded with zeros
    16      8     n, the size of the index
    24      8     the size of the first part
    32      n     the index: name → (number of its part, is a package, size of the source, its time);
                  what each imports at its top: name → names, those of the index alone;
                  the sizes of the parts;
                  and the library: its file's name, size and time, and its modules; or None
    32 + n        the parts, one after the other: name → code, as `marshal` has it
"""

import _thread
import marshal
import os
import sys

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start, `__future__` 0.3
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Index = dict[str, tuple[int, bool, int, int]]
    Needs = dict[str, tuple[str, ...]]
    Library = tuple[str, int, int, list[str]]

# Beside the compiled files of the package: who removes those, or packs all but those, has this in mind already.
IMAGE_FILE = os.path.join("__pycache__", f"start.{sys.implementation.cache_tag}.image")
_MAGIC_BYTES = 16
SIZE_BYTES = 8
_HEAD_BYTES = _MAGIC_BYTES + 2 * SIZE_BYTES
# Time and size are compared as compiled files have them: 32 bits each.
MASK = 0xFFFFFFFF
# In place of a time: of sources that will be copied, which changes times, and not edited (a bundle's).
ANY_TIME = -1
# A pipe in the place of a file is not waited for.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
# What `marshal` says of bytes that are no longer what was written, and what comes of taking them apart.
_DAMAGE = (ValueError, EOFError, TypeError, SystemError, OverflowError, MemoryError, LookupError)
# The same of a library, which may also be of a system whose C library is newer.
_UNFIT = (OSError, ImportError, *_DAMAGE)
_CODE = type((lambda: None).__code__)
# The folder of libraries, each named for its interpreter.
COMPILED = "compiled"
# The module in a library that has the code of all others.
_WHOLE = "compiled__mypyc"
_ours: "StartImage | None" = None


class StartImage:
    """A finder and loader of modules whose code lies together."""

    def __init__(self, package: str) -> None:
        """Read the index of a package's image, and its first part.

        Raises:
            OSError: it cannot be read.
            ValueError: it was made by another interpreter, is not whole, or is none.
        """
        self._file = os.path.join(package, IMAGE_FILE)
        # By its status the file is known that was begun with.
        head, self._status = _piece(self._file, 0, _HEAD_BYTES)
        index_bytes = int.from_bytes(head[_MAGIC_BYTES:-SIZE_BYTES], "little")
        first_bytes = int.from_bytes(head[-SIZE_BYTES:], "little")
        if head[:_MAGIC_BYTES] != magic():
            raise ValueError("not an image for this interpreter")
        content = self._read(_HEAD_BYTES, index_bytes + first_bytes)
        index, needs, sizes, library = marshal.loads(content[:index_bytes])
        if type(index) is not dict or type(needs) is not dict:
            raise ValueError("no index of an image")
        # Where each part is, and its size.
        self._places: list[tuple[int, int]] = []
        end = _HEAD_BYTES + index_bytes
        for size in sizes:
            self._places.append((end, size))
            end += size
        if self._status[0] != end:
            raise ValueError("not a whole image")
        self._index: Index = index
        # Of those that nobody has asked for yet.
        self._needs: Needs = needs
        # Those that were read.
        self._parts = {0: _codes(content[index_bytes:])}
        self._package = package
        self._root = os.path.dirname(package)
        self._library: Library | None = library
        # The modules that come from the library, and its path.
        self._compiled: list[str] = []
        self._library_file = ""

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return where a module is and its code, if its source is as it was."""
        entry = self._index.get(name)
        if entry is None:
            return None
        if name in self._compiled:
            return _spec_of_extension(name, self._library_file)
        place = os.path.join(self._root, *name.split("."))
        try:
            part, is_package, size, time = entry
            source = os.path.join(place, "__init__.py") if is_package else f"{place}.py"
            if not _is_as_it_was(source, size, time):
                return None
            code: object = self._part(part).get(name)
        except Exception:  # of the image, or of what user code has made of `os`
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

    def _part(self, number: int) -> "dict[str, CodeType]":
        """Return the code of a part."""
        part = self._parts.get(number)
        if part is None:
            self._parts[number] = {}  # should it be damaged
            part = self._parts[number] = _codes(self._read(*self._places[number]))
        return part

    def _read(self, at: int, size: int) -> bytes:
        content, status = _piece(self._file, at, size)
        if status != self._status:
            raise ValueError("another image")
        return content

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        """Leave it to Python."""

    def exec_module(self, module: "ModuleType") -> None:
        """Run the code of a module, after that of what it needs."""
        spec = module.__spec__
        assert spec is not None
        code, spec.loader_state = spec.loader_state, None
        if code.co_filename != spec.origin:  # the environment was moved
            from _imp import _fix_co_filename  # type: ignore[attr-defined]

            _fix_co_filename(code, spec.origin)
        self._import_needs(spec.name)
        exec(code, module.__dict__)

    def _import_needs(self, name: str) -> None:
        """Import what a module imports at its top, as it would itself. What goes wrong is met again there."""
        # Another thread could come upon a module that is half made: importlib has locks against that.
        if _thread._count() > 0:  # noqa: SLF001  # what imports `threading` can count them without
            return
        try:
            for needed in self._needs.pop(name, ()):
                if needed not in sys.modules:
                    self._import(needed)
        except Exception:
            return

    def _import(self, name: str) -> None:
        parent, _, own = name.rpartition(".")
        if name in self._compiled or parent not in sys.modules:
            __import__(name)
            return
        spec = self.find_spec(name)
        if spec is None:
            return
        module = sys.modules[name] = type(sys)(name)
        module.__spec__, module.__loader__ = spec, spec.loader
        module.__file__, module.__package__ = spec.origin, spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        try:
            self.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        setattr(sys.modules[parent], own, module)

    def take_compiled(self) -> None:
        """Import the modules of the library from there, if it fits and none of them has come already."""
        if self._compiled:
            return
        try:
            self.load_library()
        except _UNFIT:
            return
        for module in self._compiled:  # all now: after `release` one would come from its source
            self._import_needs(module)
            __import__(module)

    def load_library(self) -> bool:
        """Load the library, if it fits and none of its modules has come already, and say whether it was.

        Raises:
            ImportError: it cannot be loaded.
            Exception: it has gone, or the image is damaged.
        """
        if self._library is None:
            return False
        name, size, time, modules = self._library
        file = os.path.join(self._package, COMPILED, name)
        if (
            name != library_name()
            or not _is_as_it_was(file, size, time)
            or any(module in sys.modules for module in modules)
            or self.edited()
        ):
            return False
        whole = f"{os.path.basename(self._package)}.{_WHOLE}"
        spec = _spec_of_extension(whole, file)
        assert spec.loader is not None
        sys.modules[whole] = spec.loader.create_module(spec)  # type: ignore[assignment]
        self._compiled, self._library_file = modules, file
        return True

    def edited(self) -> list[str]:
        """Return the sources of the library's modules that are not as they were."""
        modules = () if self._library is None else self._library[-1]
        sources = {name: f"{os.path.join(self._root, *name.split('.'))}.py" for name in modules}
        return [
            source
            for name, source in sources.items()
            if not _is_as_it_was(source, *self._index[name][-2:])
        ]

    def forget(self) -> None:
        """Let go of all code: the modules that came from here keep their loader."""
        self._index, self._needs, self._parts = {}, {}, {}


def _piece(path: str, at: int, size: int) -> tuple[bytes, tuple[int, ...]]:
    """Read a piece of a file, and its size and what else tells whether it is the same one the next time.

    It is open for no longer: what runs at a start may close all that it finds.
    """
    file = os.open(path, _READ)
    try:
        status = os.fstat(file)
        os.lseek(file, at, os.SEEK_SET)
        content = os.read(file, size)
    finally:
        os.close(file)
    return content, (status.st_size, status.st_dev, status.st_ino, status.st_mtime_ns)


def _codes(content: bytes) -> "dict[str, CodeType]":
    codes: dict[str, CodeType] = marshal.loads(content)
    if type(codes) is not dict:
        raise ValueError("no part of an image")
    return codes


def serve(package: str) -> None:
    """Let modules of `package`, the folder of ours, come from its image, if there is one that fits."""
    global _ours
    _ours = read(package)
    if _ours is not None:
        sys.meta_path.insert(0, _ours)


def read(package: str) -> "StartImage | None":
    """Return the image of `package`, the folder of ours, if there is one that fits."""
    if sys.flags.optimize:  # the image is of code with assertions
        return None
    try:
        return StartImage(package)
    except (OSError, *_DAMAGE):
        return None


def take_compiled() -> None:
    """Import what the library of this package has, where there is one that fits. Idempotent."""
    if _ours is not None:
        _ours.take_compiled()


def release() -> None:
    """Give the memory back: what is imported from now on is rare, and comes as ever. Idempotent."""
    global _ours
    if _ours is not None:
        _ours.forget()
        if _ours in sys.meta_path:  # unless user code has taken it away
            sys.meta_path.remove(_ours)
        _ours = None


def library_name() -> str:
    """Return the name of the library that fits this interpreter: `cpython-313-x86_64-linux-gnu.so`."""
    suffix: str = sys.modules["_frozen_importlib_external"].EXTENSION_SUFFIXES[0]
    return suffix[1:]


def _spec_of_extension(name: str, file: str) -> "ModuleSpec":
    """Return where a module is that a library makes by a function of the module's name."""
    loader = sys.modules["_frozen_importlib_external"].ExtensionFileLoader(name, file)
    spec: ModuleSpec = type(sys.__spec__)(name, loader, origin=file)
    spec.has_location = True
    return spec


def _is_as_it_was(file: str, size: int, time: int) -> bool:
    now = os.stat(file)
    return now.st_size & MASK == size and time in (ANY_TIME, int(now.st_mtime) & MASK)


def magic() -> bytes:
    """Return the interpreter's magic number, padded."""
    # Loaded by every start of an interpreter; importlib.util, which has it too, is not.
    magic: bytes = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
    return magic.ljust(_MAGIC_BYTES, b"\0")
