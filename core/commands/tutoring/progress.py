"""`/tutor progress` and `/tutor export`: what a learner masters, as text, as a picture, and as cards to take along."""

from __future__ import annotations

from datetime import datetime, tzinfo

from core.chart import MEDIA_TYPE, Charts, Track
from core.commands.foreign import plain
from core.interaction import Answer, File
from core.tutoring import showing
from core.tutoring.flashcards import ANKI_TYPE, CSV_TYPE, DeckWriter, deck_of
from core.tutoring.mastery import MASTERED_FROM, estimates
from core.tutoring.session import Lesson, Objective

NOTHING_TO_EXPORT = "There are no cards yet: a question becomes one when it was answered."


async def progress(lesson: Lesson, charts: Charts | None, zone: tzinfo) -> Answer:
    """What is mastered, in text, and how it grew, as a picture with the days of that zone."""
    return Answer(text=showing.card(lesson), files=() if charts is None else await _picture(lesson, charts, zone))


async def _picture(lesson: Lesson, charts: Charts, zone: tzinfo) -> tuple[File, ...]:
    if not lesson.objectives:
        return ()
    tracks = [_track(one, zone) for one in lesson.objectives]
    title = f"{lesson.session.name}: what you master"
    content = await charts.track_chart(title, tracks, goal=MASTERED_FROM)
    told = "; ".join(f"{track.name}: {track.told}" for track in tracks)
    return (File(name="progress.png", media_type=MEDIA_TYPE, content=content, alt_text=f"{title}. {told}"),)


def _track(objective: Objective, zone: tzinfo) -> Track:
    answered = [question for question in objective.questions if question.evidence is not None]
    found = estimates(objective.evidence)
    points = tuple(
        ((one.closed_at or one.at).astimezone(zone), part) for one, part in zip(answered, found, strict=True)
    )
    return Track(name=objective.title, points=points, told=_told(objective, zone))


def _told(objective: Objective, zone: tzinfo) -> str:
    if not objective.evidence:
        return "not begun"
    part = f"{objective.mastery.estimate:.0%}"
    return part if objective.review is None else f"{part}, review {_day(objective.review.due.astimezone(zone))}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"


async def exported(lesson: Lesson, writer: DeckWriter) -> Answer:
    """The session's cards, for Anki and as a table."""
    deck = deck_of(lesson)
    if not deck.cards:
        return Answer(text=NOTHING_TO_EXPORT)
    name = "-".join(plain(lesson.session.name).split()).lower() or "cards"
    files = (
        File(name=f"{name}.apkg", media_type=ANKI_TYPE, content=await writer.anki(deck)),
        File(name=f"{name}.csv", media_type=CSV_TYPE, content=writer.table(deck)),
    )
    return Answer(text=f"{len(deck.cards)} cards of *{plain(lesson.session.name)}*.", files=files)
