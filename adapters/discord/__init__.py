"""Discord, through discord.py: what people do there becomes core's `Incoming`, and replies become its messages.

In: gateway → intake → translate → the receiver. Out: surface → rest. Inside this folder every import is absolute,
because `discord` alone means the library.
"""
