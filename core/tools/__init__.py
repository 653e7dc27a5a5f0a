"""Functions that a model may call: what one is (tool.py) and those that Parley brings itself.

Which tools a persona may use, running them and asking people first is answering's affair; tools of MCP servers come
from an adapter.
"""
