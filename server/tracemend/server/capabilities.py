"""What the server offers, to this client.

The static part follows from the registered features, with pygls' builder turning methods into capabilities. What LSP
lets a server register only later, or what pygls does not know, is registered after `initialized`, where the client can.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from tracemend.analysis.syntax.positions import Encoding

from .clients import ClientFeatures
from .features.registry import Registry

# Code, settings, and the kinds of files that tests are most often about.
WATCHED = "**/*.{py,pyi,toml,ini,cfg,txt,json,yaml,yml,csv}"

_SYNCHRONIZATION = {
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_SAVE,
}


def server_capabilities(
    registry: Registry, capabilities: types.ClientCapabilities, client: ClientFeatures, encoding: Encoding
) -> types.ServerCapabilities:
    """Return the answer to `initialize`."""
    offered = registry.requests.keys() | _SYNCHRONIZATION
    if not serves_pull_diagnostics(client):
        offered -= {types.TEXT_DOCUMENT_DIAGNOSTIC}
    if not client.inline_completion:
        offered -= {types.TEXT_DOCUMENT_INLINE_COMPLETION}
    options: dict[str, Any] = {
        method: feature.options
        for method, feature in registry.requests.items()
        if feature.options is not None
    }
    # The whole text with each save heals a document that is out of step.
    options[types.TEXT_DOCUMENT_DID_SAVE] = types.SaveOptions(include_text=True)
    builder = ServerCapabilitiesBuilder(
        capabilities,
        set(offered),
        options,
        sorted(registry.commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        encoding,
    )
    built: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    content = registry.requests.get(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
    if content is not None and client.text_content and not client.dynamic_text_content:
        assert built.workspace is not None, "pygls' builder says what it does with folders."
        built.workspace.text_document_content = content.options
    return built


def serves_pull_diagnostics(client: ClientFeatures) -> bool:
    """Say whether the client may pull diagnostics: not if it could never be told that they have changed."""
    return client.pull_diagnostics and client.refresh_diagnostics


def registrations(registry: Registry, client: ClientFeatures) -> list[types.Registration]:
    """Return what is registered with the client once the handshake is over."""
    wanted: list[types.Registration] = []
    if client.dynamic_configuration:
        wanted.append(
            types.Registration(
                "tracemend-configuration",
                types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                {"section": "tracemend"},
            )
        )
    if client.dynamic_watched_files:
        watchers = [types.FileSystemWatcher(WATCHED)]
        wanted.append(
            types.Registration(
                "tracemend-files",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        )
    content = registry.requests.get(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
    if client.dynamic_text_content and content is not None:
        wanted.append(
            types.Registration("tracemend-content", types.WORKSPACE_TEXT_DOCUMENT_CONTENT, content.options)
        )
    return wanted
