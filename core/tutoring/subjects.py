"""Which kind of subject a topic is, by the words it is called. Pure; the plan may correct it."""

from __future__ import annotations

from core.tutoring.secrecy import words
from core.tutoring.teachers import Subject

_WORDS: dict[Subject, frozenset[str]] = {
    Subject.MATHEMATICS: frozenset(
        [
            "math",
            "maths",
            "mathematics",
            "algebra",
            "fractions",
            "fraction",
            "geometry",
            "calculus",
            "statistics",
            "probability",
            "equations",
            "equation",
            "percent",
            "percentages",
            "arithmetic",
            "trigonometry",
            "vectors",
            "matrices",
            "derivatives",
            "integrals",
            "logarithms",
            "mathe",
            "bruchrechnung",
        ]
    ),
    Subject.PROGRAMMING: frozenset(
        [
            "python",
            "java",
            "javascript",
            "typescript",
            "rust",
            "go",
            "sql",
            "code",
            "coding",
            "programming",
            "algorithms",
            "algorithm",
            "regex",
            "git",
            "html",
            "css",
            "recursion",
            "functions",
            "pointers",
            "programmieren",
            "linux",
            "bash",
        ]
    ),
    Subject.LANGUAGE: frozenset(
        [
            "english",
            "german",
            "french",
            "spanish",
            "italian",
            "portuguese",
            "latin",
            "greek",
            "russian",
            "polish",
            "turkish",
            "arabic",
            "chinese",
            "mandarin",
            "japanese",
            "korean",
            "dutch",
            "vocabulary",
            "grammar",
            "tense",
            "tenses",
            "conjugation",
            "deutsch",
            "englisch",
            "französisch",
            "spanisch",
        ]
    ),
    Subject.ESSAY: frozenset(
        [
            "essay",
            "essays",
            "writing",
            "thesis",
            "argument",
            "cover",
            "letter",
            "speech",
            "abstract",
            "aufsatz",
            "erörterung",
        ]
    ),
}


def subject_of(topic: str) -> Subject:
    """The kind whose words stand in the topic; facts where none do."""
    said = set(words(topic))
    found = {subject: len(said & known) for subject, known in _WORDS.items()}
    best = max(found, key=lambda subject: found[subject])
    return best if found[best] else Subject.FACTS
