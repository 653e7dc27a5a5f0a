"""Files that people send, made readable for models, in a process of their own."""
