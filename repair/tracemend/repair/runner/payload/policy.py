"""What containment is asked for, and the refusal when it cannot be had."""

from __future__ import annotations

import base64
import os
from typing import Any, Mapping, NamedTuple, Optional, Tuple


class ContainmentError(Exception):
    """Containment was required and cannot be had; the message says what is missing and what to do."""


class Policy(NamedTuple):
    """The fields of `settings.RunnerSettings` that concern containment, and the two directories."""

    root: str  # The project.
    scratch: str  # A private, empty directory.
    mode: str  # "require", "auto" or "off".
    network: str  # "none", "loopback" or "open".
    memory_bytes: int
    max_processes: int
    file_bytes: int
    force_tier: Optional[str]
    extra_writable: Tuple[str, ...]
    files: Mapping[str, str]  # Project-relative path -> content in base64, seen in place of the project's.


def read_policy(values: Mapping[str, Any]) -> Policy:
    """Fill what `values` leaves out with cautious defaults."""
    return Policy(
        root=os.path.abspath(values["root"]),
        scratch=os.path.abspath(values["scratch"]),
        mode=values.get("mode", "auto"),
        network=values.get("network", "none"),
        memory_bytes=values.get("memory_bytes", 4 << 30),
        max_processes=values.get("max_processes", 256),
        file_bytes=values.get("file_bytes", 256 << 20),
        force_tier=values.get("force_tier"),
        extra_writable=tuple(values.get("extra_writable", ())),
        files=values.get("files", {}),
    )


def write_files(policy: Policy, root: str) -> None:
    """Write the policy's files into the scratch view at `root`."""
    for relative, content in policy.files.items():
        path = os.path.normpath(os.path.join(root, relative))
        if not path.startswith(root + os.sep):
            raise OSError(22, f"{relative!r} is not a path inside of the project")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))
