"""Finding the code in an answer: fences of every make, chat tokens, prose around it, and fences that never end.

An answer is read as Markdown as far as it is Markdown. Models close fences late, early or never, indent them in lists,
write code behind the fence's language, wrap code in their template's own tokens, or write no fence at all.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

# What ends a turn in a chat template; behind it comes only what the model imagines that others say.
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|eot_id|endoftext|end|EOT|end_of_text)\|>|</s>|<end_of_turn>|\[INST\]"
)
_CHAT_TOKEN = re.compile(
    r"<\|(?:im_start|start_header_id)\|>\s*(?:assistant)?|<\|(?:end_header_id|assistant|begin_of_text)\|>"
    r"|<start_of_turn>(?:model)?|<s>|\[/INST\]|<bos>"
)
_THINKING = re.compile(r"<(?P<tag>think|thinking|reasoning|scratchpad)>", re.IGNORECASE)
_UNCLOSED_THINKING = re.compile(r"\A\s*<(?:think|thinking|reasoning|scratchpad)>", re.IGNORECASE)
_TAGGED_START = re.compile(
    r"^[ \t]*(?:\[PYTHON\]|<code>|<python>|<answer>)[ \t]*", re.MULTILINE | re.IGNORECASE
)
_TAGGED_END = re.compile(
    r"(?<![ \t])[ \t]*(?:\[/PYTHON\]|</code>|</python>|</answer>)[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
_FENCE = re.compile(
    r"^(?P<indent>[ \t]*(?:[-*+>][ \t]+|\d+[.)][ \t]+)?)(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$"
)
_CODE_START = re.compile(r"(?:@\w|(?:async\s+)?def\s|class\s|import\s|from\s+[\w.]+\s+import\s|<<<<<)")
_PATH = re.compile(r"(?<![\w/.-])(?P<path>[\w./-]+\.pyi?)\b")
_PATH_LINE_LIMIT = 120
MAX_LINES = 3000  # Of an answer; a model that repeats itself to no end says nothing new after them.
MAX_STARTS = 60  # Places where code without a fence may begin.
MAX_BLOCKS = 60
MAX_CLOSERS = 8  # Lines that may close one fence.
MAX_CUTS = 30  # Errors before which code may end.


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of code in an answer. `path` is the file that the answer names for it, "" if none."""

    code: str
    language: str = ""
    path: str = ""


def clean_answer(text: str) -> str:
    """Return the answer without chat tokens, private reasoning and invisible characters, lines ended by "\\n"."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    text = "\n".join(text.split("\n")[:MAX_LINES])
    text = _without_thinking(text)
    text = _UNCLOSED_THINKING.sub("", text)
    text = _CHAT_TOKEN.sub("", text)
    ended = _END_OF_TURN.search(text)
    if ended is not None and text[: ended.start()].strip():
        text = text[: ended.start()]
    text = _END_OF_TURN.sub("", text)
    return _from_json(_tags_as_fences(text))


def code_blocks(answer: str) -> tuple[Block, ...]:
    """Return the pieces of code of a cleaned `answer`, in order: what is fenced, else what reads as Python."""
    fenced = tuple(one for one in islice(_fenced(answer), MAX_BLOCKS) if one.code.strip())
    if fenced and not _is_code_around_fences(answer):
        return fenced
    bare = _unfenced(answer)
    return (Block(bare, path=_path_in(answer.split(bare)[0])),) if bare else ()


def prose_before_code(answer: str) -> str:
    """Return what an answer says before its first piece of code."""
    lines = clean_answer(answer).split("\n")
    starts = (at for at, line in enumerate(lines) if _FENCE.match(line) or _CODE_START.match(line.strip()))
    return "\n".join(lines[: next(starts, len(lines))]).strip()


def longest_python(lines: list[str]) -> str:
    """Return the longest head of `lines` that parses, "" where none with a statement does.

    What follows the code of a fence that was never closed is prose, which nearly never parses. Python reads from left to
    right, so that no head with the line of an error in it can be better.
    """
    end = len(lines)
    for _ in range(MAX_CUTS):
        while end > 0 and not lines[end - 1].strip():
            end -= 1
        if not end:
            break
        try:
            ast.parse("\n".join(lines[:end]))
        except SyntaxError as error:
            end = min(end - 1, max(0, (error.lineno or 1) - 1))
        except (ValueError, RecursionError, MemoryError):
            return ""
        else:
            return "\n".join(lines[:end])
    return ""


def _without_thinking(text: str) -> str:
    """Leave away what stands between tags of private reasoning, in one pass: a model may open thousands."""
    kept: list[str] = []
    position = 0
    unclosed: set[str] = set()
    for opening in _THINKING.finditer(text):
        tag = opening["tag"].lower()
        if opening.start() < position or tag in unclosed:
            continue
        closing = re.compile(f"</{tag}>", re.IGNORECASE).search(text, opening.end())
        if closing is None:
            unclosed.add(tag)
        else:
            kept.append(text[position : opening.start()])
            position = closing.end()
    return "".join([*kept, text[position:]])


def _fenced(answer: str) -> Iterator[Block]:
    lines = answer.split("\n")
    position = 0
    while position < len(lines):
        opening = _FENCE.match(lines[position])
        if opening is None:
            position += 1
            continue
        start = position
        end, position = _closing(lines, position, opening)
        body = _undented(lines[start + 1 : end], opening["indent"])
        before = "\n".join(lines[max(0, start - 2) : start])
        block = _block(opening["info"].strip(), body, before)
        yield _without_trailing_prose(block) if end == len(lines) else block


def _closing(lines: list[str], start: int, opening: re.Match[str]) -> tuple[int, int]:
    """Return where the code of a fence ends, and where to read on.

    It ends at the first closing line, or at a later one where only that makes the code whole: a docstring may hold
    fences of its own. Without any, it ends where the next fence opens, or runs to the end.
    """
    mark = opening["mark"]
    closers: list[int] = []
    inner = 0  # Fences that were opened inside, as far as they are not closed.
    outermost: int | None = None
    for number in range(start + 1, len(lines)):
        bare = lines[number].strip().lstrip("> ")
        again = _FENCE.match(lines[number])
        if bare and set(bare) == {mark[0]} and len(bare) >= len(mark):
            closers.append(number)
            outermost = number if not inner and outermost is None else outermost
            inner = max(0, inner - 1)
        elif again and again["info"].strip():
            if not again["indent"] and not closers:
                return number, number
            inner += 1
    tried = closers[:MAX_CLOSERS]
    whole = (one for one in tried if _parses(textwrap.dedent("\n".join(lines[start + 1 : one]))))
    closer = next(whole, outermost)
    return (len(lines), len(lines)) if closer is None else (closer, closer + 1)


def _undented(lines: list[str], indent: str) -> list[str]:
    """Take from each line what stands before the fence: the indentation of a list, or the sign of a quotation."""
    if indent.strip().startswith(">"):
        return [re.sub(r"^[ \t]*> ?", "", line) for line in lines]
    width = len(indent) if not indent.strip() else len(indent.expandtabs(4))
    if not width or not all(line[:width].strip() == "" for line in lines if line.strip()):
        return lines
    return [line[width:] for line in lines]


def _block(info: str, body: list[str], before: str) -> Block:
    language, _, rest = info.partition(" ")
    language, _, attached = language.partition(":")
    code_on_fence = next((one for one in (rest, info) if _CODE_START.match(one.strip())), "")
    if code_on_fence:
        body = [code_on_fence.strip() if code_on_fence is not info else info, *body]
    path = _path_in(attached) or _path_in(rest) or _path_in(language) or _path_in(before)
    return Block("\n".join(body), language.lower(), path or _path_comment(body))


def _path_in(text: str) -> str:
    """Return the last path that the last lines of `text` name, in a heading or a line of its own."""
    for line in reversed(text.strip().split("\n")[-2:]):
        found = _PATH.findall(line) if len(line) <= _PATH_LINE_LIMIT else []
        if found:
            return str(found[-1])
    return ""


def _path_comment(body: list[str]) -> str:
    first = next((line for line in body if line.strip()), "")
    return _path_in(first) if first.startswith("#") else ""


def _without_trailing_prose(block: Block) -> Block:
    lines = block.code.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    code = "\n".join(lines)
    if "<<<<<" in code or _parses(textwrap.dedent(code)):
        return Block(code, block.language, block.path)
    return Block(longest_python(lines) or code, block.language, block.path)


def _is_code_around_fences(answer: str) -> bool:
    """Say whether the fences of an answer stand in docstrings of code that has none around it."""
    lines = answer.split("\n")
    first = next((at for at, line in enumerate(lines) if _FENCE.match(line)), len(lines))
    starts = (at for at, line in enumerate(lines[:first]) if _CODE_START.match(line))
    start = next(starts, None)
    return start is not None and first - start < longest_python(_shifted(lines[start:])).count("\n")


def _unfenced(answer: str) -> str:
    """Return the definitions in an answer without fences: from the first line of code as far as it parses."""
    if "<<<<<" in answer:
        return answer
    lines = answer.split("\n")
    starts = [number for number, line in enumerate(lines) if _CODE_START.match(line.strip())][:MAX_STARTS]
    best = ""
    covered = 0
    for start in starts:
        if start < covered:
            continue
        head = longest_python(_shifted(lines[start:]))
        if re.search(r"^[ \t]*(?:(?:async\s+)?def|class)\s", head, re.MULTILINE):
            best = f"{best}\n\n{head}" if best else head
            covered = start + head.count("\n") + 1
    return best


def _shifted(lines: list[str]) -> list[str]:
    """Take the first line's indentation from all lines that have it."""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _tags_as_fences(text: str) -> str:
    """Write the code tags of some models' training data as fences, where the answer has none."""
    if "```" in text or "~~~" in text or not _TAGGED_START.search(text):
        return text
    return _TAGGED_END.sub("\n```", _TAGGED_START.sub("```python\n", text))


def _from_json(text: str) -> str:
    """Return the code of an answer that is one JSON object with the code in one of its values."""
    stripped = text.strip()
    if not stripped.startswith("{"):
        return text
    try:
        value = json.loads(stripped)
    except (ValueError, RecursionError):
        return text
    texts = [one for one in value.values() if isinstance(one, str)] if isinstance(value, dict) else []
    return next((one for one in texts if re.search(r"\bdef\s|\bclass\s|<<<<<", one)), text)


def _parses(code: str) -> bool:
    try:
        return bool(ast.parse(code).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
