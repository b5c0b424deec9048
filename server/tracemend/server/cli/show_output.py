"""How `tracemend show` looks in a terminal."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.text import Text

from tracemend.repair.explain.messages import short_message
from tracemend.repair.journal.story import FailureStory, JobStory, Tried

from .output import coloured_diff
from .terminal import STATUS_STYLES, count, printable, shortened

SHOWN_CANDIDATES = 15


def print_jobs(console: Console, stories: list[JobStory]) -> None:
    """Print one line for each job."""
    if not stories:
        console.print("No job of this project has left a journal yet.")
    for story in stories:
        mended = sum(one.status == "mended" for one in story.failures.values())
        parts = [f"{mended} of {count(len(story.failures), 'failure')} mended"]
        parts += [count(len(story.candidates()), "candidate"), f"{story.seconds:.0f} s"]
        if tokens := _tokens(story):
            parts.append(f"{tokens} tokens")
        if not story.finished:
            parts.append("unfinished")
        line = Text.assemble((story.id, "cyan"), f"  {story.started.replace('T', ' ')}  ", ", ".join(parts))
        console.print(line, soft_wrap=True)


def print_story(console: Console, story: JobStory) -> None:
    """Print what came of each failure of a job, with the candidates that got anywhere."""
    console.print(Text(f"{story.id}  {printable(story.root)}  {story.started}", style="bold"), soft_wrap=True)
    if story.argv:
        console.print(Text(f"tracemend {printable(' '.join(story.argv))}", style="dim"), soft_wrap=True)
    for failure in story.failures.values():
        console.print()
        _print_failure(console, failure)
    console.print()
    for note in story.notes:
        console.print(printable(note), soft_wrap=True)
    if tokens := _tokens(story):
        asked = count(int(story.cost.get("requests", 0)), "request")
        console.print(f"In all, with what was tried out of the endpoint: {asked}, {tokens} tokens.")
    if not story.finished:
        console.print(Text("The job did not come to its end.", style="yellow"))
    if story.lost:
        console.print(Text(f"{count(story.lost, 'line')} of the journal cannot be read.", style="yellow"))


def print_candidate(console: Console, story: JobStory, tried: Tried) -> None:
    """Print one candidate with its diff, its verdict and, of a model's, what the model said."""
    console.print(Text.assemble((tried.id, "cyan"), f"  {printable(tried.note)}"), soft_wrap=True)
    console.print(
        f"by {printable(tried.author)} ({printable(tried.operator)}), {tried.cost} bits", soft_wrap=True
    )
    console.print(f"for {printable(tried.test)}: {tried.effect}", soft_wrap=True)
    console.print()
    console.print(coloured_diff(story.diff(tried)), soft_wrap=True)
    if tried.conversation is not None:
        console.print()
        console.print(printable(tried.conversation.text), soft_wrap=True)
    if tried.judged is not None:
        console.print()
        told = "holds" if tried.stands else "does not hold"
        console.print(f"In a fresh process it {told}.", soft_wrap=True)
    if tried.shown is not None:
        console.print(f"Shown with confidence {tried.confidence}.", soft_wrap=True)
        console.print(printable(str(tried.shown.get("explanation", ""))), soft_wrap=True)


def _print_failure(console: Console, failure: FailureStory) -> None:
    style = next((style for status, style in STATUS_STYLES.items() if status == failure.status), "yellow")
    console.print(Text.assemble((failure.status, style), "  ", printable(failure.test)), soft_wrap=True)
    if failure.exception:
        said = f"{failure.exception}: {short_message(failure.message)}"
        console.print(f"  {shortened(said, 100)}", soft_wrap=True)
    effects = Counter(one.effect for one in failure.tried)
    told = ", ".join(f"{number} {effect}" for effect, number in effects.most_common())
    asked = f", {count(len(failure.conversations), 'question')} to a model" if failure.conversations else ""
    console.print(
        f"  {count(len(failure.tried), 'candidate')} ({told or 'none tried'}){asked}", soft_wrap=True
    )
    for strategy in dict.fromkeys(one.strategy for one in failure.attempts):
        counts = Counter(one.effect for one in failure.attempts if one.strategy == strategy)
        made = ", ".join(f"{number} {effect}" for effect, number in counts.most_common())
        console.print(f"  answers to {printable(strategy)}: {made}", soft_wrap=True)
    if failure.reason:
        console.print(f"  {printable(failure.reason)}", soft_wrap=True)
    notable = [one for one in failure.tried if one.effect not in ("same", "timeout", "changed")]
    ranks = {patch.get("candidate"): rank for rank, patch in enumerate(failure.patches)}
    notable.sort(key=lambda one: (ranks.get(one.id, len(ranks)), not one.stands, one.at_s))
    for one in notable[:SHOWN_CANDIDATES]:
        verdict = f"shown, {one.confidence}" if one.shown else "stands" if one.stands else one.effect
        line = Text.assemble(
            "  ", (one.id[:10], "cyan"), f"  {one.at_s:6.1f} s  {verdict:12}  {shortened(one.note, 70)}"
        )
        console.print(line, soft_wrap=True)
    if len(notable) > SHOWN_CANDIDATES:
        console.print(f"  ... and {len(notable) - SHOWN_CANDIDATES} more like these")


def _tokens(story: JobStory) -> int:
    return int(story.cost.get("prompt_tokens", 0)) + int(story.cost.get("completion_tokens", 0))
