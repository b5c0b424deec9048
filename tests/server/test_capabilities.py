"""What the server offers, and registers later, follows from what the client says about itself."""

from __future__ import annotations

from typing import Any

import pytest
from client_profiles import PROFILES, capabilities_of
from lsprotocol import converters, types

from tracemend.server import publishing  # noqa: F401 - registers the request for diagnostics.
from tracemend.server.capabilities import registrations, server_capabilities
from tracemend.server.clients import client_features, negotiated_encoding
from tracemend.server.features.registry import load_features

_converter = converters.get_converter()


def initialize_params(capabilities: dict[str, Any]) -> types.InitializeParams:
    """Return the params of `initialize` of a client."""
    params = {"processId": None, "rootUri": None, "capabilities": capabilities}
    return _converter.structure(params, types.InitializeParams)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_client_is_offered_what_it_can_use(profile: str) -> None:
    said = capabilities_of(profile)
    params, registry = initialize_params(said), load_features()
    client = client_features(params)
    offered = server_capabilities(registry, params.capabilities, client, negotiated_encoding(params))
    assert offered.hover_provider and offered.code_lens_provider and offered.execute_command_provider
    completes_inline = "inlineCompletion" in (said.get("textDocument") or {})
    assert offered.completion_provider and offered.completion_provider.resolve_provider
    assert (offered.inline_completion_provider is not None) == completes_inline
    workspace = said.get("workspace") or {}
    can_be_told = (workspace.get("diagnostics") or {}).get("refreshSupport", False)
    pulls = "diagnostic" in (said.get("textDocument") or {})
    assert (offered.diagnostic_provider is not None) == (pulls and can_be_told)
    registered = {one.method for one in registrations(registry, client)}
    watches = (workspace.get("didChangeWatchedFiles") or {}).get("dynamicRegistration", False)
    assert (types.WORKSPACE_DID_CHANGE_WATCHED_FILES in registered) == bool(watches)


@pytest.mark.parametrize(
    ("support", "offered", "registered"),
    [(None, False, False), ({}, True, False), ({"dynamicRegistration": True}, False, True)],
)
def test_virtual_documents(support: dict[str, bool] | None, offered: bool, registered: bool) -> None:
    """They are in the answer to `initialize` or registered later, never both."""
    workspace = {} if support is None else {"textDocumentContent": support}
    params, registry = initialize_params({"workspace": workspace}), load_features()
    client = client_features(params)
    capabilities = server_capabilities(registry, params.capabilities, client, "utf-16")
    assert capabilities.workspace is not None
    assert (capabilities.workspace.text_document_content is not None) == offered
    later = {one.method for one in registrations(registry, client)}
    assert (types.WORKSPACE_TEXT_DOCUMENT_CONTENT in later) == registered


@pytest.mark.parametrize(
    ("encodings", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-7", "utf-32"], "utf-32"),
        (["utf-7"], "utf-16"),
    ],
)
def test_the_encoding_is_the_first_of_the_clients_that_we_know(
    encodings: list[str] | None, chosen: str
) -> None:
    params = initialize_params({"general": {"positionEncodings": encodings}} if encodings is not None else {})
    assert negotiated_encoding(params) == chosen
