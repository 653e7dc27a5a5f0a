"""Every way in which this Discord says no, with the codes of Discord's page on opcodes and status codes."""

from sandbox.discord.values import Refusal

UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
NO_SUCH_ROUTE = Refusal(404, 0, "404: Not Found")
WRONG_METHOD = Refusal(405, 0, "405: Method Not Allowed")
TOO_LARGE = Refusal(413, 40005, "Request entity too large")
NOT_JSON = Refusal(400, 50109, "The request body contains invalid JSON.")
INVALID_FORM = Refusal(400, 50035, "Invalid Form Body")

UNKNOWN_APPLICATION = Refusal(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Refusal(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Refusal(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Refusal(404, 10008, "Unknown Message")
UNKNOWN_USER = Refusal(404, 10013, "Unknown User")
UNKNOWN_EMOJI = Refusal(400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = Refusal(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Refusal(404, 10063, "Unknown application command")

ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
NOT_YOURS = Refusal(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Refusal(400, 50006, "Cannot send an empty message")
NO_DIRECT_MESSAGES = Refusal(403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
WRONG_CHANNEL_TYPE = Refusal(400, 50024, "Cannot execute action on this channel type")
INVALID_WEBHOOK_TOKEN = Refusal(401, 50027, "Invalid Webhook Token")
ARCHIVED = Refusal(400, 50083, "Thread is archived")
SYSTEM_MESSAGE = Refusal(403, 50021, "Cannot execute action on a system message")
HAS_A_THREAD = Refusal(400, 160004, "A thread has already been created for this message")
NO_HISTORY_TO_REPLY = Refusal(400, 160002, "Cannot reply without permission to read message history")
