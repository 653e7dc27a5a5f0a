"""A small real language model on this machine, for people without a key: llama.cpp's own server and a 135M model.

It streams about a hundred tokens a second on two cores and knows little: it shows the plumbing, not wisdom. The server
runs in a process of its own, so that its threads and a crash of its native code stay away from the sandbox.
"""
