"""assistant.threads.* and agents.sessions.*: what shows above and below a thread while the app works."""

from collections.abc import Sequence

from sandbox.slack.arguments import Arguments
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import GENEROUS, TIER_3
from sandbox.slack.sessions import SESSION_STATUSES, Session, Thread
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace

MOST_LOADING_MESSAGES = 10
MOST_TITLE = 200


class Threads:
    """Status lines, suggested prompts, titles and agent sessions."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def methods(self) -> Sequence[Method]:
        write, assist, line = "chat:write", "assistant:write", "assistant.threads"
        return (
            Method(name=f"{line}.setStatus", limit=GENEROUS, handler=self.status, scope=write),
            Method(name=f"{line}.setSuggestedPrompts", limit=TIER_3, handler=self.prompts, scope=assist),
            Method(name=f"{line}.setTitle", limit=TIER_3, handler=self.title, scope=assist),
            Method(name="agents.sessions.setStatus", limit=TIER_3, handler=self.session, scope=write),
            Method(name="agents.sessions.rename", limit=TIER_3, handler=self.rename, scope=write),
        )

    def status(self, args: Arguments) -> Json:
        channel, thread_ts = self._thread(args)
        loading = args.given_list("loading_messages") or []
        if len(loading) > MOST_LOADING_MESSAGES:
            raise ApiError("invalid_arguments")
        self._workspace.set_status(channel, thread_ts, args.text("status") or "", tuple(loading))
        return {}

    def prompts(self, args: Arguments) -> Json:
        place = places.joined(self._workspace, args.required("channel_id"))
        prompts = args.given_list("prompts")
        if prompts is None or not all(isinstance(p, dict) and p.get("title") and p.get("message") for p in prompts):
            raise ApiError("invalid_arguments")
        self._workspace.sessions.prompts[place.id, args.text("thread_ts")] = tuple(prompts)
        self._workspace.changes.tell()
        return {}

    def title(self, args: Arguments) -> Json:
        self._workspace.sessions.titles[self._thread(args)] = args.required("title")
        self._workspace.changes.tell()
        return {}

    def session(self, args: Arguments) -> Json:
        """Only apps declared as agents have sessions."""
        if not self._workspace.manifest.agent:
            raise ApiError("not_allowed")
        thread, status = self._thread(args), args.required("status")
        title = args.text("title") or ""
        if status not in SESSION_STATUSES or len(title) > MOST_TITLE:
            raise ApiError("invalid_arguments")
        session = self._workspace.sessions.set_status(thread, status, title)
        self._workspace.changes.tell()
        return {"session": _shown(thread, session)} | self._warning(status)

    def rename(self, args: Arguments) -> Json:
        title = args.required("title")
        if len(title) > MOST_TITLE:
            raise ApiError("invalid_arguments")
        if not self._workspace.sessions.rename(self._thread(args), title):
            raise ApiError("session_not_found")
        self._workspace.changes.tell()
        return {}

    def _thread(self, args: Arguments) -> Thread:
        place = places.joined(self._workspace, args.required("channel_id"))
        thread_ts = args.required("thread_ts")
        if self._workspace.book.get(place.id, thread_ts) is None:
            raise ApiError("invalid_thread_ts")
        return place.id, thread_ts

    def _warning(self, status: str) -> Json:
        """Without the event a person gets no Stop button (docs.slack.dev/reference/events/agent_session_stopped)."""
        if status != "processing" or self._workspace.manifest.hears("agent_session_stopped"):
            return {}
        return {"warning": "missing_agent_session_stopped_event_subscription"}


def _shown(thread: Thread, session: Session) -> Json:
    return {"channel_id": thread[0], "thread_ts": thread[1], "status": session.status, "title": session.title}
