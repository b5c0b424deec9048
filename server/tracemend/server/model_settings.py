"""From what the user said to the endpoint that is asked, if any; and what to say where a project alone names one.

Text of a project and a key go to an endpoint only if the user agreed: by the command line, by their own settings file, by
their editor, or by `OPENAI_BASE_URL` in their environment. A `pyproject.toml` comes with the code of strangers, so an
endpoint in it is a proposal, which counts once the user's `model-trusted-endpoints` have it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.runner.environment import EnvironmentProblem

from .config import Config, user_config_file

BASE_URL_VARIABLE = "OPENAI_BASE_URL"
CASSETTE_VARIABLE = "TRACEMEND_CASSETTE"
_RECORD = "record:"


def model_settings(
    config: Config,
    *,
    base_url: str | None = None,
    model: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ModelSettings | None:
    """Return the endpoint to ask, None if no model is configured. What the command line says goes first.

    Raises `EnvironmentProblem` where a model is wanted and there is no endpoint that the user agreed to, and for an
    endpoint that is no address: a model is asked late, if at all, and nobody should wait to learn of a slip.
    """
    name = model or config.model_name or ""
    url = base_url or config.model_base_url
    cassette = environment.get(CASSETTE_VARIABLE, "")
    if not url and model:  # A project that names a model has not asked the user.
        url = environment.get(BASE_URL_VARIABLE)
    if not url and not cassette:
        if model:
            raise _no_endpoint(config, model)
        return None
    if url and not url.startswith(("http://", "https://")):
        raise EnvironmentProblem(f"{url!r} is no address of an endpoint.", "Write it as http://host:port/v1.")
    path = cassette.removeprefix(_RECORD)
    settings = ModelSettings(
        (url or "").rstrip("/"),
        name,
        fast_model="" if model else config.model_fast_name or "",
        cassette=Path(path) if path else None,
        records_cassette=cassette.startswith(_RECORD),
    )
    said = {
        "api_key_env": config.model_api_key_env,
        "max_tokens": config.model_max_tokens,
        "max_requests": config.model_max_requests,
        "max_seconds": config.model_max_s,
        "max_cost": config.model_max_cost,
        "price_in": config.model_price_in,
        "price_out": config.model_price_out,
        "timeout_s": config.model_timeout_s,
    }
    return replace(settings, **{key: value for key, value in said.items() if value is not None})  # type: ignore[arg-type]


def consent_notice(config: Config) -> str | None:
    """Return what to tell once where the project names an endpoint that is not used for want of consent."""
    if config.model_proposed_url is None:
        return None
    return (
        f"This project's pyproject.toml names the model endpoint {config.model_proposed_url}. Nothing is sent there "
        f"unless you agree: {_how_to_agree(config.model_proposed_url)}"
    )


def _no_endpoint(config: Config, model: str) -> EnvironmentProblem:
    if config.model_proposed_url is not None:
        sentence = (
            f"Only the project's pyproject.toml says where {model!r} is served: {config.model_proposed_url}."
        )
        return EnvironmentProblem(sentence, f"If you agree, {_how_to_agree(config.model_proposed_url)}")
    return EnvironmentProblem(
        f"The model {model!r} is named, but no endpoint that serves it.",
        f"Pass --base-url, or write model-base-url into {user_config_file()}.",
    )


def _how_to_agree(url: str) -> str:
    return f"pass --base-url {url}, or add it to model-trusted-endpoints in {user_config_file()}."
