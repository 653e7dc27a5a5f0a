"""What core asks of strangers (platforms and models) and of time.

Adapters implement these. Calls raise only errors of core/errors.py; whatever a library raises is translated at
the edge where it appears.
"""

from __future__ import annotations

from core.ports.clock import Clock
from core.ports.draft import CONTROL_LABELS, Call, Control, Draft, Ending, SurfaceLimits, Task, TaskState
from core.ports.model import (
    ChatModel,
    Finished,
    FinishReason,
    ModelEvent,
    ModelNames,
    ModelRequest,
    ReasoningDelta,
    TextDelta,
    TokenCounter,
    ToolCallDelta,
    ToolSpec,
)
from core.ports.receiver import Receiver
from core.ports.surface import BudgetObserver, Messenger, Namer, Outlet, Surface

__all__ = [
    "CONTROL_LABELS",
    "BudgetObserver",
    "Call",
    "ChatModel",
    "Clock",
    "Control",
    "Draft",
    "Ending",
    "FinishReason",
    "Finished",
    "Messenger",
    "ModelEvent",
    "ModelNames",
    "ModelRequest",
    "Namer",
    "Outlet",
    "ReasoningDelta",
    "Receiver",
    "Surface",
    "SurfaceLimits",
    "Task",
    "TaskState",
    "TextDelta",
    "TokenCounter",
    "ToolCallDelta",
    "ToolSpec",
]
