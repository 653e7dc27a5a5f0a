"""A local Slack that the real slack_sdk and slack_bolt accept over real sockets.

It is written from Slack's documentation and the client libraries' source, and knows nothing of Parley: the two
meet on the wire. `server.SlackSandbox` is the whole of it; `python -m sandbox.slack` runs it alone.
"""
