"""What a virtual environment holds, read from its files: its interpreter is not started, for it may be a stranger's.

A project that was just cloned can bring an environment along, whose `bin/python` may be any program, and whose start runs
any code: by `pyvenv.cfg`, which says where the standard library lies, by `.pth` files, by `sitecustomize`. All that the
oracle needs of an environment stands in its directories (PEP 405, and the documentation of `site`, tell which), but for
the standard library, which is that of the interpreter it was made from. Any other of the same version knows that as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MAX_CONFIGURATION_BYTES = 64_000

_LIBRARIES = re.compile(r"(?P<implementation>python|pypy)(?P<version>\d+\.\d+)t?")
_WINDOWS_SITE = Path("Lib/site-packages")


@dataclass(frozen=True, slots=True)
class VirtualEnvironment:
    """An environment's directory, or that of any installation which keeps packages in the same places."""

    directory: Path
    version: tuple[int, ...]  # As far as it says, (3, 12) or (3, 12, 1).
    implementation: str  # "cpython", "pypy".
    site_packages: tuple[str, ...]
    has_system_packages: bool  # Whether it also sees the packages of the interpreter that it was made from.
    home: Path | None  # Where `pyvenv.cfg` says that interpreter lies; None for what has no such file.


def read_virtual_environment(python: Path) -> VirtualEnvironment | None:
    """Return what the environment of the interpreter `python` holds, None where that is not said by its files."""
    directory = python.absolute().parent.parent
    said = _configuration(directory / "pyvenv.cfg")
    version = _version(said.get("version_info") or said.get("version") or "")
    libraries = _libraries(directory, version[:2])
    if libraries is None:
        return None
    library, implementation, found_version = libraries
    return VirtualEnvironment(
        directory,
        version or found_version,
        implementation,
        (str(library / "site-packages"),) if library.name != "site-packages" else (str(library),),
        said.get("include-system-site-packages", "").lower() == "true",
        Path(said["home"]) if said.get("home") else None,
    )


def _libraries(directory: Path, version: tuple[int, ...]) -> tuple[Path, str, tuple[int, ...]] | None:
    """Return the directory of libraries with what its name says; None if none is there, or several and none is meant."""
    found = []
    for path in sorted((directory / "lib").glob("*")):
        named = _LIBRARIES.fullmatch(path.name)
        if named is not None and path.is_dir():
            implementation = "pypy" if named["implementation"] == "pypy" else "cpython"
            found.append((path, implementation, _version(named["version"])))
    if version and (directory / _WINDOWS_SITE).is_dir() and not found:
        return directory / _WINDOWS_SITE, "cpython", version
    meant = [one for one in found if one[2] == version] if version else found
    return meant[0] if len(meant) == 1 else None


def _configuration(path: Path) -> dict[str, str]:
    """Return the keys and values of `pyvenv.cfg`, lines of "key = value"; empty where there is no such file."""
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            text = file.read(MAX_CONFIGURATION_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _version(written: str) -> tuple[int, ...]:
    """Return the leading numbers of "3.12.1" or "3.12.1.final.0", at most three."""
    leading = re.match(r"\d+(\.\d+){1,2}", written)
    return tuple(int(one) for one in leading[0].split(".")) if leading else ()
