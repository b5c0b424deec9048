"""Which endpoint is asked: the user decides, a project may only propose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.cli.errors import say
from tracemend.server.config import Config, load_config
from tracemend.server.model_settings import consent_notice, model_settings

STRANGER = "https://elsewhere.example/v1"
OURS = "http://127.0.0.1:8000/v1"


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "tracemend").mkdir(parents=True)
    return tmp_path / "config" / "tracemend" / "config.toml"


def load(root: Path, *lines: str) -> Config:
    (root / "pyproject.toml").write_text("\n".join(["[tool.tracemend]", *lines]))
    return load_config(root)


@pytest.mark.parametrize("user", ["", f'model-base-url = "{OURS}"'])
def test_an_endpoint_of_the_project_alone_is_a_proposal(tmp_path: Path, user_file: Path, user: str) -> None:
    user_file.write_text(user)
    config = load(tmp_path, f'model-base-url = "{STRANGER}"', 'model-name = "theirs"')
    found = model_settings(config, environment={})
    assert (found and found.base_url) == (OURS if user else None)
    assert not found or found.model == ""
    assert STRANGER in (consent_notice(config) or "") and str(user_file) in (consent_notice(config) or "")


@pytest.mark.parametrize(
    "address",
    ["x/v1; rm -rf ~", "x/v1$(id)", "x/v1\\u001b[2J", "user:secret@x/v1", "x/v1'", "x/v1\\nfoo", ""],
)
def test_what_is_shown_for_copying_is_an_address_and_no_more(
    tmp_path: Path, user_file: Path, address: str
) -> None:
    with pytest.raises(EnvironmentProblem, match="takes an address"):
        load(tmp_path, f'model-base-url = "http://{address}"')


def test_a_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2Jb\u202ec")
    assert capsys.readouterr().err == "tracemend: a\\x1b[2Jb\\u202ec\n"


def test_it_counts_once_the_user_trusts_it(tmp_path: Path, user_file: Path) -> None:
    user_file.write_text(f'model-trusted-endpoints = ["{STRANGER}/"]\nmodel-api-key-env = "THEIR_KEY"')
    config = load(tmp_path, f'model-base-url = "{STRANGER}"', 'model-name = "theirs"')
    found = model_settings(config, environment={})
    assert found is not None and consent_notice(config) is None
    assert (found.base_url, found.model, found.api_key_env) == (STRANGER, "theirs", "THEIR_KEY")


def test_naming_a_model_does_not_agree_to_its_endpoint(tmp_path: Path, user_file: Path) -> None:
    config = load(tmp_path, f'model-base-url = "{STRANGER}"')
    with pytest.raises(EnvironmentProblem) as caught:
        model_settings(config, model="theirs", environment={})
    assert STRANGER in caught.value.sentence and f"--base-url {STRANGER}" in caught.value.next_step
    named = model_settings(config, model="theirs", base_url=STRANGER, environment={})
    assert named is not None and named.base_url == STRANGER


@pytest.mark.parametrize("line", ['model-api-key-env = "AWS_SECRET"', "model-trusted-endpoints = []"])
def test_a_project_decides_nothing_about_keys(tmp_path: Path, user_file: Path, line: str) -> None:
    with pytest.raises(EnvironmentProblem, match="is for your own"):
        load(tmp_path, line)


def test_caps_of_a_project_only_lower(tmp_path: Path, user_file: Path) -> None:
    user_file.write_text(f'model-base-url = "{OURS}"\nmodel-max-requests = 10')
    config = load(tmp_path, "model-max-requests = 99", "model-max-cost = 0.5", "model-max-tokens = 900000")
    found = model_settings(config, environment={})
    assert found is not None
    assert (found.max_requests, found.max_cost, found.max_tokens) == (10, 0.5, 200_000)


@pytest.mark.parametrize(
    ("written", "timeout_s"), [("model-timeout = 3600", 120.0), ("model-timeout = 5", 5.0)]
)
def test_a_project_makes_nobody_wait_longer(
    tmp_path: Path, user_file: Path, written: str, timeout_s: float
) -> None:
    user_file.write_text(f'model-base-url = "{OURS}"')
    found = model_settings(load(tmp_path, written), environment={})
    assert found is not None and found.timeout_s == timeout_s


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ('model-name = "cheap"', ("cheap", "")),
        ('model-fast-name = "tiny"', ("", "tiny")),
        ("", ("dear", "dear-too")),
    ],
)
def test_the_model_is_the_users_choice_where_they_made_one(
    tmp_path: Path, user_file: Path, user: str, names: tuple[str, str]
) -> None:
    """Models of one endpoint differ in price."""
    user_file.write_text(f'model-base-url = "{OURS}"\n{user}')
    found = model_settings(
        load(tmp_path, 'model-name = "dear"', 'model-fast-name = "dear-too"'), environment={}
    )
    assert found is not None and (found.model, found.fast_model) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobs = 3", "is for a project's"),
        ("model-base-url = 'ftp://x'", "takes an address"),
        ("model-max-cost = -1", "takes a number from 0 on"),
        ("[", "cannot be read"),
    ],
)
def test_a_bad_file_of_the_user_is_told(tmp_path: Path, user_file: Path, text: str, message: str) -> None:
    user_file.write_text(text)
    with pytest.raises(EnvironmentProblem, match=message) as caught:
        load(tmp_path)
    assert str(user_file) in caught.value.sentence


def test_the_environment_is_the_users_own() -> None:
    environment = {"OPENAI_BASE_URL": OURS}
    assert model_settings(Config(model_name="of the project"), environment=environment) is None
    found = model_settings(Config(), model="m", environment=environment)
    assert found is not None and found.base_url == OURS


def test_a_cassette_needs_no_endpoint(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    played = model_settings(Config(), environment={"TRACEMEND_CASSETTE": str(tape)})
    recorded = model_settings(Config(), base_url=OURS, environment={"TRACEMEND_CASSETTE": f"record:{tape}"})
    assert played is not None and (played.cassette, played.records_cassette) == (tape, False)
    assert recorded is not None and (recorded.cassette, recorded.records_cassette) == (tape, True)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://here/v1"])
def test_what_is_no_address_is_told_before_anything_is_asked(url: str) -> None:
    with pytest.raises(EnvironmentProblem, match="no address"):
        model_settings(Config(), base_url=url, model="m", environment={})


def test_neither_model_nor_endpoint() -> None:
    assert model_settings(Config(), environment={}) is None and consent_notice(Config()) is None
    with pytest.raises(EnvironmentProblem, match="no endpoint"):
        model_settings(Config(), model="m", environment={})
