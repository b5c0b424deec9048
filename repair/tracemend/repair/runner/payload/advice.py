"""What to do where containment falls short, for the refusal of a run and for `tracemend doctor` alike."""

from __future__ import annotations

import os


def next_step() -> str:
    """Name the setting that most likely stands in the way."""
    if _kernel_setting("apparmor_restrict_unprivileged_userns") == "1":
        return (
            "Ubuntu keeps programs from making user namespaces: run"
            " `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or switch containment off."
        )
    if _kernel_setting("unprivileged_userns_clone") == "0":
        return "Allow user namespaces with `sudo sysctl -w kernel.unprivileged_userns_clone=1`."
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return (
            "In a container, start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
            " so that namespaces can be made."
        )
    return "Use Linux 5.13 or newer with user namespaces or Landlock switched on."


def _kernel_setting(name: str) -> str:
    try:
        with open(f"/proc/sys/kernel/{name}", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""
