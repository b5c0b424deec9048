"""What editors say about themselves when they shake hands, as plain JSON.

Neovim's, Emacs' and VS Code's come recorded with pytest-lsp. Its VS Code is 1.65, so that `vs code` adds what today's
client says that matters to us; `minimal` is the least that the specification allows.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import converters
from pytest_lsp import client_capabilities

_converter = converters.get_converter()


def capabilities_of(profile: str) -> dict[str, Any]:
    """Return the capabilities of one of `PROFILES`."""
    if profile == "minimal":
        return {}
    found: dict[str, Any] = _converter.unstructure(client_capabilities(RECORDED[profile]))
    if profile == "vs code":
        for group, members in TODAYS_VS_CODE.items():
            found[group] = {**(found.get(group) or {}), **members}
    return found


RECORDED = {
    "vs code": "visual-studio-code",
    "neovim 0.7": "neovim@v0.7.0",
    "neovim 0.11": "neovim@v0.11.0",
    "emacs": "emacs",
}
PROFILES = [*RECORDED, "minimal"]

_REFRESH = {"refreshSupport": True}
TODAYS_VS_CODE = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "codeLens": _REFRESH,
        "configuration": True,
        "diagnostics": _REFRESH,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
        "inlayHint": _REFRESH,
        "textDocumentContent": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
    "textDocument": {
        "inlineCompletion": {"dynamicRegistration": True},
        "diagnostic": {"dynamicRegistration": True, "relatedDocumentSupport": False},
        "inlayHint": {"dynamicRegistration": True, "resolveSupport": {"properties": ["tooltip"]}},
    },
}
