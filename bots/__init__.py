"""One short module per process, and the `parley` command."""
