"""Pages of the web, from allowed hosts and never from the network that Parley itself is in.

hosts.py      which hosts and ports may be named        (pure)
addresses.py  which IP addresses are the public's        (pure)
route.py      from a name to the checked addresses that a connection may go to
bodies.py     what a server sends, decompressed within bounds
pages.py      fetching, redirect by redirect
"""
