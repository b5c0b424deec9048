"""Start-up in the project's interpreter: contain this process, then hold pytest warm.

Nothing of the project is imported, and `sys.path` does not lead to it, before the containment holds. That includes what its
environment runs when an interpreter starts, `.pth` files and `sitecustomize`: this process is started with `-S`, which
leaves `site` out, and does `site`'s work itself once it is inside.
"""

from __future__ import annotations

import gc
import importlib
import importlib.machinery
import importlib.util
import os
import socket
import sys
from typing import Dict

PACKAGE = "_tracemend_payload"
NO_SITE = 6  # The place of `no_site` in `sys.flags`, the same in every Python 3.


def main() -> None:
    """Serve the tool behind the socket whose descriptor is the only argument."""
    load_package()
    channel = importlib.import_module(PACKAGE + ".channel")
    containment = importlib.import_module(PACKAGE + ".containment")
    connection = socket.socket(fileno=int(sys.argv[1]))
    start = channel.receive(connection)
    if start is None:
        return
    try:
        contained = containment.enter(start["policy"])
    except containment.ContainmentError as error:
        channel.send(connection, {"event": "refused", "kind": "sandbox", "message": str(error)})
        return
    channel.send(connection, {"event": "contained", "level": contained.level, "root": contained.root})
    start_site()
    look_like_python_m(start["policy"]["root"], contained.root)
    collects = gc.isenabled()
    gc.disable()  # What these imports make is there to stay: it would only be looked through again and again.
    refusal = unusable_pytest()
    if refusal:
        channel.send(connection, {"event": "refused", **refusal})
        return
    server = importlib.import_module(PACKAGE + ".server").Server(connection, contained, start)
    server.hide_imports()
    if collects:
        gc.enable()
    server.run()
    sys.stdout.flush()
    os._exit(0)


def load_package() -> None:
    """Make this folder the package `_tracemend_payload` and take it off `sys.path`.

    Our own byte code is written now, while our folder may still be writable; the project's never is.
    """
    folder = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == folder:
        del sys.path[0]
    sys.dont_write_bytecode = False
    for name in os.listdir(folder):
        source = os.path.join(folder, name)
        if name.endswith(".py") and not has_byte_code(source):
            importlib.machinery.SourceFileLoader(name, source).get_code(name)
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None and spec.loader is not None, "Python's own file loader is always there"
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def has_byte_code(source: str) -> bool:
    """Return whether there is byte code of the file as it is now, by its header (PEP 552), all that is read of it."""
    status = os.stat(source)
    numbers = (0, int(status.st_mtime), status.st_size)  # No flags: it is matched by time and size.
    wanted = b"".join((one & 0xFFFFFFFF).to_bytes(4, "little") for one in numbers)
    try:
        with open(importlib.util.cache_from_source(source), "rb") as file:
            return file.read(16) == importlib.util.MAGIC_NUMBER + wanted
    except (OSError, NotImplementedError):
        return False


def start_site() -> None:
    """Do what `-S` has put off, and take the flag back: `subprocess` hands the flags on to every Python it starts.

    `sys.flags` cannot be assigned to; the function that CPython fills it with can still be called.
    """
    import site

    site.main()
    if sys.flags.no_site and sys.implementation.name == "cpython":
        import ctypes

        fill = ctypes.pythonapi.PyStructSequence_SetItem
        fill.argtypes, fill.restype = [ctypes.py_object, ctypes.c_ssize_t, ctypes.py_object], None
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(0))  # It takes over a reference.
        fill(sys.flags, NO_SITE, 0)


def look_like_python_m(original_root: str, root: str) -> None:
    """Set `sys.path` as `python -m pytest` would in the project's root, wherever the run sees it."""
    os.chdir(root)
    if root != original_root:
        sys.path[:] = [relocated(entry, original_root, root) for entry in sys.path]
    if not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, root)


def relocated(entry: str, original_root: str, root: str) -> str:
    """Return the copy's folder for one inside the project (an editable install, PYTHONPATH), if the copy has it."""
    if entry == original_root or entry.startswith(original_root + os.sep):
        copied = root + entry[len(original_root) :]
        if os.path.exists(copied):
            return copied
    return entry


def unusable_pytest() -> Dict[str, str]:
    """Return why this interpreter's pytest cannot be used, nothing if it can."""
    try:
        import pytest
    except ImportError as error:
        return {"kind": "no-pytest", "message": str(error)}
    version = getattr(pytest, "version_tuple", (0,))
    if version < (7,):
        return {"kind": "old-pytest", "message": str(pytest.__version__)}
    return {}


if __name__ == "__main__":
    main()
