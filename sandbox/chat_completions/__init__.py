"""A chat completions server on this machine, for people without a key and for tests.

It validates requests as OpenAI does and can play every failure and every oddity of compatible servers that is
known to us. What it answers is scripted, or a demo that says it is one. It is no language model.
"""
