"""What a turn costs the database, however long its conversation is and whatever else is stored (law 8)."""
