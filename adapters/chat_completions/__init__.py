"""OpenAI's chat completions and every server that speaks them.

A question goes wire → client → the server; the answer comes back sse → bodies → assembly as core's model events. What
can go wrong on the way has rooms of its own: failures, transport, delays, retries, dialects, fallback.
"""
