"""Training data out of journals: what was proven, what looked like it and was not, and the way that led there.

Three projections, each a line of JSON with everything it takes to judge the row: `sft` (a conversation that ends in a repair
which a fresh process confirmed), `preference` (such a repair beside another candidate for the same failure that did not
hold) and `trajectory` (all that was tried for one failure, in order, with what came of it). Every row names its verdict,
its author, its lineage and the command that replays it, and texts are scrubbed once more, of personal traces as well.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from shlex import join
from typing import Any, Literal

from tracemend.repair.memory.shapes import Excerpt, excerpt_of
from tracemend.repair.patch import FileChange

from .scrubbing import scrub_values
from .story import TEMPLATES, FailureStory, JobStory, Tried

Format = Literal["sft", "preference", "trajectory"]

LAYOUT = "tracemend-export/1"
MAX_REJECTED = 4  # Rejected candidates for each chosen one.
MAX_SILENT = 50  # Candidates without any effect in one trajectory.
_NEVER_RUN = frozenset({"unusable", "violation", "duplicate"})  # What a model wrote and nobody tried.
SYSTEM = "You repair Python functions. Answer with the whole corrected function in one Python code block."
_REWARDS = {"plausible": 0.5, "progress": 0.2}  # A candidate that stands has 1, any other 0.
# Of candidates that do not hold, those that came closest teach most.
_TEMPTING = {"plausible": 0, "refused": 1, "regressed": 2, "progress": 3, "changed": 4}


def project_jobs(stories: Iterable[JobStory], wanted: Format, licence: str = "") -> Iterator[dict[str, Any]]:
    """Yield the rows of all jobs; what two jobs have alike comes once. `licence` is a note for all rows."""
    project = {"sft": _sft_rows, "preference": _preference_rows, "trajectory": _trajectory_rows}[wanted]
    seen: set[str] = set()
    for story in stories:
        note = licence or licence_note(Path(story.root))
        for failure in story.failures.values():
            for row in project(story, failure):
                key = _digest(row["content"])
                if key not in seen:
                    seen.add(key)
                    yield _finished(row, story, failure, note)


def licence_note(root: Path) -> str:
    """Say under which licence the code of a project stands, as far as the project says so itself."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("project", {})
        said = project.get("license", "") if isinstance(project, dict) else ""
    except (OSError, ValueError):
        said = ""
    name = said.get("text", "") if isinstance(said, dict) else said
    if isinstance(name, str) and name:
        return f"The code is the project's, which declares: {name.splitlines()[0][:100]}."
    return "The code is the project's; its licence is not declared, so ask its owner before you share it."


def _sft_rows(story: JobStory, failure: FailureStory) -> Iterator[dict[str, Any]]:
    for tried in failure.tried:
        if tried.confidence == "high" and (content := _conversation(story, failure, tried)):
            yield {"candidates": [tried], "content": {"messages": content}}


def _preference_rows(story: JobStory, failure: FailureStory) -> Iterator[dict[str, Any]]:
    """Pair each repair of high confidence with the most tempting of those that certainly do not hold.

    What passed and was not put to the last proof may be right as well, and is neither.
    """
    chosen = [one for one in failure.tried if one.confidence == "high"]
    fallen = [one for one in failure.tried if one.effect != "plausible" or (one.judged and not one.stands)]
    for good in chosen:
        prompt, answer = _prompt(story, failure, good), _repaired(story, good)
        if not prompt or not answer:
            continue
        where = {edit.path for edit in good.edits}
        near = [one for one in fallen if {edit.path for edit in one.edits} == where]
        near.sort(key=lambda one: (one.judged is None, _TEMPTING.get(one.effect, 5), one.cost))
        for bad in near[:MAX_REJECTED]:
            content = {"prompt": prompt, "chosen": answer, "rejected": _repaired(story, bad)}
            if content["rejected"] != answer:
                yield {"candidates": [good, bad], "content": content, "basis": "tests"}


def _trajectory_rows(story: JobStory, failure: FailureStory) -> Iterator[dict[str, Any]]:
    silent = [one for one in failure.tried if one.effect in ("same", "timeout")]
    left_out = {id(one) for one in silent[MAX_SILENT:]}
    turns = [(one.at_s, _trial_turn(story, one)) for one in failure.tried if id(one) not in left_out]
    turns += [
        (one.at_s, {"role": "model", "prompt": one.prompt, "answer": one.answer, "loss_mask": 1})
        for one in failure.conversations
    ]
    turns += [
        (one.at_s, {"role": "tool", "effect": one.effect, "told": one.told, "reward": 0.0, "loss_mask": 0})
        for one in failure.attempts
        if one.effect in _NEVER_RUN
    ]
    if turns:
        content = {
            "task": _task(failure),
            "suspects": failure.suspects,
            "turns": [turn for _, turn in sorted(turns, key=lambda one: one[0])],
            "left_out": len(left_out),
        }
        final = [one for one in failure.tried if one.shown] or failure.tried[-1:]
        yield {"candidates": final, "content": content}


def _trial_turn(story: JobStory, tried: Tried) -> dict[str, Any]:
    return {
        "role": "tool",
        "candidate": tried.id,
        "author": tried.author,
        "operator": tried.operator,
        "note": tried.note,
        "diff": story.diff(tried),
        "effect": tried.effect,
        "stands": tried.stands,
        "reward": 1.0 if tried.stands else _REWARDS.get(tried.effect, 0.0),
        "loss_mask": 0,
    }


def _conversation(story: JobStory, failure: FailureStory, tried: Tried) -> list[dict[str, str]]:
    """Return the conversation that made the repair; what a template made is put as a model would have been asked."""
    if tried.conversation is not None and (asked := _asked(tried.conversation.prompt)):
        return [*asked, {"role": "assistant", "content": tried.conversation.text}]
    prompt, answer = _prompt(story, failure, tried), _repaired(story, tried)
    if not prompt or not answer:
        return []
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": answer},
    ]


def _asked(prompt: Mapping[str, Any]) -> list[dict[str, str]]:
    if isinstance(prompt.get("messages"), list):
        return [dict(one) for one in prompt["messages"]]
    return [{"role": "user", "content": prompt["prompt"]}] if isinstance(prompt.get("prompt"), str) else []


def _prompt(story: JobStory, failure: FailureStory, tried: Tried) -> str:
    excerpts = _excerpts(story, tried)
    if not excerpts:
        return ""
    return _task(failure) + "".join(f"\n{one.path}:\n{_fenced(one.before)}" for one in excerpts)


def _repaired(story: JobStory, tried: Tried) -> str:
    return "".join(_fenced(one.after) for one in _excerpts(story, tried))


def _task(failure: FailureStory) -> str:
    error = f"{failure.exception}: {failure.message}" if failure.exception else "It fails"
    return f"The test {failure.test} fails.\n{error}\n"


def _excerpts(story: JobStory, tried: Tried) -> list[Excerpt]:
    return [excerpt_of(FileChange(path, old, new)) for path, (old, new) in story.texts(tried).items()]


def _fenced(text: str) -> str:
    """Return a code block that no backticks within can end."""
    longest = max((len(one) for one in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}python\n{text}{end}{fence}\n"


def _finished(row: dict[str, Any], story: JobStory, failure: FailureStory, licence: str) -> dict[str, Any]:
    candidates: list[Tried] = row["candidates"]
    first = candidates[0]
    facts = {
        "layout": LAYOUT,
        "id": f"{story.id}/{'/'.join(one.id for one in candidates)}",
        "task_id": _digest([failure.test, sorted(edit.file for edit in first.edits)]),
        **row["content"],
        **({"basis": row["basis"]} if "basis" in row else {}),
        "policy": [one.author for one in candidates],
        "verdict": [_verdict(one) for one in candidates],
        "status": failure.status,
        "tests": failure.tests or (failure.test,),
        "sandbox": story.sandbox,
        "lineage": {
            "job": story.id,
            "started": story.started,
            "project": _digest(story.root),
            "files": {edit.path: edit.file for one in candidates for edit in one.edits},
            "generation": ["synthetic" if one.author == TEMPLATES else "model" for one in candidates],
            "operators": [one.operator for one in candidates],
        },
        "licence": licence,
    }
    scrubbed = scrub_values(facts, personal=True)
    assert isinstance(scrubbed, dict), "an object stays one"
    # Names of ours look random, and must stay what they are.
    scrubbed |= {"id": facts["id"], "task_id": facts["task_id"], "lineage": facts["lineage"]}
    scrubbed["replay"] = [join(["tracemend", "show", story.id, one.id, "--replay"]) for one in candidates]
    return scrubbed


def _verdict(tried: Tried) -> dict[str, Any]:
    judged = tried.judged or {}
    return {
        "effect": tried.effect,
        "stands": tried.stands,
        "confidence": tried.confidence,
        "mended": judged.get("mended", ()),
        "falsification": judged.get("falsification"),
        "doubts": (tried.shown or {}).get("verdict", {}).get("doubts", ()),
    }


def _digest(value: object) -> str:
    return blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
