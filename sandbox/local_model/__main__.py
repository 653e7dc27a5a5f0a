"""`python -m sandbox.local_model`: the model's server by itself, until its input is closed or it is told to stop.

It prints one line, `listening ADDRESS`, once the model is loaded. Whoever starts it holds its input open: when that one
dies, however it dies, the input closes and this process ends too. The key comes by the environment, never by arguments.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

from sandbox.local_model.installation import SERVER_MODULE, LocalModelUnavailable, model_file
from sandbox.local_model.process import API_KEY, CONTEXT, MODEL, SLOTS

LONGEST_ANSWER = 1024
"""Tokens. Small models like to go on until the window is full."""


def usable_cores() -> int:
    """The cores this process may use, which containers make fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parameters(llama: Any, file: str, key: str) -> Any:
    """llama.cpp's settings: loopback only, a free port, the whole window for each of the slots."""
    params = llama.CommonParams()
    params.model.path = file
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.n_parallel = SLOTS
    params.n_ctx = CONTEXT * SLOTS
    params.n_predict = LONGEST_ANSWER
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = usable_cores()
    # The makers' advice for this model is a low temperature; a little penalty keeps it from going round in circles.
    params.sampling.temp, params.sampling.top_p, params.sampling.penalty_repeat = 0.2, 0.9, 1.1
    params.offline = True
    params.ui = False
    return params


def main() -> None:
    """Loads, listens, and waits for its input to close."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        file = model_file()
        llama = importlib.import_module(SERVER_MODULE)  # untyped, and not there on every machine
        server = llama.Server(parameters(llama, str(file), os.environ.get(API_KEY, "sk-local")))
    except (LocalModelUnavailable, ImportError, RuntimeError) as error:
        sys.exit(str(error))
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
