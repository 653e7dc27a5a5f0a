"""Tools of Model Context Protocol servers, through the official `mcp` package.

`declared.py` reads which servers the operator has, `connection.py` keeps one open, `offering.py` makes tools of what a
server lists and texts of what it gives back, `source.py` brings those that a workspace has. The package is loaded with
the first connection: whoever has no server does not pay for it.
"""
