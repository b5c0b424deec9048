"""`tracemend check`, `members` and `symbols` on a small project: forms of output, exit codes, bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from project_fixture import project_files
from typer.testing import CliRunner, Result

from tracemend.server.cli.app import app
from tracemend.server.cli.optional_revision import with_revision

PROJECT = """
    #- pyproject.toml
    #- shop/__init__.py
    #- shop/cart.py
    class Cart:
        def total(self) -> int:
            return 3


    print(Cart().totl())
    #- shop/good.py
    from shop.cart import Cart

    total = Cart().total()
"""
FINDING = {
    "file": "shop/cart.py",
    "line": 6,
    "column": 14,
    "end_line": 6,
    "end_column": 18,
    "rule": "unknown-member",
    "message": "`shop.cart.Cart` has no member `totl`",
    "suggestions": ["total"],
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one mistake, as the working directory; the caches stay in the test's own directory."""
    for path, text in project_files(PROJECT).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / "cache"))
    return tmp_path


def invoke(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments, "--python", sys.executable], input=text)


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_text_shows_the_line_and_what_was_meant(shop: Path) -> None:
    done = invoke("check")
    assert done.exit_code == 1, done.output
    assert done.stdout.splitlines() == [
        "shop/cart.py:6:14  unknown-member  `shop.cart.Cart` has no member `totl`",
        "    print(Cart().totl())",
        "                 ^^^^ did you mean `total`?",
        "",
        "1 finding in 3 files (9 lines).",
    ]


def test_nothing_wrong(shop: Path) -> None:
    done = invoke("check", "shop/good.py")
    assert (done.exit_code, done.stdout) == (0, "Nothing is certainly wrong in 1 file (3 lines).\n")


def test_nothing_to_check(shop: Path) -> None:
    (shop / "papers").mkdir()
    done = invoke("check", "papers")
    assert (done.exit_code, done.stdout) == (0, "There are no Python files here to check.\n")


def test_json_is_the_contract(shop: Path) -> None:
    done = invoke("check", "shop", "--json", "-")
    assert done.exit_code == 1
    content = json.loads(done.stdout)
    (found,) = content["findings"]
    place = {key: FINDING[key] for key in ("line", "column", "end_line", "end_column")}
    assert found == {**FINDING, "why": found["why"], "edit": {**place, "text": "total"}}
    assert (content["version"], content["files"], content["lines"]) == (1, 3, 9)
    assert all(isinstance(number, int) for number in content["silent"].values())
    assert content["judged"]["members"] == 2


def test_sarif_offers_the_fix(shop: Path) -> None:
    assert invoke("check", "--sarif", "out.sarif").exit_code == 1
    (run,) = json.loads((shop / "out.sarif").read_text())["runs"]
    (result,) = run["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [result["ruleId"]] == ["unknown-member"]
    assert change["replacements"][0]["insertedContent"] == {"text": "total"}
    assert change["replacements"][0]["deletedRegion"] == {
        "startLine": 6,
        "startColumn": 14,
        "endLine": 6,
        "endColumn": 18,
    }


def test_github_commands(shop: Path) -> None:
    (line,) = invoke("check", "--github").stdout.splitlines()
    assert line == (
        "::error file=shop/cart.py,line=6,col=14,endLine=6,endColumn=18,title=unknown-member"
        "::`shop.cart.Cart` has no member `totl`; did you mean `total`?"
    )


def test_text_that_is_not_on_disk(shop: Path) -> None:
    done = invoke("check", "--stdin", "--filename", "shop/new.py", text="from .cart import Crat\n")
    assert done.exit_code == 1
    assert "shop/new.py:1:19  unknown-import" in done.stdout
    done = invoke("check", "--stdin", text="x = 1\nx.bit_length()\n")
    assert done.exit_code == 0, done.output


def test_unsaved_text_counts_in_place_of_the_file(shop: Path) -> None:
    done = invoke("check", "--stdin", "--filename", "shop/cart.py", text="class Cart: ...\nCart().total()\n")
    assert "has no member `total`" in done.stdout


def test_changed_lines_alone(shop: Path) -> None:
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "All")
    assert invoke("check", "--diff").exit_code == 0
    cart = shop / "shop" / "cart.py"
    cart.write_text(cart.read_text() + "print(pritn)\n")
    (shop / "shop" / "new.py").write_text("print(undefined)\n")
    content = json.loads(invoke("check", "--diff", "--json", "-").stdout)
    assert [(one["file"], one["line"]) for one in content["findings"]] == [
        ("shop/cart.py", 7),
        ("shop/new.py", 1),
    ]
    content = json.loads(invoke("check", "--diff", "shop/new.py", "--json", "-").stdout)
    assert [one["file"] for one in content["findings"]] == ["shop/new.py"]


@pytest.mark.parametrize(
    ("given", "completed"),
    [
        (["--diff"], ["--diff", "HEAD"]),
        (["--diff", "--json", "-"], ["--diff", "HEAD", "--json", "-"]),
        (["--diff", "main", "x"], ["--diff", "main", "x"]),
        (["--diff=main"], ["--diff=main"]),
        (["x"], ["x"]),
    ],
)
def test_the_revision_may_be_left_out(given: list[str], completed: list[str]) -> None:
    assert with_revision(given) == completed


BROKEN = {
    "def f(:\n": ["syntax"],
    "x = (1\n": ["syntax"],
    "\0": [],
    "print 'Python 2'\n": [],
    "": [],
    "\ufeffx = 1\r\nprint(y)\r\n": ["undefined-name"],
}


@pytest.mark.parametrize("text", BROKEN)
def test_text_of_any_kind(shop: Path, text: str) -> None:
    done = invoke("check", "--stdin", "--json", "-", text=text)
    assert [one["rule"] for one in json.loads(done.stdout)["findings"]] == BROKEN[text]
    assert done.exit_code == bool(BROKEN[text])


def test_other_files_are_left_out_and_told(shop: Path) -> None:
    (shop / "latin.py").write_bytes(b"x = '\xe9'\n")
    (shop / "notes.ipynb").write_text("{}")
    done = invoke("check", "latin.py", "notes.ipynb", "shop/good.py")
    assert done.exit_code == 0, done.output
    assert "latin.py is left out" in done.stderr
    assert "notes.ipynb is left out" in done.stderr
    assert "1 file" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nothing.py"], "There is no file or directory 'nothing.py'"),
        (["check", "--stdin", "shop"], "--stdin checks one text."),
        (["check", "--filename", "x.py"], "--filename belongs to --stdin."),
        (["check", "--diff", "no-such-revision"], "git could not say what has changed"),
        (["check", "--json", "no/such/directory.json"], "cannot be written"),
        (["members", "shop/cart.py"], "is no place in a file"),
        (["members", "shop/cart.py:99:1"], "has no line 99.\nIts lines count from 1 to"),
        (
            ["members", "shop/cart.py:1:999"],
            "Line 1 of cart.py has no column 999.\nIts columns count from 1 to",
        ),
        (["members"], "There is nothing to answer."),
        (["members", "--batch", "pyproject.toml", "x.py:1:1"], "There is nothing to answer."),
        (["symbols", "nothing.py:1:1"], "nothing.py"),
    ],
)
def test_bad_input_is_told(shop: Path, arguments: list[str], said: str) -> None:
    done = invoke(*arguments)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("column", [13, 14, 16, 18])
def test_members_of_a_place(shop: Path, column: int) -> None:
    done = invoke("members", f"shop/cart.py:6:{column}", "--json", "-")
    answer = json.loads(done.stdout)
    assert (answer["closed"], answer["evidence"], answer["type"]) == (True, "inferred", "shop.cart.Cart")
    assert "total" in answer["members"]
    assert answer["seconds"] >= 0


def test_members_of_a_batch_in_its_order(shop: Path) -> None:
    rows = [
        {"file": "shop/good.py", "line": 3, "column": 15},
        {"file": "shop/cart.py", "line": 6, "column": 13},
    ]
    (shop / "places.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    answers = [json.loads(line) for line in invoke("members", "--batch", "places.jsonl").stdout.splitlines()]
    assert [{key: one[key] for key in ("file", "line", "column")} for one in answers] == rows
    assert all(one["closed"] for one in answers)
    (shop / "places.jsonl").write_text('{"file": "shop/good.py"}\n')
    done = invoke("members", "--batch", "places.jsonl")
    assert (done.exit_code, "Row 1" in done.stderr) == (2, True)


def test_symbols_tell_what_is_known(shop: Path) -> None:
    done = invoke("symbols", "shop/cart.py:6:14")
    assert done.exit_code == 0, done.output
    assert "members of shop.cart.Cart: closed" in done.stdout
    known = {one["what"]: one for one in json.loads(invoke("symbols", "shop/cart.py:6:8", "--json").stdout)}
    assert known["signature of Cart"]["names"] == ["Cart()"]
    assert "Cart" in known["names in scope"]["names"]
