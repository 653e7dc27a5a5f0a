"""Everything at once, as `make run` wants it: a Slack, a Discord, a model and a page on one port, and Parley itself.

Parley is a child process that is given addresses by its environment and nothing else, exactly as in production.
"""
