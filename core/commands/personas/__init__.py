"""`/persona`: personas made, changed, looked at and put to use from the chat, a module for each kind of verb."""
