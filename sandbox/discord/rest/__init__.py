"""What the bot may ask over REST, a module for each group of routes."""
