"""What the process in the project's interpreter does before anything of the project is there."""

from __future__ import annotations

import py_compile
from pathlib import Path

import pytest

from tracemend.repair.runner.payload.__main__ import has_byte_code

CHECKED_BY_HASH = py_compile.PycInvalidationMode.CHECKED_HASH


@pytest.mark.parametrize(
    ("mode", "later", "expected"),
    [
        (py_compile.PycInvalidationMode.TIMESTAMP, "a = 1\n", True),
        (py_compile.PycInvalidationMode.TIMESTAMP, "a = 10\n", False),  # Another size, whatever the time.
        (CHECKED_BY_HASH, "a = 1\n", False),  # Left to Python, which compares more than the header.
        (None, "a = 1\n", False),
    ],
    ids=["as it is", "changed since", "by hash", "none"],
)
def test_byte_code_is_recognised_by_its_header(
    tmp_path: Path, mode: py_compile.PycInvalidationMode | None, later: str, expected: bool
) -> None:
    source = tmp_path / "module.py"
    source.write_text("a = 1\n", encoding="utf-8")
    if mode is not None:
        py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    if later != "a = 1\n":
        source.write_text(later, encoding="utf-8")
    assert has_byte_code(str(source)) is expected
