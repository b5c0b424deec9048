"""The language server: what each message of the life cycle does, and where the others go.

`Server` is the endpoint that `protocol` calls. The messages about documents go to `editing`, those about folders,
settings and files to `workspace`; everything else that a client can ask for is a feature (`features/registry.py`).
`serve` runs a server on a transport until it is over, and returns the exit code.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types

from .capabilities import registrations, server_capabilities
from .clients import client_features, negotiated_encoding
from .dispatch import Dispatcher
from .documents import path_of_uri, uri_of_path
from .editing import Editing
from .features.registry import load_features
from .link import Link
from .parent import watch_parent
from .progress_bars import ProgressBars
from .protocol import Protocol, Request
from .publishing import Publisher
from .repairs import Repairs
from .session import Session
from .transport import Channel, Transport
from .trust import said_in_options
from .workspace import Workspace

logger = logging.getLogger(__name__)

NAME = "tracemend"
CLOSING_TIME_S = 4.0  # For the processes of all folders to end; what is left then dies with this process.
SENDING_TIME_S = 1.0
TRUST_METHOD = "tracemend/didChangeTrust"


def serve(transport: Transport) -> int:
    """Serve one client until it leaves, and return the exit code that LSP asks for."""
    return asyncio.run(_serve(transport))


class Server:
    """One client's server. Event loop only."""

    def __init__(self, send: Callable[[bytes], None], loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.exit_code: asyncio.Future[int] = loop.create_future()
        self.protocol = Protocol(send, self)
        self._link = Link(self.protocol, loop)
        self._session = Session(self._link)
        self._bars = ProgressBars(self._link)
        self._workspace = Workspace(self._session, self._link, self._bars, loop)
        self._editing = Editing(self._session, self._workspace, loop)
        self._registry = load_features()
        self._dispatcher = Dispatcher(self._registry, self._session, self._link, self._bars)
        self._publisher = Publisher(self._session, self._link, loop)
        self._session.publisher = self._publisher
        self._session.repairs = Repairs(self._session)
        self._folders: list[tuple[str, str]] = []
        self._listeners = self._make_listeners()

    def initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        """Take what the client is and has; nothing is started before it says `initialized`."""
        client = client_features(params)
        encoding = negotiated_encoding(params)
        self._session.client = client
        self._session.documents.encoding = encoding
        self._session.changed()
        self._bars.supported = client.work_done_progress
        options = params.initialization_options
        self._workspace.trusted_by_client = said_in_options(options)
        self._workspace.initial_settings(options.get("settings") if isinstance(options, Mapping) else None)
        self._folders = _folders_of(params)
        if params.process_id is not None:
            watch_parent(params.process_id, self._loop, self._parent_died)
        return types.InitializeResult(
            server_capabilities(self._registry, params.capabilities, client, encoding),
            types.ServerInfo(NAME, version("tracemend")),
        )

    def request(self, request: Request, params: Any) -> None:
        """Have a feature answer."""
        self._dispatcher.request(request, params)

    def notification(self, method: str, params: Any) -> None:
        """Do what the message says."""
        listener = self._listeners.get(method)
        if listener is not None:
            listener(params)
        else:
            self._dispatcher.notification(method, params)

    def malformed_notification(self, method: str, params: Any) -> None:
        """An edit that cannot be read is an edit that is missing from our text."""
        if method != types.TEXT_DOCUMENT_DID_CHANGE or not isinstance(params, Mapping):
            return
        identifier = params.get("textDocument")
        uri = identifier.get("uri") if isinstance(identifier, Mapping) else None
        if isinstance(uri, str):
            self._session.documents.mark_out_of_step(uri, "a change could not be read.")
            self._session.publish()

    def shutdown(self) -> None:
        """End all work; the processes of the folders end while the client is already told."""
        self._session.jobs.cancel_all()
        self._editing.stop()
        self._publisher.close()
        if self._session.repairs is not None:
            self._session.repairs.close()
        self._session.static.close()
        self._session.completions.close()
        self._workspace.close()

    def exit(self, code: int) -> None:
        """Leave with `code`, the first one that is said."""
        if not self.exit_code.done():
            self.exit_code.set_result(code)

    def connection_ended(self) -> None:
        """Leave because the client is gone; it was meant to only if it had said `shutdown`."""
        self.exit(self.protocol.exit_code)

    def join(self) -> None:
        """Wait for everything to end, for `CLOSING_TIME_S` at most. Blocks; nothing is served any more."""
        self.shutdown()
        self._workspace.join(self._loop.time() + CLOSING_TIME_S)

    def _parent_died(self) -> None:
        logger.warning("The client's process has ended; so does the server.")
        self.exit(1)

    def _make_listeners(self) -> Mapping[str, Callable[[Any], None]]:
        """Return what is done for each notification that changes the session."""
        return {
            types.INITIALIZED: self._initialized,
            types.TEXT_DOCUMENT_DID_OPEN: lambda params: self._editing.open(params.text_document),
            types.TEXT_DOCUMENT_DID_CHANGE: self._editing.change,
            types.TEXT_DOCUMENT_DID_SAVE: self._editing.save,
            types.TEXT_DOCUMENT_DID_CLOSE: self._closed,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: lambda params: self._workspace.push_settings(
                params.settings
            ),
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: lambda params: self._workspace.files_changed(
                params.changes
            ),
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: lambda params: self._bars.cancel(params.token),
            TRUST_METHOD: self._trust_changed,
        }

    def _initialized(self, params: types.InitializedParams) -> None:
        """Register what could not be offered before, then open the folders."""
        wanted = registrations(self._registry, self._session.client)
        if wanted:
            self._link.request(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(wanted))
        self._workspace.open_folders(self._folders)
        self._session.publish()

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._publisher.forget(params.text_document.uri)
        self._editing.close(params)

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            self._workspace.close_folder(folder.uri)
        self._workspace.open_folders([(one.uri, one.name) for one in params.event.added])

    def _trust_changed(self, params: Any) -> None:
        trusted = params.get("trusted") if isinstance(params, Mapping) else None
        if isinstance(trusted, bool):
            self._workspace.trust(trusted)


async def _serve(transport: Transport) -> int:
    loop = asyncio.get_running_loop()
    channel = Channel(transport)
    server = Server(channel.send, loop)

    def receive(body: bytes) -> None:
        try:
            if not server.exit_code.done():
                server.protocol.receive(body)
        finally:
            channel.handled()

    def on_body(body: bytes) -> None:
        loop.call_soon_threadsafe(receive, body)

    def on_end() -> None:
        loop.call_soon_threadsafe(server.connection_ended)

    channel.open(on_body, on_end)
    code = await server.exit_code
    server.join()
    channel.close(SENDING_TIME_S)
    return code


def _folders_of(params: types.InitializeParams) -> list[tuple[str, str]]:
    """Return (URI, name) of each folder, from the newest of the three ways to say it that the client knows."""
    if params.workspace_folders:
        return [(one.uri, one.name) for one in params.workspace_folders]
    uri = params.root_uri or (uri_of_path(Path(params.root_path)) if params.root_path else None)
    path = path_of_uri(uri) if uri else None
    return [(uri, path.name)] if uri and path is not None else []
