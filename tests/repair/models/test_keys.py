"""Where keys come from, and where they do not go."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from tracemend.repair.models import keys
from tracemend.repair.models.keys import find_key
from tracemend.repair.models.protocol import ModelSettings


@pytest.mark.parametrize(
    ("base_url", "variable", "key"),
    [
        ("https://api.example/v1", "OPENAI_API_KEY", "k"),
        ("http://127.0.0.1:8000/v1", "OPENAI_API_KEY", "k"),
        ("http://localhost/v1", "OPENAI_API_KEY", "k"),
        ("http://[::1]:8000/v1", "OPENAI_API_KEY", "k"),
        ("http://10.0.0.7/v1", "OPENAI_API_KEY", ""),  # In plain text over a network, by default: no.
        ("http://10.0.0.7/v1", "LAB_KEY", "lab"),  # The user named it for this endpoint.
        ("https://api.example/v1", "NO_SUCH", ""),
    ],
)
def test_keys_of_the_environment(base_url: str, variable: str, key: str) -> None:
    settings = ModelSettings(base_url, "m", api_key_env=variable)
    assert find_key(settings, {"OPENAI_API_KEY": "k", "LAB_KEY": " lab "}) == key


def test_the_keyring_is_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, problems = ModuleType("keyring"), ModuleType("keyring.errors")
    problems.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    ring.get_password = lambda service, host: f"{service}/{host}"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setitem(sys.modules, "keyring.errors", problems)
    monkeypatch.setattr(keys.importlib.util, "find_spec", lambda name: object())
    settings = ModelSettings("https://api.example/v1", "m")
    assert find_key(settings, {}) == "tracemend/api.example"
    assert find_key(settings, {"OPENAI_API_KEY": "k"}) == "k"

    def locked(service: str, host: str) -> str:
        raise problems.KeyringError

    ring.get_password = locked  # type: ignore[attr-defined]
    assert find_key(settings, {}) == ""
