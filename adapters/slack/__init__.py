"""Slack, through slack-bolt and slack_sdk: what people do there becomes core's `Incoming`, and replies its messages.

In: Socket Mode or HTTP → bolt → hearing → translate → the receiver. Out: surface → web.
"""
