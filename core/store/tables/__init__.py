"""The tables. Constraints carry the promises, and every reader has its index.

    conversations 1 ──── n turns 1 ──── n messages        effects     what was done already (law 1)
                                └────── n posts           erasures    what is still to be forgotten
                                                          usage       what each turn used
    workspaces, channels   what admins have set           audit       what admins did
    personas 1 ──── n persona_versions                    persona_uses  who answers where
    quota_limits  how much for whom     quota_counters 1 ──── n quota_holds   used, and reserved for which turn
    quota_grants  something extra, once                   notes         what people had kept
    approvals     calls of tools that a turn asks a person about
    tool_servers  what brings tools
    tutor_sessions 1 ──── n tutor_objectives 1 ──── n tutor_questions    tutor_steps  what a turn of one decided
    tutor_learners, tutor_courses
    links         who is one person on several platforms         link_codes    how they show it

How rows become values is said in the module of each noun. What of them is people's, and when it goes, is said in
people.py.
"""

from core.store.tables.base import Row
from core.store.tables.conversations import ConversationRow, MessageRow, PostRow, TurnRow, is_live, is_open
from core.store.tables.equipment import ToolServerRow
from core.store.tables.links import LinkCodeRow, LinkRow
from core.store.tables.notes import NoteRow
from core.store.tables.personas import PersonaRow, PersonaUseRow, PersonaVersionRow
from core.store.tables.places import ChannelRow, WorkspaceRow
from core.store.tables.quotas import QuotaCounterRow, QuotaGrantRow, QuotaHoldRow, QuotaLimitRow
from core.store.tables.records import AuditRow, EffectRow, ErasureRow, UsageRow
from core.store.tables.tools import ApprovalRow
from core.store.tables.tutoring import CourseRow, LearnerRow, ObjectiveRow, QuestionRow, SessionRow, StepRow

__all__ = [
    "ApprovalRow",
    "AuditRow",
    "ChannelRow",
    "ConversationRow",
    "CourseRow",
    "EffectRow",
    "ErasureRow",
    "LearnerRow",
    "LinkCodeRow",
    "LinkRow",
    "MessageRow",
    "NoteRow",
    "ObjectiveRow",
    "PersonaRow",
    "PersonaUseRow",
    "PersonaVersionRow",
    "PostRow",
    "QuestionRow",
    "QuotaCounterRow",
    "QuotaGrantRow",
    "QuotaHoldRow",
    "QuotaLimitRow",
    "Row",
    "SessionRow",
    "StepRow",
    "ToolServerRow",
    "TurnRow",
    "UsageRow",
    "WorkspaceRow",
    "is_live",
    "is_open",
]
