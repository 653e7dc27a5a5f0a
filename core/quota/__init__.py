"""Who may spend how much, and what a turn costs. Pure: no database, no clock, no price list.

- **What may be spent** (`limit.py`): limits, how people write and read them, and which of them hold for a turn.
- **Since when it is counted** (`window.py`): calendar windows in a time zone, and sliding ones.
- **What was spent** (`price.py`): tokens and cost of an answer, at a price that somebody else knows (adapters/pricing).

Keeping the ledger is the store's affair: it counts what these modules name.
"""
