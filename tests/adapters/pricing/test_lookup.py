"""What is looked up is what the library itself would charge."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, Provider

from adapters.pricing.lookup import found, schedule
from adapters.pricing.schedule import Schedule, schedule_read
from core.quota.price import cost
from core.turn import Usage

USAGES = [(1000, 0, 100), (199_999, 150_000, 3), (200_000, 0, 7), (272_001, 272_000, 11), (600_000, 1, 1_000)]
"""Prompt, cached part, completion: on both sides of the edges that providers set."""
INSTANTS = [datetime(2024, 5, 5, tzinfo=UTC) + timedelta(days=150 * step, hours=3.7 * step) for step in range(8)]


def everything() -> Iterator[tuple[Provider, ModelInfo, Schedule]]:
    """Each model that the library knows, with what the lookup says of it."""
    for provider in get_snapshot().providers:
        for model in provider.models:
            yield provider, model, schedule_read(schedule(provider, model))


def test_text_costs_what_the_library_says() -> None:
    """Of every model it knows, at several times and lengths; only where reasoning is dearer may ours be more."""
    compared = 0
    for provider, model, ours in everything():
        for at, (prompt, cached, completion) in zip(INSTANTS, USAGES * 2, strict=False):
            if (price := ours.at(at)) is None:
                continue
            theirs = model.calc_price(
                TheirUsage(input_tokens=prompt, cache_read_tokens=cached, output_tokens=completion),
                provider,
                genai_request_timestamp=at,
            )
            nano = cost(Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion), price)
            exact = math.ceil(theirs.total_price * 10**9)
            reasons = "output_reasoning_mtok" in vars(theirs.model_price)
            assert nano == exact or (reasons and nano >= exact), (provider.id, model.id, at)
            compared += 1
    assert compared > 10_000


def test_the_hour_of_the_day_chooses_as_in_the_library() -> None:
    """Where a price is for some hours, each quarter of an hour has the library's."""
    models = [model for _, model, ours in everything() if any(dated.begins for dated in ours.prices)]
    assert models
    for provider, model, ours in everything():
        if not any(dated.begins for dated in ours.prices):
            continue
        for step in range(96):
            at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=15 * step)
            price, theirs = ours.at(at), model.get_prices(at)
            assert price is not None
            assert (price.prompt, price.completion) == (vars(theirs)["input_mtok"], vars(theirs)["output_mtok"])
            assert provider.name in price.source


@pytest.mark.parametrize(
    ("model", "address", "provider"),
    [
        ("gpt-4o-mini", "https://api.openai.com/v1", "OpenAI"),
        ("gpt-4o-mini", "HTTPS://API.OpenAI.com/v1", "OpenAI"),
        ("gpt-4o-mini-2024-07-18", "https://api.openai.com/v1", "OpenAI"),
        ("openai/gpt-4o", "https://openrouter.ai/api/v1", "OpenRouter"),
        ("gpt-4o", "https://acme.openai.azure.com/openai/v1", "Microsoft Azure"),
        ("models/gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai", "Google"),
        ("gpt-4o-mini", None, "OpenAI"),
        ("gpt-4o-mini", "https://llm.example.com/v1", "OpenAI"),
        ("anthropic/claude-sonnet-4-5", "https://llm.example.com/v1", "Anthropic"),
    ],
)
def test_the_address_says_who_serves_a_model_else_its_name_does(model: str, address: str | None, provider: str) -> None:
    """The price is that of whoever answers, where the library knows them."""
    answer = found([model], address)[model]
    assert answer["source"].endswith(provider)
    assert answer["prices"][-1]["price"] is not None


@pytest.mark.parametrize(
    ("model", "address"),
    [
        ("our-own-model", None),
        ("our-own-model", "https://api.openai.com/v1"),
        ("claude-sonnet-4-5", "https://api.openai.com/v1"),
        ("", None),
        ("\0", None),
    ],
)
def test_what_nobody_knows_is_unknown(model: str, address: str | None) -> None:
    """Also a model that the provider in question does not have, though another has it."""
    assert found([model], address)[model] is None


def test_a_fee_for_each_call_and_a_missing_part_make_a_price_unknown() -> None:
    """Rather than one that is too low; a model that is called free costs nothing."""
    at = INSTANTS[-1]
    for provider, model, ours in everything():
        parts = {name for name, price in vars(model.get_prices(at)).items() if price is not None}
        price = ours.at(at)
        if "requests_kcount" in parts or (parts and not {"input_mtok", "output_mtok"} <= parts):
            assert price is None, (provider.id, model.id)
        if not parts:
            assert (price is not None and price.prompt == price.completion == 0) == model.id.endswith(":free")
