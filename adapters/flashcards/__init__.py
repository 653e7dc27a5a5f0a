"""Decks of cards as files: Anki packages and tables."""
