"""Tutoring sessions at work: messages are read and graded, models draft and write, cards and reminders are shown.

The rules stand in core/tutoring and are pure; here is what asks, stores and shows.
"""
