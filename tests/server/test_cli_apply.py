"""Writing patches: exactly the verified text onto exactly the verified bytes, or a refusal and no change."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path

import pytest
from sample_report import CONTAINMENT, make_evidence, make_patch, make_ranked

from tracemend.analysis.syntax.source import decode_source
from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.reports import Confidence, FailureReport, FixReport
from tracemend.repair.runner.settings import Project
from tracemend.server.cli import apply
from tracemend.server.cli.apply import Plan, Refused, plan_writes, write_plan

CODE = "def one():\n    return 0\n\n\ndef two():\n    return 3\n"


def failure(test: str, patch: Patch, confidence: Confidence = "high") -> FailureReport:
    return FailureReport(
        test, "mended", (test,), (make_ranked(patch, make_evidence(test, patch), confidence),)
    )


def report(root: Path, *failures: FailureReport) -> FixReport:
    return FixReport(Project(root, Path("python")), CONTAINMENT, failures)


def one(old: str = CODE, path: str = "a.py") -> Patch:
    return make_patch(path, old, "return 0", "return 1", "returns `1`")


def two(old: str = CODE, path: str = "a.py") -> Patch:
    return make_patch(path, old, "return 3", "return 2", "returns `2`")


ENCODED = {
    "crlf": CODE.replace("\n", "\r\n").encode(),
    "mixed line ends": CODE.replace("\n", "\r\n", 2).encode(),
    "no final newline": CODE.rstrip("\n").encode(),
    "byte-order mark": b"\xef\xbb\xbf" + CODE.encode(),
    "latin-1": b"# coding: latin-1\n# caf\xe9\n" + CODE.encode(),
    "tabs and a form feed": b"\x0c\n" + CODE.replace("    ", "\t").encode(),
    "unicode": CODE.encode() + "# \u2028 naïve 😀\n".encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_everything_but_the_change_stays(tmp_path: Path, data: bytes) -> None:
    tmp_path = tmp_path.resolve()
    (tmp_path / "a.py").write_bytes(data)
    (tmp_path / "a.py").chmod(0o640)
    old = decode_source(data).text
    plan = plan_writes(report(tmp_path, failure("t1", one(old)), failure("t2", two(old))))
    _check_that_git_applies(tmp_path, plan, data)
    assert write_plan(plan) == [tmp_path / "a.py"]
    expected = data.replace(b"return 0", b"return 1").replace(b"return 3", b"return 2")
    assert (tmp_path / "a.py").read_bytes() == expected
    assert stat.S_IMODE((tmp_path / "a.py").stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py"]


def _check_that_git_applies(root: Path, plan: Plan, data: bytes) -> None:
    """The combined diff does, in a copy, what writing does here."""
    copy = root.parent / f"{root.name}-git"
    copy.mkdir()
    (copy / "a.py").write_bytes(data)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=copy, input=plan.diff, check=True, timeout=30)
    expected = data.replace(b"return 0", b"return 1").replace(b"return 3", b"return 2")
    assert (copy / "a.py").read_bytes() == expected


def test_low_confidence_is_never_written(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    plan = plan_writes(report(tmp_path.resolve(), failure("t1", one(), "low")))
    assert (plan.texts, plan.without_patch, plan.diff) == ({}, ["t1"], b"")


def test_failure_that_the_patches_of_others_mend_needs_none(tmp_path: Path) -> None:
    plan = plan_writes(report(tmp_path, FailureReport("t1", "mended")))
    assert plan.without_patch == []


def test_patches_of_one_line_do_not_mix(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    other = make_patch("a.py", CODE, "return 0", "return 7", "returns `7`")
    plan = plan_writes(report(tmp_path.resolve(), failure("t1", one()), failure("t2", other)))
    assert plan.applied == ["t1"]
    assert "same lines" in plan.refused["t2"]
    assert plan.texts["a.py"].new == one().changes[0].new


def test_changed_file_is_refused_when_planning(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"{CODE}# edited\n")
    plan = plan_writes(report(tmp_path.resolve(), failure("t1", one())))
    assert plan.refused == {"t1": "a.py has changed since the patch was verified"}


def test_edit_between_planning_and_writing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    plan = plan_writes(report(tmp_path.resolve(), failure("t1", one())))
    (tmp_path / "a.py").write_text(f"{CODE}# edited\n")
    with pytest.raises(Refused, match="has changed"):
        write_plan(plan)
    assert (tmp_path / "a.py").read_text() == f"{CODE}# edited\n"


def test_failing_write_puts_back_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(CODE)
    plan = plan_writes(report(tmp_path.resolve(), failure("t1", one()), failure("t2", two(path="b.py"))))
    replace = apply.os.replace

    def full_disk(source: Path, target: Path) -> None:
        if target.name == "b.py":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(apply.os, "replace", full_disk)
    with pytest.raises(Refused, match="No space left on device"):
        write_plan(plan)
    assert [(tmp_path / name).read_text() for name in ("a.py", "b.py")] == [CODE, CODE]
    assert len(list(tmp_path.iterdir())) == 2


def test_symbolic_link_is_followed_inside_the_project_and_refused_outside(tmp_path: Path) -> None:
    root = (tmp_path / "project").resolve()
    root.mkdir()
    for target in (root / "real.py", tmp_path / "outside.py"):
        target.write_text(CODE)
    (root / "a.py").symlink_to("real.py")
    (root / "b.py").symlink_to("../outside.py")
    plan = plan_writes(report(root, failure("t1", one()), failure("t2", two(path="b.py"))))
    assert plan.refused == {"t2": "b.py lies outside the project"}
    write_plan(plan)
    assert (root / "a.py").is_symlink()
    assert "return 1" in (root / "real.py").read_text()


REFUSED = {
    "missing": (None, one(), "cannot be read .No such file"),
    "not text": (b"\xff\xfe\n", one(), "cannot be read .*no usable encoding"),
    "unencodable": (
        b"# coding: latin-1\nx = 0\n",
        Patch(
            (FileChange("a.py", "# coding: latin-1\nx = 0\n", "# coding: latin-1\nx = '\u20ac'\n"),),
            Origin("templates", "literal", "", (("a.py", 2),)),
        ),
        "encoding of a.py, .*, lacks a character",
    ),
    "climbing out": (b"", make_patch("../a.py", CODE, "return 0", "return 1", ""), "outside the project"),
}


@pytest.mark.parametrize(("data", "patch", "message"), REFUSED.values(), ids=REFUSED)
def test_refusal(tmp_path: Path, data: bytes | None, patch: Patch, message: str) -> None:
    if data is not None:
        (tmp_path / "a.py").write_bytes(data)
    plan = plan_writes(report(tmp_path.resolve(), failure("t1", patch)))
    assert plan.texts == {}
    assert plan.refused.keys() == {"t1"}
    assert re.search(message, plan.refused["t1"])
