"""Personas who teach in tutoring sessions, one for each kind of subject: TOML files, like the other presets."""
