"""The process that answers at the cursor: `python -m tracemend.server.completion_worker`, started by `completions`.

One thread serves names, in the order of the questions, and learns the words of the workspace while nobody asks. Questions
to a model take their time and go to a thread of their own (`completion_inline`). A question that was cancelled is passed
over. The end of stdin is the end.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tracemend.analysis.garbage import GarbagePauses
from tracemend.repair.completion.descriptions import described
from tracemend.repair.completion.names import suggest, type_at
from tracemend.repair.completion.ngrams import NgramModel
from tracemend.repair.records import from_json
from tracemend.repair.runner.environment import EnvironmentProblem

from .completion_inline import InlineDesk
from .completion_messages import CompletionProject, DescriptionAnswer, HeldText, NamesAnswer, Question
from .completion_post import Post
from .static_messages import StaticProject
from .static_worker import reviewer_of

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer
    from tracemend.analysis.types.document import Document

logger = logging.getLogger(__name__)

KEPT_DOCUMENTS = 8


def main() -> None:
    """Serve until stdin ends."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lines = sys.stdin.buffer
    project = from_json(CompletionProject, json.loads(lines.readline()))
    post = Post(output)
    try:
        reviewer = reviewer_of(StaticProject(project.root, project.choice, project.trusted))
    except EnvironmentProblem:
        return  # The live project tells the user about it.
    inline = InlineDesk(project, reviewer, post)
    names = NameDesk(reviewer, post)
    for desk in (inline, names):
        threading.Thread(target=desk.serve, daemon=True).start()
    for line in lines:
        ((kind, content),) = json.loads(line).items()
        if kind == "cancel":
            names.cancel(content)
            inline.cancel(content)
        elif kind == "text":
            names.put(from_json(HeldText, content))
        else:
            question = from_json(Question, content)
            (inline if question.kind == "inline" else names).put(question)
    os._exit(0)


class NameDesk:
    """Answers which names may stand somewhere, and what they are."""

    def __init__(self, reviewer: Reviewer, post: Post) -> None:
        self._reviewer = reviewer
        self._post = post
        self._model = NgramModel()
        self._waiting: queue.SimpleQueue[HeldText | Question] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def put(self, message: HeldText | Question) -> None:
        """Take a text or a question. From any thread."""
        self._waiting.put(message)

    def cancel(self, number: int) -> None:
        """Take note that nobody waits for an answer any more. From any thread."""
        self._cancelled.add(number)

    def serve(self) -> None:
        """Answer for ever; learn a file of the workspace whenever nothing waits."""
        lessons: Iterator[None] | None = self._lessons()
        garbage = GarbagePauses()
        while True:
            if self._waiting.empty():
                garbage.pause()
            try:
                message = self._waiting.get(block=lessons is None)
            except queue.Empty:
                if lessons is not None and next(lessons, self) is self:
                    lessons = None
                continue
            if isinstance(message, HeldText):
                self._hold(message)
            elif message.id not in self._cancelled:
                self._answer_surely(message)
            else:
                self._cancelled = {one for one in self._cancelled if one > message.id}

    def _lessons(self) -> Iterator[None]:
        """Read what questions will need, piece by piece: the facts of the workspace, then its words."""
        index = self._reviewer.index
        index.workspace_facts()
        for path in sorted(map(str, index.workspace_files())):
            yield
            text = index.text(path)
            if text is not None:
                self._model.update(path, text)

    def _hold(self, held: HeldText) -> None:
        self._reviewer.update(Path(held.path), held.text)
        self._model.update(held.path, self._reviewer.index.text(held.path))

    def _answer_surely(self, question: Question) -> None:
        """Answer with nothing where the oracle stumbles over a text, for the next question may be another's."""
        try:
            self._answer(question)
        except Exception:
            logger.exception("A question about %s failed", question.kind)
            if question.kind == "names":
                nothing = NamesAnswer(question.id, question.offset, question.offset, (), incomplete=False)
                self._post.send("names", nothing)
            else:
                self._post.send("description", DescriptionAnswer(question.id, "", ""))

    def _answer(self, question: Question) -> None:
        document = self._document(question)
        if question.kind == "names":
            found = suggest(self._reviewer.oracle, document, question.offset, self._model)
            rows = tuple((one.name, one.insert, one.kind) for one in found.names)
            self._post.send("names", NamesAnswer(question.id, found.start, found.end, rows, found.incomplete))
        else:
            type_ = type_at(self._reviewer.oracle, document, question.offset, question.name)
            about = described(self._reviewer.oracle, question.name, type_) if type_ is not None else None
            answer = DescriptionAnswer(question.id, about.detail, about.documentation) if about else None
            self._post.send("description", answer or DescriptionAnswer(question.id, "", ""))

    def _document(self, question: Question) -> Document:
        """Return the document with this text, made from its last state, whose unchanged parts are taken over."""
        last = self._documents.pop(question.path, None)
        if last is None:
            document = self._reviewer.document(Path(question.path), question.text)
        else:
            document = last if last.text == question.text else last.edited(question.text)
        self._documents[question.path] = document
        while len(self._documents) > KEPT_DOCUMENTS:
            self._documents.popitem(last=False)
        return document


if __name__ == "__main__":
    main()
