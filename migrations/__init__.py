"""How the tables came to be what they are: one history for SQLite and PostgreSQL."""
