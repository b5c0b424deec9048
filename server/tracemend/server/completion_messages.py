"""What the server and its completion worker say to each other, one JSON object a line.

To the worker go a `CompletionProject`, and from then on {"text": HeldText}, {"question": Question} and {"cancel": id}; back
come {"names": NamesAnswer}, {"description": DescriptionAnswer} and {"inline": InlineAnswer}, each once for its question.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from tracemend.repair.completion.options import InlineOptions
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.runner.environment import Choice

QuestionKind = Literal["names", "description", "inline"]


@dataclass(frozen=True, slots=True)
class CompletionProject:
    """The first line: which project, and the model that writes there as `model_row` has it, "" for none."""

    root: str
    choice: Choice
    trusted: bool
    model: str = ""
    options: InlineOptions = field(default_factory=InlineOptions)


@dataclass(frozen=True, slots=True)
class HeldText:
    """A text that the editor holds; None says that what is on disk counts, which may have changed."""

    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What may stand at `offset` of `text`, or what the name there is.

    `delay_s` is how long a model is not asked yet, so that it is not for every key.
    """

    id: int
    kind: QuestionKind
    path: str
    text: str
    offset: int
    name: str = ""
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class NamesAnswer:
    """Names for the characters [start, end) of the text, the likeliest first: (name, what to insert, kind) each."""

    id: int
    start: int
    end: int
    names: tuple[tuple[str, str, str], ...]
    incomplete: bool


@dataclass(frozen=True, slots=True)
class DescriptionAnswer:
    """What a name is."""

    id: int
    detail: str
    documentation: str


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What a model writes at the offset of the question, "" for nothing.

    `problem` says, for the user, why the model cannot be asked; `verdict` what checking the text came to.
    """

    id: int
    text: str = ""
    model: str = ""
    verdict: str = ""
    problem: str = ""


def model_row(settings: ModelSettings | None) -> str:
    """Return a model's settings as text, "" for none."""
    if settings is None:
        return ""
    return json.dumps({**asdict(settings), "cassette": str(settings.cassette or "")})


def model_of_row(row: str) -> ModelSettings:
    """Return the settings that `model_row` made a text of."""
    content = json.loads(row)
    return ModelSettings(
        **{**content, "cassette": Path(content["cassette"]) if content["cassette"] else None}
    )


Reply = NamesAnswer | DescriptionAnswer | InlineAnswer
REPLIES: dict[str, type[NamesAnswer | DescriptionAnswer | InlineAnswer]] = {
    "names": NamesAnswer,
    "description": DescriptionAnswer,
    "inline": InlineAnswer,
}
