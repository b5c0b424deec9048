"""`tracemend fix` with llama.cpp's own server, as it is: an invented name is cut out and written under a grammar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.models import GGUF_NAME
from engines.scenes import scripted_folder
from engines.test_fix import FILES, RECITE, guided_from_the_first
from engines.test_llama_server import path_with_llama_server
from engines.test_serve_model import Endpoint, serving


@pytest.fixture
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    template = tmp_path_factory.mktemp("template") / "recite.jinja"
    template.write_text(RECITE)
    options = ("-t", "1", "-c", "2048", "-np", "1", "--jinja", "--chat-template-file", f"{template}")
    yield from serving(None, scripted_folder() / GGUF_NAME, *options, path=path_with_llama_server())


def test_the_first_answer_is_guided(endpoint: Endpoint, tmp_path: Path) -> None:
    (tmp_path / "store.py").write_text(FILES["store.py"].partition("def total")[0])
    (tmp_path / "test_store.py").write_text(
        FILES["test_store.py"].partition("def test_total")[0].replace(", total", "")
    )
    first, second, *_ = guided_from_the_first(endpoint, tmp_path, "continued under a grammar")
    assert "grammar" not in first and "json." in str(second["messages"]) and "grammar" in second
