"""Local servers that speak the real protocols. People and tests use the same ones."""
