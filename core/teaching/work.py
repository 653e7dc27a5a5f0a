"""One turn of a session while it is worked on: what is known of it, what was said so far, and what that took."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.asking import Asking
from core.listening import Listener
from core.persona import Persona
from core.store.teaching import Taught
from core.turn import Turn, Usage
from core.voices import Voice


@dataclass(slots=True, kw_only=True)
class Work:
    """One turn of a session, while it is being worked on."""

    turn: Turn
    taught: Taught
    voice: Voice
    listener: Listener
    used: Usage = Usage()
    """What it took so far."""
    text: list[str] = field(default_factory=list)
    private: tuple[str, ...] = ()
    kept: int = 0
    """Characters whose messages are stored already."""

    @property
    def persona(self) -> Persona:
        """Who teaches."""
        return self.voice.persona

    @property
    def written(self) -> str:
        """All that was said so far."""
        return "".join(self.text)

    def say(self, words: str) -> None:
        """A paragraph more."""
        if words.strip():
            self.add(f"\n\n{words}" if self.written.strip() else words)

    def add(self, words: str) -> None:
        """More text, as it comes."""
        self.text.append(words)
        self.listener.add(words)

    def spent(self, used: Usage) -> None:
        """That much more was used."""
        self.used += used
        self.listener.found(Asking(voice=self.voice, before=self.used, kept=self.kept))
