"""`/tutor` and its verbs, declared once."""

from __future__ import annotations

from core.commands.declaration import Command, Option

NAME = Option(name="name", summary="Which session: the last one where you name none", suggested=True, rest=True)
SWITCH = ("on", "off")
TUTOR = Command(
    name="tutor",
    summary="Learn something step by step, in direct messages: with questions, hints and reviews",
    verbs=(
        Command(
            name="start",
            summary="Begin a session, in a form",
            options=(Option(name="topic", summary="What you want to learn", rest=True),),
        ),
        Command(name="pause", summary="Pause the session; nothing is lost"),
        Command(name="resume", summary="Go on with a session where you left it", options=(NAME,)),
        Command(name="list", summary="Your sessions, and how far each is"),
        Command(name="progress", summary="What you master, as text and as a picture", options=(NAME,)),
        Command(name="recap", summary="What was learnt, what is shaky, and what comes next", options=(NAME,)),
        Command(name="why", summary="Why the tutor does what it does, and what it thinks you know"),
        Command(name="review", summary="Repeat what is due"),
        Command(name="end", summary="End the session", options=(NAME,)),
        Command(
            name="note",
            summary="See or correct what I noted on how you learn",
            options=(Option(name="text", summary="What shall stand there instead; a hyphen clears it", rest=True),),
        ),
        Command(
            name="remind",
            summary="Be reminded of reviews, at most once a day",
            options=(Option(name="when", summary="off, or your hours, such as 17-20 or 18:30-21:00", rest=True),),
        ),
        Command(name="export", summary="Get your questions as cards, for Anki and as a table", options=(NAME,)),
        Command(
            name="course",
            summary="Join the course of this channel; admins give it one in a form",
            options=(Option(name="do", summary="What to do", choices=("join", "show", "edit", "remove")),),
        ),
        Command(name="class", summary="How far the course's members are, in groups of five (admins)", admin=True),
        Command(
            name="honesty",
            summary="Whether graded work is coached and never solved (admins)",
            options=(Option(name="rule", summary="on is the default", choices=SWITCH),),
            admin=True,
        ),
    ),
)
