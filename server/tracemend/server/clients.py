"""What the client can do, looked up once in its capabilities and from then on plain booleans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from tracemend.analysis.syntax.positions import Encoding

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """One boolean for each thing that we do only for clients that can take it."""

    name: str = ""
    # Asking the client.
    apply_edit: bool = False
    configuration: bool = False
    show_document: bool = False
    work_done_progress: bool = False
    # Edits.
    document_changes: bool = False
    change_annotations: bool = False
    # Code actions.
    code_action_literals: bool = False
    code_action_data: bool = False
    code_action_resolve_edit: bool = False
    # Diagnostics.
    pull_diagnostics: bool = False
    related_information: bool = False
    diagnostic_versions: bool = False
    # What the client draws again when told so.
    refresh_code_lenses: bool = False
    refresh_diagnostics: bool = False
    refresh_inlay_hints: bool = False
    # What is registered after the handshake.
    dynamic_configuration: bool = False
    dynamic_watched_files: bool = False
    dynamic_text_content: bool = False
    # Completion.
    insert_replace: bool = False
    markdown_documentation: bool = False
    inline_completion: bool = False
    # Texts.
    text_content: bool = False  # Takes virtual documents.
    markdown_hover: bool = False


def client_features(params: types.InitializeParams) -> ClientFeatures:
    """Return what the client of these `initialize` parameters can do."""
    found = _Capabilities(params.capabilities)
    return ClientFeatures(
        name=params.client_info.name if params.client_info else "",
        apply_edit=found.has("workspace.apply_edit"),
        configuration=found.has("workspace.configuration"),
        show_document=found.has("window.show_document.support"),
        work_done_progress=found.has("window.work_done_progress"),
        document_changes=found.has("workspace.workspace_edit.document_changes"),
        insert_replace=found.has("text_document.completion.completion_item.insert_replace_support"),
        markdown_documentation=types.MarkupKind.Markdown
        in (found.at("text_document.completion.completion_item.documentation_format") or ()),
        inline_completion=found.at("text_document.inline_completion") is not None,
        change_annotations=found.at("workspace.workspace_edit.change_annotation_support") is not None,
        code_action_literals=found.at("text_document.code_action.code_action_literal_support") is not None,
        code_action_data=found.has("text_document.code_action.data_support"),
        code_action_resolve_edit="edit"
        in (found.at("text_document.code_action.resolve_support.properties") or ()),
        pull_diagnostics=found.at("text_document.diagnostic") is not None,
        related_information=found.has("text_document.publish_diagnostics.related_information"),
        diagnostic_versions=found.has("text_document.publish_diagnostics.version_support"),
        refresh_code_lenses=found.has("workspace.code_lens.refresh_support"),
        refresh_diagnostics=found.has("workspace.diagnostics.refresh_support"),
        refresh_inlay_hints=found.has("workspace.inlay_hint.refresh_support"),
        text_content=found.at("workspace.text_document_content") is not None,
        dynamic_configuration=found.has("workspace.did_change_configuration.dynamic_registration"),
        dynamic_watched_files=found.has("workspace.did_change_watched_files.dynamic_registration"),
        dynamic_text_content=found.has("workspace.text_document_content.dynamic_registration"),
        markdown_hover=types.MarkupKind.Markdown in (found.at("text_document.hover.content_format") or ()),
    )


def negotiated_encoding(params: types.InitializeParams) -> Encoding:
    """Return the first encoding of the client's list that we know; UTF-16 is what every client speaks."""
    offered = (params.capabilities.general and params.capabilities.general.position_encodings) or ()
    for one in offered:
        for known in ENCODINGS:
            if one == known:
                return known
    return "utf-16"


class _Capabilities:
    """Dotted access to a tree of optional attributes."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        self._capabilities = capabilities

    def at(self, path: str) -> Any:
        """Return what stands at `path`; None if anything on the way is missing."""
        value: Any = self._capabilities
        for name in path.split("."):
            value = getattr(value, name, None)
            if value is None:
                return None
        return value

    def has(self, path: str) -> bool:
        """Return whether the client says yes at `path`."""
        return bool(self.at(path))
