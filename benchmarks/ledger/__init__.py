"""What it costs to reserve and to settle, with an empty ledger and with a large one."""
