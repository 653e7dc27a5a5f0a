"""Tutoring as rows: sessions, lessons, learners and courses. What the rows mean stands in core/tutoring."""
