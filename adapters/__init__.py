"""What connects the engine to strangers: platforms on one side, models on the other."""
