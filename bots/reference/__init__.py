"""Reference pages made from the declarations, so that they cannot drift: `python -m bots.reference` writes them all."""
