"""The environment variables that a contained test sees: no secrets, no agents, no proxies, scratch for what is written."""

from __future__ import annotations

import os
import re
from typing import Mapping

_SECRET = re.compile(
    r"PASSWORD|PASSWD|SECRET|CREDENTIAL|(^|_)(TOKEN|KEY|PAT|APIKEY)(_|$)"
    r"|^(AWS|AZURE|GOOGLE|GCP|GCLOUD|DBUS|SSH|GPG)_"
)
_OTHER = frozenset(
    (
        "DOCKER_HOST",
        "CONTAINER_HOST",
        "KUBECONFIG",
        "WAYLAND_DISPLAY",
        "DISPLAY",
        "XAUTHORITY",
        "NETRC",
        "PGPASSFILE",
        "VAULT_ADDR",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "FTP_PROXY",
        "NO_PROXY",
        "XDG_RUNTIME_DIR",
    )
)


def clean_environment(environment: Mapping[str, str], scratch: str) -> dict[str, str]:
    """Return what of `environment` a test may see, with caches and temporary files pointed into `scratch`."""
    kept = {name: value for name, value in environment.items() if not is_secret(name)}
    kept.update(dict.fromkeys(("TMPDIR", "TMP", "TEMP"), scratch))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        kept[name] = f"{scratch}/{name.split('_')[1].lower()}"
    return kept


def is_secret(name: str) -> bool:
    """Return whether a variable of this name may hold a secret or lead to something outside."""
    upper = name.upper()
    return upper in _OTHER or _SECRET.search(upper) is not None


def scrub_environment(scratch: str) -> None:
    """Make this process's environment the clean one."""
    cleaned = clean_environment(os.environ, scratch)
    for name in set(os.environ) - set(cleaned):
        del os.environ[name]
    os.environ.update(cleaned)
