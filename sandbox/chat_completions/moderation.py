"""Moderation by a handful of plain words, so that anyone can predict what is flagged. No judgement of meaning."""

from __future__ import annotations

import re
from typing import Any

WORDS = {
    "harass": "harassment",
    "hateful": "hate",
    "illicit": "illicit",
    "self-harm": "self-harm",
    "sexual": "sexual",
    "kill": "violence",
    "gore": "violence/graphic",
}
CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


def judged(given: object) -> list[dict[str, Any]]:
    """One result for a text or a list of parts, one each for a list of texts."""
    if isinstance(given, list) and any(isinstance(part, dict) for part in given):
        return [_result(" ".join(str(part.get("text", "")) for part in given if isinstance(part, dict)))]
    texts = given if isinstance(given, list) else [given]
    return [_result(str(text)) for text in texts]


def _result(text: str) -> dict[str, Any]:
    words = set(re.findall(r"[\w-]+", text.lower()))
    found = {category for word, category in WORDS.items() if word in words}
    return {
        "flagged": bool(found),
        "categories": {category: category in found for category in CATEGORIES},
        "category_scores": {category: 0.98 if category in found else 0.01 for category in CATEGORIES},
        "category_applied_input_types": {category: ["text"] if category in found else [] for category in CATEGORIES},
    }
