"""`parley setup`: a first installation as a conversation in the terminal. `guide.py` is the verb."""
