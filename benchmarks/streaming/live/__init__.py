"""The real bot against the sandbox, in real time: people ask, and what they could read when is looked up afterwards.

The bot is a process of its own with its real adapters; the platform and the model are the sandbox, in this process,
with rate limits on. `answers.py` is the model's part, `places.py` the platforms', `process.py` the bot's,
`sightings.py` turns what was shown when into lags, and `table.py` runs it all.
"""
