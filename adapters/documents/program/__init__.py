"""The program that opens files. It runs apart (bounds.py), so that whatever a file does is done to nobody else.

Nothing of Parley imports it: the libraries that read documents would stay in the bot's memory for good.
"""
