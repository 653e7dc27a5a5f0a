"""A local Discord that the real discord.py accepts over real sockets: REST v10 and Gateway v10.

It is written from Discord's documentation and the client library's source, and knows nothing of Parley: the two meet
on the wire. `server.DiscordSandbox` is the whole of it; `python -m sandbox.discord` runs it alone. Inside this folder
every import is absolute, because `discord` alone means the library.
"""
