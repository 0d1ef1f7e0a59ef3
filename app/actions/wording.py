"""What a claimed message says now: an incident as it stands, or that there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from app.db import incidents
from app.db.conn import Conn
from app.db.telegram import Outcome, Queued
from app.domain.incident import Incident, IncidentState
from app.domain.rule import Level
from app.domain.telegram import Post
from app.errors import Paced
from app.hub import Hub
from app.ports import Saying
from app.render.incident import View, whole_text
from app.render.incident_keyboard import incident_keyboard


@dataclass(frozen=True, slots=True)
class Words:
    """What to say, and of which incident. `instead`: why it is not said; `same`: the post shows
    just this already."""

    saying: Saying
    incident: Incident | None = None
    instead: Outcome | None = None
    same: bool = False

    @property
    def digest(self) -> str:
        """The same for what looks the same."""
        return sha256(repr((self.saying.text, self.saying.keyboard)).encode()).hexdigest()[:32]


async def words(conn: Conn, hub: Hub, queued: Queued) -> Words:
    """A message in its words, in the caller's transaction. Raises Paced when it is too soon for
    another edit that nobody waits for."""
    message = queued.message
    incident = await incidents.one(conn, message.incident_id) if message.incident_id else None
    plain = Words(message.saying(), incident)
    if queued.audience.disabled:
        return replace(plain, instead=Outcome.UNDELIVERABLE)
    if queued.expired:
        return replace(plain, instead=Outcome.EXPIRED)
    if message.kind != "incident":
        return _plain(plain, queued)
    if queued.post is None or incident is None:
        return replace(plain, instead=Outcome.DROPPED)
    return _of_incident(hub, queued, queued.post, plain)


def _plain(plain: Words, queued: Queued) -> Words:
    """A message that was written when it was queued. What escalates an incident replies to its
    post, and is not said once somebody has taken care or it is over."""
    saying, incident, kind = plain.saying, plain.incident, queued.message.kind
    quiet = queued.audience.is_quiet(queued.now) and kind != "reply"
    if incident is not None:
        quiet = quiet and incident.level is not Level.CRITICAL
        if kind == "nudge" and not (_is_seen(queued.post) and _calls(incident, queued.now)):
            return replace(plain, instead=Outcome.DROPPED)
    post = queued.post
    if post is not None and saying.reply_to is None:
        saying = replace(saying, reply_to=post.telegram_id, thread_id=post.thread_id)
    return replace(plain, saying=replace(saying, silent=saying.silent or quiet))


def _is_seen(post: Post | None) -> bool:
    """Whether there is something to answer to; else the post, when it comes, calls people."""
    return post is not None and post.telegram_id is not None


def _calls(incident: Incident, now: datetime) -> bool:
    """Whether people are still called to it by itself."""
    muted = incident.muted_until is not None and incident.muted_until > now
    explained = incident.parent_id is not None or incident.silenced_by is not None
    return incident.state is IncidentState.FIRING and not muted and not explained


def _of_incident(hub: Hub, queued: Queued, post: Post, plain: Words) -> Words:
    incident, audience = plain.incident, queued.audience
    assert incident is not None
    over = incident.state is IncidentState.RESOLVED
    if post.telegram_id is None and (over or incident.parent_id or incident.silenced_by):
        return replace(plain, instead=Outcome.DROPPED)  # nobody heard of it, and nobody need
    rule = hub.rules.get(incident.rule)
    language = audience.language or hub.language
    link = f"{hub.public_url}/portal/incidents/{incident.id}" if hub.public_url else None
    view = View(language, hub.clock(), audience.timezone, link)
    quiet = audience.is_quiet(queued.now) and incident.level is not Level.CRITICAL
    said = Words(
        replace(
            plain.saying, text=whole_text(incident, rule, view), edit=post.telegram_id,
            thread_id=post.thread_id, silent=over or quiet,
            keyboard=incident_keyboard(incident, rule, language, link),
        ),
        incident,
    )  # fmt: skip
    if post.telegram_id is not None:
        if post.shown_hash == said.digest:
            return replace(said, same=True)
        _debounce(hub, queued, post)
    return said


def _debounce(hub: Hub, queued: Queued, post: Post) -> None:
    """Edits that nobody asked for keep their distance."""
    if post.pressed or post.shown_at is None:
        return
    left = min(post.shown_at + hub.paces.edits - queued.now, hub.paces.edits)
    if left > timedelta(0):
        raise Paced(left.total_seconds())
