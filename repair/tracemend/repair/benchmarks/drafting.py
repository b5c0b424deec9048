"""First drafts of programs that are to be written: from a model, or from a file of samples made elsewhere."""

from __future__ import annotations

import ast
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tracemend.repair.models.protocol import Answer, Message
from tracemend.repair.propose.answers.blocks import clean_answer, code_blocks

from .jsonl import read_objects, text_of
from .tasks import BadTask, BenchTask

MAX_DRAFT_TOKENS = 1_024
SYSTEM = (
    "You write Python. Answer with one Python code block that holds the whole function and what it imports."
)


class Chats(Protocol):
    """The part of an `Endpoint` that drafting needs."""

    def chat(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.2,
        seed: int | None = None,
        cancel: threading.Event | None = None,
    ) -> Answer: ...


def draft(
    endpoint: Chats, task: BenchTask, sample: int, *, cancel: threading.Event, temperature: float
) -> tuple[str, Answer]:
    """Ask for one program and return it with the answer that it stood in. Raises `ModelError`."""
    messages = [Message("system", SYSTEM), Message("user", task.prompt)]
    answer = endpoint.chat(
        messages, max_tokens=MAX_DRAFT_TOKENS, temperature=temperature, seed=sample, cancel=cancel
    )
    return program_of(task, answer.text), answer


def program_of(task: BenchTask, text: str) -> str:
    """Return the program that an answer, or a bare completion of the prompt, makes."""
    blocks = [one.code for one in code_blocks(clean_answer(text))]
    whole = [code for code in blocks if _defines(code, task.entry_point)]
    if whole:
        return _ended(f"{_before_function(task)}{max(whole, key=len)}")
    if task.preamble:
        return _ended(f"{task.preamble}{text}")
    return _ended(max(blocks, key=len, default=text))


def read_drafts(path: Path, tasks: Mapping[str, BenchTask]) -> dict[str, list[str]]:
    """Return the programs of a file of samples, by task: {"task_id", "completion" or "solution"} a line.

    That is what the tools of HumanEval and EvalPlus read. Raises `BadTask`.
    """
    drafts: dict[str, list[str]] = {}
    for where, sample in read_objects(path):
        name = str(sample.get("task_id", ""))
        task = tasks.get(name) or tasks.get(f"mbpp/{name}")
        if task is None:
            raise BadTask(f"{where}: there is no task {name!r} in the benchmark.")
        text = text_of(sample, "solution" if "solution" in sample else "completion", where)
        drafts.setdefault(task.id, []).append(program_of(task, text))
    return drafts


def _ended(program: str) -> str:
    return program if program.endswith("\n") else f"{program}\n"


def _defines(code: str, name: str) -> bool:
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return False
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name for node in body)


def _before_function(task: BenchTask) -> str:
    """Return the imports and helpers of the prompt, which an answer often takes for granted."""
    return task.preamble.partition(f"def {task.entry_point}(")[0]
