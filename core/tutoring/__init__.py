"""The rules of tutoring: what a session is, what a question is, when something is mastered and what comes next. Pure.

The model decides how to teach; what is here decides whether the learner advances. Asking models and showing what they
write is core/teaching's part, keeping it the store's.
"""
