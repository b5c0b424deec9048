"""What is said of a file that cannot be collected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracemend.repair.explain.reasons import collection_reason
from tracemend.repair.runner.results import CollectionError
from tracemend.repair.runner.settings import Project

CASES = [
    ("SyntaxError", "invalid syntax (a.py, line 5)", "SyntaxError: invalid .*[.] Correct the syntax"),
    (
        "ModuleNotFoundError",
        "No module named 'yaml'",
        "what provides `yaml` .* `/p/python -m pip install ...`",
    ),
    (
        "ModuleNotFoundError",
        "No module named 'shop.cart'",
        "`shop` is part of the project: .* pip install -e .`",
    ),
    ("ModuleNotFoundError", "No module named 'till'", "`till` is part of the project"),
    ("ImportError", "cannot\nimport", "file: ImportError: cannot import[.]$"),
    ("KeyError", "", "file: KeyError[.]$"),
]


@pytest.mark.parametrize(("exception", "message", "said"), CASES)
def test_reason(tmp_path: Path, exception: str, message: str, said: str) -> None:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "till.py").touch()
    error = CollectionError("test_a.py", exception, message)
    reason = collection_reason(error, Project(tmp_path, Path("/p/python")))
    assert re.search(said, reason)
