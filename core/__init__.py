"""The conversation engine. It knows no platform and no HTTP; see docs for the way of a message."""
