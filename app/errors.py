"""Every error the hub raises on purpose: `reason` labels metrics, `permanent` stops retries."""

from __future__ import annotations


class HubError(Exception):
    """Something the hub expected could go wrong, went wrong."""

    reason = "hub"
    permanent = True

    def __str__(self) -> str:
        """The message (by default the docstring), then the cause: enough for a log line."""
        message = super().__str__() or (self.__doc__ or "").strip()
        cause = self.__cause__
        return f"{message} ({type(cause).__name__}: {cause})" if cause else message


class Forged(HubError):
    """The delivery's proof of origin is missing or wrong."""

    reason = "forged"

    def __init__(self, word: str = "") -> None:
        """`word`: what is wrong, where the adapter knows: token, signature, stale, future, ..."""
        super().__init__(*([word] if word else []))
        self.word = word


class Malformed(HubError):
    """The delivery is authentic but says nothing we can use."""

    reason = "malformed"


class UnknownAccount(HubError):
    """No active account has this name."""

    reason = "unknown_account"


class Unmapped(HubError):
    """Words of the marketplace that nobody has said the meaning of: it waits until somebody does.
    `kind`: store, goods, unit or status; `theirs`: the word, `words`: all of them."""

    reason = "unmapped"
    permanent = False

    def __init__(self, kind: str, theirs: str, *more: str) -> None:
        self.words = (theirs, *more)
        super().__init__(f"nobody said which {kind} {', '.join(map(repr, self.words))} is")
        self.kind = kind
        self.theirs = theirs


class AdapterMissing(HubError):
    """The account's marketplace is none that this process knows; another one may."""

    reason = "adapter_missing"
    permanent = False


class NotYet(HubError):
    """An event came before the one it depends on: it waits for it."""

    reason = "early"
    permanent = False


class LeaseLost(HubError):
    """Somebody else holds this row now; nothing of ours may be written."""

    reason = "lease_lost"
    permanent = False


class StorageAway(HubError):
    """The database did not answer in time; nothing was acknowledged."""

    reason = "storage_away"
    permanent = False


class RemoteRefused(HubError):
    """The other side said no, and will say no again."""

    reason = "remote_refused"


class Unauthorised(RemoteRefused):
    """The other side does not take our key for this."""


class RemoteUnavailable(HubError):
    """The other side is away; try again later."""

    reason = "remote_unavailable"
    permanent = False

    #: Whether the other side may have acted on what it did not answer.
    ambiguous = False

    def __init__(self, message: str = "", *, ambiguous: bool = False, after: float = 0.0) -> None:
        """`after`: seconds the other side asked us to wait (Retry-After), 0 when it did not."""
        super().__init__(*([message] if message else []))
        self.ambiguous = ambiguous
        self.after = after


class MarkingAway(HubError):
    """The marking system does not answer, and this shop sells nothing unchecked."""

    reason = "marking_away"
    permanent = False


class RemoteBusy(RemoteUnavailable):
    """The other side asks for patience: no fault, and it uses up no attempts."""

    reason = "remote_busy"


class Unfinished(RemoteUnavailable):
    """The other side works on what it took: only this row waits, and all other calls go on."""

    reason = "remote_busy"


class CredentialsRefused(RemoteBusy):
    """The marketplace does not take our key: no order is at fault."""

    reason = "credentials"


class DestinationAmiss(RemoteBusy):
    """An ERP's address, login or folder is not right: no document is at fault."""

    reason = "destination_amiss"


class Undelivered(RemoteUnavailable):
    """A retailer's own system did not take an event. `status`: what it answered, if it did; `rest`:
    seconds in which it is told nothing at all; `gone`: it says that it wants no more; `lasting`: it
    takes nothing whatever, which is no fault of this event."""

    reason = "undelivered"

    def __init__(
        self,
        message: str,
        status: int | None = None,
        *,
        after: float = 0.0,
        rest: float = 0.0,
        gone: bool = False,
        lasting: bool = False,
    ) -> None:
        super().__init__(message, ambiguous=True, after=after)
        self.status = status
        self.rest = rest
        self.gone = gone
        self.lasting = lasting


class TokenUnknown(RemoteBusy):
    """Telegram does not know this bot's token: nobody's message is at fault."""

    reason = "token_unknown"


class ChatLost(RemoteRefused):
    """The bot may not write in this chat any more, or there is no such chat."""

    reason = "chat_lost"


class ChatMoved(RemoteRefused):
    """The group has become a supergroup, which has an id of its own."""

    reason = "chat_moved"

    def __init__(self, chat_id: int) -> None:
        """`chat_id`: the new one."""
        super().__init__(f"the chat is now {chat_id}")
        self.chat_id = chat_id


class Paced(HubError):
    """It is not this row's turn yet."""

    reason = "paced"
    permanent = False

    def __init__(self, after: float) -> None:
        """`after`: seconds until its turn."""
        super().__init__()
        self.after = after


class Held(Paced):
    """It waits for something that a person or an earlier row mends."""

    reason = "held"

    def __init__(self, message: str, after: float) -> None:
        """`after`: seconds until it is looked at again, unless what it waits for comes sooner."""
        super().__init__(after)
        self.args = (message,)


class FileLost(HubError):
    """A kept file is gone, or is not what was kept."""

    reason = "file_lost"


class SettingsInvalid(HubError):
    """The environment has mistakes; the message has one line for each."""

    reason = "settings"


class MigrationRefused(HubError):
    """The schema could not be brought up to date, and nothing was half-applied."""

    reason = "migration"


class Unprintable(HubError):
    """A document that cannot be said in the form that was asked for. `problem` is a word of ours,
    `missing` what would have to be known: names of fields such as "seller.inn"."""

    reason = "unprintable"

    def __init__(self, problem: str, *missing: str) -> None:
        super().__init__(": ".join((problem, ", ".join(missing))) if missing else problem)
        self.problem = problem
        self.missing = missing
