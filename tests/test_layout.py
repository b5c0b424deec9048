"""The three rooms are one PEP 420 namespace and depend on each other in one direction."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("analysis", "repair", "server")
FORBIDDEN = {"analysis": ("repair", "server"), "repair": ("server",)}


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_closes_the_namespace(room):
    assert not (ROOT / room / "tracemend" / "__init__.py").exists()


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_dependencies_point_one_way(room):
    wrong = re.compile(rf"^\s*(?:from|import) tracemend\.({'|'.join(FORBIDDEN[room])})\b", re.MULTILINE)
    offenders = [str(path) for path in (ROOT / room).rglob("*.py") if wrong.search(path.read_text())]
    assert offenders == []


def test_payload_needs_only_the_standard_library_and_pytest():
    payload = ROOT / "repair/tracemend/repair/runner/payload"
    offenders = [
        path.name
        for path in payload.glob("*.py")
        if re.search(r"^\s*(?:from|import) tracemend\b", path.read_text(), re.MULTILINE)
    ]
    assert offenders == []
