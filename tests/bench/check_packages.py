"""Measures `tracemend check` on the releases of 25 well-kept packages: false alarms, silence, and planted mistakes.

Whatever it reports there is presumed to be a false alarm until someone has looked: these packages are used every day.
The findings are therefore shown with their source line, to be judged one by one. With `--plant` the same
packages get misspelt members, imported names, keywords and names, one at a time, and it is counted how many are told.

    python tests/bench/check_packages.py --log reports.json               # goes on where it was ended
    python tests/bench/check_packages.py --packages django rich
    python tests/bench/check_packages.py --plant 40 --seed 1

The packages, pinned with all that they need, are installed into one environment in `~/.cache/tracemend-bench` (or where
`$TRACEMEND_BENCH_CACHE` says).
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracemend.analysis.monitors.protocol import Finding, Passed, Silent, Verdict
from tracemend.analysis.review import Reviewer
from tracemend.analysis.syntax.positions import LineIndex

CACHE = Path(os.environ.get("TRACEMEND_BENCH_CACHE", Path.home() / ".cache" / "tracemend-bench"))
CHECK_TIMEOUT_S = 1800
INSTALL_TIMEOUT_S = 900
PLANTS_A_FILE = 6
ALPHABET = "abcdefghijklmnopqrstuvwxyz"

# The package to check by its import name. The latest releases of November 2026.
PACKAGES: Mapping[str, str] = {
    "attr": "attrs==26.1.0",
    "bs4": "beautifulsoup4==4.15.0",
    "click": "click==8.5.1",
    "django": "Django==5.2.19",
    "docutils": "docutils==0.23",
    "flask": "Flask==3.1.3",
    "httpx": "httpx==0.28.1",
    "hypothesis": "hypothesis==6.170.15",
    "jinja2": "Jinja2==3.1.6",
    "marshmallow": "marshmallow==4.4.0",
    "more_itertools": "more-itertools==11.2.1",
    "networkx": "networkx==3.6.1",
    "packaging": "packaging==26.3",
    "pydantic": "pydantic==2.14.3",
    "pygments": "Pygments==2.21.0",
    "_pytest": "pytest==9.2.0",
    "requests": "requests==2.34.2",
    "rich": "rich==15.0.0",
    "sqlalchemy": "SQLAlchemy==2.1.9",
    "sqlparse": "sqlparse==0.6.1",
    "starlette": "starlette==1.10.0",
    "tornado": "tornado==6.6.1",
    "tqdm": "tqdm==4.70.1",
    "urllib3": "urllib3==2.8.0",
    "werkzeug": "Werkzeug==3.1.9",
}
REQUIRED = (
    "annotated-types==0.8.0",
    "anyio==4.16.0",
    "asgiref==3.13.0",
    "blinker==1.9.0",
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "h11==0.16.0",
    "httpcore==1.0.9",
    "idna==3.20",
    "iniconfig==2.3.1",
    "itsdangerous==2.2.0",
    "markdown-it-py==4.3.0",
    "MarkupSafe==3.0.4",
    "mdurl==0.1.2",
    "pluggy==1.7.0",
    "pydantic_core==2.50.4",
    "sortedcontainers==2.4.0",
    "soupsieve==4.1.1",
    "typing-inspection==0.4.5",
    "typing_extensions==4.16.0",
)


@dataclass(frozen=True)
class Plant:
    """One misspelt word: what kind, where the text of the file has it, and what stands there instead."""

    kind: str
    start: int
    end: int
    word: str


def main() -> None:
    """Run the benchmark that the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--packages", nargs="+", default=list(PACKAGES), choices=list(PACKAGES), metavar="NAME"
    )
    parser.add_argument("--engine", default="none", choices=("none", "ty"))
    parser.add_argument("--log", type=Path, help="keep the report of each package here, and go on from there")
    parser.add_argument(
        "--plant", type=int, metavar="N", help="plant N mistakes of each kind in each package"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    python = install()
    if arguments.plant:
        measure_plants(python, arguments.packages, arguments.plant, arguments.seed)
    else:
        measure_alarms(python, arguments.packages, arguments.engine, arguments.log)


def install() -> Path:
    """Return the interpreter of the environment with all packages, made if need be."""
    home = CACHE / "check-packages" / "venv"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=INSTALL_TIMEOUT_S)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, *PACKAGES.values(), *REQUIRED], check=True, timeout=INSTALL_TIMEOUT_S)
    return python


def checkout(python: Path, package: str) -> Path:
    """Return the directory of `package`, alone in a folder of its own as a project is; the rest is in the environment."""
    home = CACHE / "check-packages" / "projects" / PACKAGES[package]
    if not home.exists():
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
        subprocess.run([*pip, "--target", home, PACKAGES[package]], check=True, timeout=INSTALL_TIMEOUT_S)
    return home / package


def measure_alarms(python: Path, packages: Sequence[str], engine: str, log: Path | None) -> None:
    """Check each package through the command line and print what came of it; those that `log` holds are done."""
    print(f"{'package':<16}{'files':>6}{'lines':>9}{'findings':>9}{'judged':>9}{'silent':>8}{'CPU s':>8}")
    findings: list[dict[str, Any]] = []
    silent: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    lines = 0
    reports = json.loads(log.read_text("utf-8")) if log is not None and log.exists() else {}
    for package in packages:
        if package not in reports:
            reports[package] = check(python, checkout(python, package), engine)
            if log is not None:
                log.write_text(json.dumps(reports, indent=1, ensure_ascii=False) + "\n", "utf-8")
        report, cpu_s = reports[package]
        share = sum(report["silent"].values()) / max(1, sum(report["judged"].values()))
        print(
            f"{package:<16}{report['files']:>6}{report['lines']:>9,}{len(report['findings']):>9}"
            f"{sum(report['judged'].values()):>9,}{share:>8.1%}{cpu_s:>8.1f}",
            flush=True,
        )
        findings += report["findings"]
        silent.update(report["silent"])
        judged.update(report["judged"])
        lines += report["lines"]
    print(
        f"\n{len(findings)} findings in {lines:,} lines: {10_000 * len(findings) / max(1, lines):.2f} per 10,000"
    )
    print_silence(silent, judged)
    for finding in findings:
        print(f"{finding['file']}:{finding['line']}: {finding['message']} | {finding['source']}")


def check(python: Path, directory: Path, engine: str) -> tuple[dict[str, Any], float]:
    """Return what `tracemend check` reports of `directory`, and the CPU time that it took."""
    command = [str(Path(sys.executable).with_name("tracemend")), "check", str(directory)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--python", str(python), "--engine", engine, "--json", "-"],
        capture_output=True,
        timeout=CHECK_TIMEOUT_S,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"check of {directory} failed:\n{done.stderr.decode()}")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report = json.loads(done.stdout)
    report["findings"] = list(with_source(report["findings"]))
    return report, cpu_s


def with_source(findings: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each finding with the line that it stands on."""
    for finding in findings:
        text = Path(finding["file"]).read_text("utf-8", "replace")
        yield {**finding, "source": LineIndex(text).line_text(finding["line"]).strip()}


def print_silence(silent: Mapping[str, int], judged: Mapping[str, int]) -> None:
    """Print, for each monitor, the share of places it is silent about, and the commonest reasons."""
    for monitor, total in sorted(judged.items()):
        reasons = Counter({key: n for key, n in silent.items() if key.startswith(f"{monitor}/")})
        shown = ", ".join(f"{key.partition('/')[2]} {n:,}" for key, n in reasons.most_common(12))
        print(f"{monitor}: {total:,} judged, silent {reasons.total() / total:.1%} ({shown})")


def measure_plants(python: Path, packages: Sequence[str], number: int, seed: int) -> None:
    """Plant mistakes and print how many are rejected: of all, and of those whose place a monitor is certain about."""
    chance = random.Random(seed)
    outcomes: dict[str, Counter[str]] = {}
    started = time.process_time()
    for package in packages:
        directory = checkout(python, package)
        reviewer = Reviewer(directory.parent, python, cache=CACHE / "check-packages" / "symbols")
        for path, text, plants in drawn(directory, number, chance):
            for kind, outcome in outcomes_in(reviewer, path, text, plants):
                outcomes.setdefault(kind, Counter())[outcome] += 1
        reviewer.close()
    print(f"{'kind':<10}{'planted':>8}{'rejected':>9}{'active':>8}   of all (95 %)      where active (95 %)")
    for kind, counts in sorted(outcomes.items()):
        active = counts["rejected"] + counts["missed"]
        total = active + counts["silent"]
        print(
            f"{kind:<10}{total:>8}{counts['rejected']:>9}{active:>8}   "
            f"{share_of(counts['rejected'], total)}   {share_of(counts['rejected'], active)}"
        )
    print(f"{time.process_time() - started:.0f} s of CPU")


def drawn(directory: Path, number: int, chance: random.Random) -> Iterator[tuple[Path, str, list[Plant]]]:
    """Yield files with the mistakes to plant in them, `number` of each kind in all of `directory`."""
    left = Counter(dict.fromkeys(("member", "import", "keyword", "name"), number))
    files = sorted(directory.rglob("*.py"))
    chance.shuffle(files)
    for path in files:
        if not left.total():
            return
        text = path.read_text("utf-8", "replace")
        try:
            candidates = list(places(text))
        except SyntaxError:
            continue
        chance.shuffle(candidates)
        plants = []
        for kind, start, end in candidates:
            if left[kind] and len(plants) < PLANTS_A_FILE:
                plants.append(Plant(kind, start, end, misspelt(text[start:end], text, chance)))
                left[kind] -= 1
        if plants:
            yield path, text, plants


def places(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield what can be misspelt in `text`: the kind, and the characters [start, end) of the word."""
    lines = LineIndex(text)
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(ctx=ast.Load(), attr=word):
                end = lines.offset(node.end_lineno, node.end_col_offset)
                yield from named("member", text, end - len(word), word)
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    yield from named("import", text, lines.offset(alias.lineno, alias.col_offset), alias.name)
            case ast.keyword(arg=str(word)):
                yield from named("keyword", text, lines.offset(node.lineno, node.col_offset), word)
            case ast.Name(ctx=ast.Load(), id=word):
                yield from named("name", text, lines.offset(node.lineno, node.col_offset), word)


def named(kind: str, text: str, start: int, word: str) -> Iterator[tuple[str, int, int]]:
    """Yield the place if it really holds `word`, which positions in f-strings do not promise before Python 3.12."""
    if len(word) > 2 and text.startswith(word, start) and not (word.startswith("__") and word.endswith("__")):
        yield kind, start, start + len(word)


def misspelt(word: str, text: str, chance: random.Random) -> str:
    """Return `word` with one slip of the keyboard, as a word that `text` does not have."""
    while True:
        position = chance.randrange(1, len(word))
        letter = chance.choice(ALPHABET)
        slips = (
            word[:position] + word[position + 1 :],
            word[:position] + letter + word[position:],
            word[:position] + letter + word[position + 1 :],
            word[: position - 1] + word[position] + word[position - 1] + word[position + 1 :],
        )
        slip = chance.choice(slips)
        if slip.isidentifier() and slip != word and slip not in text:
            return slip


def outcomes_in(
    reviewer: Reviewer, path: Path, text: str, plants: Sequence[Plant]
) -> Iterator[tuple[str, str]]:
    """Yield the kind of each plant and its outcome: rejected, missed (the monitor held it for right) or silent."""
    for plant in plants:
        changed = text[: plant.start] + plant.word + text[plant.end :]
        verdicts = [
            verdict for _, verdict in reviewer.verdicts(path, changed) if verdict.start == plant.start
        ]
        yield plant.kind, outcome_of(verdicts)


def outcome_of(verdicts: Sequence[Verdict]) -> str:
    """Return the outcome that the verdicts about one place amount to."""
    if any(isinstance(one, Finding) for one in verdicts):
        return "rejected"
    if any(isinstance(one, Silent) for one in verdicts):
        return "silent"
    return "missed" if any(isinstance(one, Passed) for one in verdicts) else "silent"


def share_of(part: int, whole: int) -> str:
    """Return a share with its 95 % Wilson interval (Wilson, JASA 1927)."""
    if not whole:
        return f"{'-':>20}"
    share, z = part / whole, 1.96
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{share:>6.1%} ({centre - spread:.1%}-{centre + spread:.1%})"


if __name__ == "__main__":
    main()
