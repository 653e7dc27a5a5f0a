"""Tools of servers that speak the Model Context Protocol, over pipes or HTTP.

servers.py decides which servers a workspace has and gives their tools; connection.py keeps one server's session in one
task; session.py speaks the protocol and is the only module, with pipes.py and web.py, that loads the `mcp` library:
when a server is first used. What a server says is foreign: listing.py checks it, results.py bounds it.
"""
