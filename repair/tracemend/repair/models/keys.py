"""Where an endpoint's key comes from: the environment, else the system's keyring. Never from a file of the project.

A key in the variable that every OpenAI client reads by default was not necessarily meant for this endpoint, so over
plain HTTP it leaves this machine only if the user names the variable in `model-api-key-env`, which only a user can.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from .protocol import DEFAULT_KEY_VARIABLE, ModelSettings

KEYRING_SERVICE = "tracemend"


def find_key(settings: ModelSettings, environment: Mapping[str, str] = os.environ) -> str:
    """Return the key for the endpoint, an empty text if there is none or it must not be sent there."""
    key = environment.get(settings.api_key_env, "").strip()
    if key and settings.api_key_env == DEFAULT_KEY_VARIABLE and not is_private_channel(settings.base_url):
        return ""
    if key or is_loopback(settings.base_url):
        return key
    return _from_keyring(host_of(settings.base_url))


def is_private_channel(base_url: str) -> bool:
    """Say whether nobody between here and the endpoint can read along."""
    return base_url.startswith("https:") or is_loopback(base_url)


def is_loopback(base_url: str) -> bool:
    """Say whether the endpoint is on this machine."""
    host = host_of(base_url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(base_url: str) -> str:
    """Return the name of the endpoint's machine, nothing if the address is none."""
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""


def _from_keyring(host: str) -> str:
    """Ask the keyring for the password of `host` under the service `tracemend`, if there is a keyring at all."""
    if not host or importlib.util.find_spec("keyring") is None:
        return ""
    keyring = importlib.import_module("keyring")
    errors = importlib.import_module("keyring.errors")
    try:
        return keyring.get_password(KEYRING_SERVICE, host) or ""
    except errors.KeyringError:  # Locked, or no backend: as if nothing was stored.
        return ""
