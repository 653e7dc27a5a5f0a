"""Long text cut into messages that fit, each well formed for itself.

A cut is made at a paragraph, else a line, a sentence, a word; never inside a grapheme, a link, inline code or a
mention. Fences are closed and opened again with their language, a table's header is repeated, emphasis goes on.

Where a message ends is decided at the character that makes it too long, from the text up to there and nothing beyond.
So a message that was full once stays as it is, however the text goes on, provided that `measure` does not shrink when
text is added.
"""

from core.splitting.cuts import Cut, Measure, Opening, Part, seal, split, take

__all__ = ["Cut", "Measure", "Opening", "Part", "seal", "split", "take"]
