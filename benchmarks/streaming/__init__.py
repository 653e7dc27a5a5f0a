"""How much later than the model writes it people can read an answer, and what that costs."""
