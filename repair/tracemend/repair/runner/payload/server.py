"""The fork server: holds a warm pytest and serves each request in a fork of itself.

Two stages can be held warm. *collected*: pytest has imported and collected the project, a patch is swapped in (module
`patching`). *imported*: only third-party modules are loaded, and the child runs pytest from its start over a patched
project (module `reload`). A test that is asked for again and again is held at its call (module `holding`), from where
its patches are forked. The server decides nothing: it forks, relays the frames of its child, kills it when told to
or when its frames are malformed, and reports how it ended. Time limits and verdicts are the tool's.

Without fork (`forks=False`) the process serves one request itself and ends; for systems that lack fork, and for the
final confirmation in a process that nothing else has run in.
"""

from __future__ import annotations

import gc
import importlib
import math
import os
import select
import signal
import socket
import sys
import time
import traceback
from functools import partial
from typing import Any, Callable, Collection, Dict, List, NoReturn, Optional, Union

import pytest

from . import channel
from .child import (
    KILLED,
    REAP_S,
    Ending,
    Forked,
    cpu_seconds,
    fork_quietly,
    open_output,
    read_tail,
)
from .hanging import dump_stack_when_killed, dumped_frames, executed_by
from .holding import HELD_S, HOLDER_CPU_S, HeldRun, HeldTest, Holder, Holding
from .operations import OPERATIONS, Context
from .patching import Checkpoint, CodeKey, NotSwappable
from .paths import ProjectPaths
from .plugin import DrivePlugin, describe_collection, pytest_arguments, run_pytest
from .reload import PatchFinder, loaded_from, write_sources
from .rewriting import RewrittenTests
from .start_recorder import StartRecorder
from .warming import holds_project, preload, third_party_modules, warm_up

Emit = Callable[[channel.Message], None]
Perform = Callable[[channel.Message, Emit], None]
Prepare = Callable[[channel.Message], Optional[str]]  # Returns why a patch cannot be swapped in, if so.

POLL_MS = 250
OUTPUT_TAIL, DUMP_TAIL = 4000, 100_000


class Server:
    """One warm stage of one project, and the requests to it."""

    def __init__(self, connection: socket.socket, contained: Any, start: channel.Message) -> None:
        self._connection = connection
        self._contained = contained
        self._start = start
        self._paths = ProjectPaths(contained.root)
        self._children = 0
        self._functions: Collection[CodeKey] = ()
        self._holding: Optional[Holding] = None
        self._checkpoint: Optional[Checkpoint] = None
        self._received: Optional[bytes] = None  # A request that came before the last run had ended.

    def hide_imports(self) -> None:
        """Spare the collector, and the index of the project's functions, all of pytest."""
        if self._start["forks"] and not holds_project(self._paths):
            gc.freeze()

    def run(self) -> None:
        """Warm up as the start message says and serve until the tool has gone."""
        dump_stack_when_killed()
        if self._start["stage"] == "collected":
            self._run_collected()
        else:
            rewritten = RewrittenTests()
            rewritten.install()
            channel.send(self._connection, {"event": "ready"})

            def prepare(request: channel.Message) -> None:
                rewritten.prepare(self._paths.root, request["selection"])

            self._serve(self._perform_from_start, prepare)

    # --- stage "collected" ---------------------------------------------------------------------------------------

    def _run_collected(self) -> None:
        recorder = StartRecorder(self._paths)
        began, began_at = time.perf_counter(), time.time()

        def on_collected(plugin: DrivePlugin, session: pytest.Session) -> None:
            recorder.stop()
            found = describe_collection(plugin, session)
            found["third_party"] = third_party_modules(self._paths)
            found["seconds"] = time.perf_counter() - began
            found["executed"] = [(path, line) for path, line, _ in recorder.executed]
            checkpoint = Checkpoint(self._paths, recorder.executed, began_at)
            self._functions = checkpoint.functions
            warm_up()
            gc.collect()
            gc.freeze()
            if self._contained.level["filesystem"] != "open":
                self._checkpoint = checkpoint
                be_holder = partial(self._be_holder, plugin, checkpoint)
                self._holding = Holding(self._contained, self._connection, be_holder)
            channel.send(self._connection, {"event": "collected", **found})
            self._serve(
                lambda request, emit: self._perform_collected(request, emit, plugin, session, checkpoint),
                lambda request: checkpoint.prepare(request.get("sources") or {}),
            )
            os._exit(0)

        plugin = DrivePlugin(self._paths, on_collected, before_plugins=recorder.start)
        code = run_pytest(self._arguments(self._start["selection"]), plugin)
        channel.send(self._connection, {"event": "refused", "kind": "usage", "code": code})

    def _perform_collected(
        self,
        request: channel.Message,
        emit: Emit,
        plugin: DrivePlugin,
        session: pytest.Session,
        checkpoint: Checkpoint,
    ) -> None:
        """Serve a request in a child that inherits the collected session."""
        use_own_folder(session.config, os.path.join(self._contained.scratch, "run-%d" % self._children))
        context = Context(plugin, request, emit, checkpoint)
        route = "none"
        if request.get("sources"):
            try:
                route = self._swap(context, request["sources"], checkpoint)
            except (NotSwappable, SyntaxError) as reason:
                emit({"reload": str(reason)})
                return
        self._finish(request, context, route)

    def _swap(self, context: Context, sources: Dict[str, str], checkpoint: Checkpoint) -> str:
        loaded = {path: text for path, text in sources.items() if path in checkpoint.filenames}
        late = {path: text for path, text in sources.items() if path not in loaded}
        if not all(path.endswith(".py") for path in late):
            raise NotSwappable("a file that is not Python may have been read while importing")
        new = next((path for path in late if checkpoint.is_new(path)), None)
        if new is not None:
            raise NotSwappable("%s is new, and may have been looked for while importing" % new)
        route = context.install(loaded)
        self._place(sources, late)
        return route

    # --- stage "imported" ----------------------------------------------------------------------------------------

    def _perform_from_start(self, request: channel.Message, emit: Emit) -> None:
        """Serve a request by running pytest from its start over the patched project."""
        sources = request.get("sources") or {}
        finder = self._place(sources, sources)

        def on_collected(plugin: DrivePlugin, session: pytest.Session) -> None:
            use_own_folder(session.config, os.path.join(self._contained.scratch, "run-%d" % self._children))
            context = Context(plugin, request, emit, None)
            emit({"collected": context.tests})
            self._finish(request, context, request.get("route", "reload"))

        plugin = DrivePlugin(self._paths, on_collected, finder.install if finder else None)
        code = run_pytest(self._arguments(request["selection"]), plugin)
        emit({"refused": code})
        os._exit(code or 1)

    # --- both ----------------------------------------------------------------------------------------------------

    def _arguments(self, selection: List[str]) -> List[str]:
        return pytest_arguments(selection, self._start["pytest_args"], self._contained.scratch)

    def _place(self, written: Dict[str, str], served: Dict[str, str]) -> Optional[PatchFinder]:
        """Write the sources where this run has a view of its own, else serve them by an import hook."""
        if self._contained.level["filesystem"] != "open":
            write_sources(self._paths, written)
            if served:  # The times of directories in a scratch view tell neither of new files here nor in the project.
                importlib.invalidate_caches()
            return None
        finder = PatchFinder(self._paths, served)
        if served:
            finder.install()
        return finder

    def _finish(self, request: channel.Message, context: Context, route: str) -> NoReturn:
        """Do what is asked and say so; what pytest would do at the end of its session is nobody's verdict."""
        reply = OPERATIONS[request["op"]](request, context)
        sources = request.get("sources") or {}
        known = context.checkpoint.filenames if context.checkpoint else {}
        loaded = [path for path in sources if path in known]
        if len(loaded) < len(sources):
            loaded = loaded_from(self._paths, sources)
        done = {"done": True, "reply": reply, "route": route, "loaded": loaded, "cpu_s": cpu_seconds()}
        context.emit(done)
        if not self._start["forks"]:
            sys.stdout.flush()
        os._exit(0)

    def _serve(self, perform: Perform, prepare: Prepare) -> None:
        """Answer requests until the tool closes the connection; `prepare` does what later forks profit from too."""
        while True:
            body = self._next_request()
            if body is None:
                return
            request = channel.decode(body)
            if request["op"] == "preload":
                tainted = preload(request["modules"], self._paths)
                channel.send(self._connection, {"event": "preloaded", "tainted": tainted})
            elif request["op"] != "kill":  # A kill that comes too late has nothing to do.
                if not self._start["forks"]:
                    self._serve_here(request, perform)
                    return
                exit_event = self._serve_in_fork(request, perform, prepare)
                channel.send(self._connection, {**exit_event, "event": "exit", "run": request.get("run")})

    def _next_request(self) -> Optional[bytes]:
        """Wait for the next request; a test is held only as long as requests keep coming."""
        body, self._received = self._received, None
        if body is not None:
            return body
        holding = self._holding
        if holding is not None and holding.is_active and not self._hears_within(HELD_S):
            holding.drop()
        return channel.receive_body(self._connection)

    def _hears_within(self, seconds: float) -> bool:
        return bool(select.select([self._connection], [], [], seconds)[0])

    def _serve_here(self, request: channel.Message, perform: Perform) -> None:
        self._contained.limit_run(request["run_cpu_s"])

        def emit(message: channel.Message) -> None:
            self._connection.sendall(channel.frame(channel.CHILD, channel.encode(message)))

        perform(request, emit)

    def _serve_in_fork(self, request: channel.Message, perform: Perform, prepare: Prepare) -> Dict[str, Any]:
        """Serve a request in a fork, and return how that ended."""
        self._children += 1
        self._contained.before_run()
        held = self._holding.hold_for(request) if self._holding is not None else None
        reading, writing = os.pipe()
        output = open_output(self._contained.scratch)
        try:
            child: Union[Forked, HeldRun, str, None] = None
            if held is not None:
                child = self._go_on(held, request, writing, output)
            if child is None:
                child = self._fork(request, perform, prepare, reading, writing, output)
            os.close(writing)
            if isinstance(child, str):
                self._connection.sendall(channel.frame(channel.CHILD, channel.encode({"reload": child})))
                return _described(Ending(0, 0.0), False)
            exit_event = self._supervise(child, reading)
            exit_event["output"] = read_tail(output, OUTPUT_TAIL) if exit_event["code"] != 0 else ""
            if exit_event["signal"] == signal.SIGPROF:
                exit_event["frames"] = dumped_frames(read_tail(output, DUMP_TAIL), self._paths)
                exit_event["spectrum"] = executed_by(exit_event["frames"], self._functions)
            return exit_event
        finally:
            os.close(reading)
            os.close(output)

    def _go_on(
        self, held: HeldTest, request: channel.Message, writing: int, output: int
    ) -> Optional[HeldRun]:
        """Start the run from where `held` stands; None where that would not be exact."""
        assert self._checkpoint is not None, "a test is held after collection"
        packed = held.pack(self._checkpoint, request["sources"])
        if packed is None:
            return None
        write_sources(self._paths, request["sources"])
        return held.begin(request, packed, writing, output)

    def _fork(
        self,
        request: channel.Message,
        perform: Perform,
        prepare: Prepare,
        reading: int,
        writing: int,
        output: int,
    ) -> Union[Forked, str]:
        """Start the run in a child of this process, or return why the patch cannot be swapped in."""
        obstacle = prepare(request)
        if obstacle is not None:
            return obstacle
        sys.stdout.flush()
        sys.stderr.flush()
        pid = fork_quietly()
        if pid == 0:
            os.close(reading)
            self._be_child(request, perform, writing, output)
        return Forked(pid)

    def _be_child(self, request: channel.Message, perform: Perform, writing: int, output: int) -> NoReturn:
        """Serve the request and end; nothing returns from here."""

        def work() -> None:
            self._connection.close()
            os.dup2(output, 1)
            os.dup2(output, 2)
            self._contained.limit_run(request["run_cpu_s"])
            _seed_random()
            perform(request, lambda message: channel.write(writing, message))

        _end_after(work)

    def _be_holder(
        self, plugin: DrivePlugin, checkpoint: Checkpoint, request: channel.Message, control: socket.socket
    ) -> NoReturn:
        """Hold the test of the request, and be each candidate that is forked from there."""

        def work() -> None:
            self._connection.close()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            self._contained.limit_run(HOLDER_CPU_S, will_fork_runs=True)
            _seed_random()
            test = request["tests"][0]
            folder = os.path.join(self._contained.scratch, "run-%d" % self._children)
            use_own_folder(plugin.items[test].config, folder)
            Holder(plugin, checkpoint, self._contained, control).run(test)

        _end_after(work)

    def _supervise(self, child: Union[Forked, HeldRun], reading: int) -> Dict[str, Any]:
        """Relay the child's frames until it ends, or until the tool asks for its end.

        A tool that has heard the verdict need not wait for the end: when its next request comes, this run has `REAP_S`.
        """
        frames = channel.Frames()
        os.set_blocking(reading, False)
        poller = select.poll()
        poller.register(reading, select.POLLIN)
        poller.register(self._connection, select.POLLIN)
        ending: Optional[Ending] = None
        killed = malformed = False
        deadline = math.inf
        while ending is None and not killed and time.monotonic() < deadline:
            ready = [descriptor for descriptor, _ in poller.poll(POLL_MS)]
            if self._connection.fileno() in ready:
                body = channel.receive_body(self._connection)
                if body is None:
                    child.kill()
                    self._after_run()
                    os._exit(0)
                killed = channel.decode(body)["op"] == "kill"
                if not killed:
                    self._received = body
                    poller.unregister(self._connection)
                    deadline = time.monotonic() + REAP_S
            if reading in ready:
                state = self._relay(reading, frames)
                malformed = state == "malformed"
                if state != "open":
                    break
            if not ready:
                ending = child.reap(0.0)
        if killed or malformed:
            child.kill()
        if ending is None:
            ending = child.reap(REAP_S)
        if ending is None:
            child.kill()
            ending = child.reap(REAP_S) or KILLED
        child.end_group()
        self._after_run()
        self._relay(reading, frames)
        return _described(ending, malformed)

    def _after_run(self) -> None:
        if self._holding is not None:
            self._holding.after_run()
        else:
            self._contained.after_run()

    def _relay(self, reading: int, frames: channel.Frames) -> str:
        """Pass on what the child has written: "open", "closed" or "malformed"."""
        while True:
            try:
                data = os.read(reading, 1 << 16)
            except BlockingIOError:
                return "open"
            if not data:
                return "closed"
            try:
                for _, body in frames.feed(data):
                    self._connection.sendall(channel.frame(channel.CHILD, body))
            except channel.Malformed:
                return "malformed"


def _end_after(work: Callable[[], None]) -> NoReturn:
    """End this process after `work`; what goes wrong in it the tool reads in the output."""
    code = 70
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - Nothing may return into the server's own code.
        os.write(2, traceback.format_exc()[-OUTPUT_TAIL:].encode("utf-8", "replace"))
    finally:
        os._exit(code)


def _seed_random() -> None:
    """Make runs repeatable: `random` reseeds itself after a fork."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed(20)


def _described(ending: Ending, malformed: bool) -> Dict[str, Any]:
    """Return how a run ended as the tool reads it."""
    status = ending.status
    return {
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "malformed": malformed,
        "cpu_s": ending.cpu_s,
    }


def use_own_folder(config: pytest.Config, folder: str) -> None:
    """Give `tmp_path` of this run a base folder of its own; made when first used."""
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is not None:
        factory._given_basetemp = type(config.rootpath)(folder)
        factory._basetemp = None
