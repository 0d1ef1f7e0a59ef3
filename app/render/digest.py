"""A day in a few lines for a chat, and what its picture needs: numbers beside what is usual."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from html import escape, unescape
from re import sub
from typing import Final

from babel.dates import format_date

from app.domain.digest import Day, Hour, Span, Totals, Trouble
from app.domain.rule import Rule
from app.render.day_chart import Chart, Slot
from app.render.language import say
from app.render.moment import lasted

Say = Callable[..., str]
#: Letters a caption may have, and a name in it.
MOST: Final = 1024
_NAME: Final = 80
#: People that are named.
_PEOPLE: Final = 5
#: What differs by less is as usual: parts of a number, points of a percentage.
_NEAR: Final = 0.15
_NEAR_POINTS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Telling:
    """A day on its way to its readers: whose, in which language, with the rules' own words."""

    title: str
    language: str
    rules: Mapping[str, Rule]
    day: Day

    @property
    def say(self) -> Say:
        """Our own words."""
        return partial(say, self.language)


def caption(telling: Telling) -> str:
    """HTML of at most MOST letters; what does not fit is left out line by line, the last first."""
    day, speak = telling.day, telling.say
    lines = [f"<b>{_cut(telling.title)}</b> — {escape(speak('digest.title'))}, {_date(telling)}"]
    if day.totals.orders or day.totals.picked:
        lines += [*_orders(day, speak), *_shares(day, speak), *_pace(day, speak)]
    else:
        lines.append(speak("digest.nothing"))
    lines += _troubles(telling)
    kept: list[str] = []
    for line in lines:
        if len(unescape(sub("<[^>]+>", "", "\n".join([*kept, line])))) > MOST:
            break
        kept.append(line)
    return "\n".join(kept)


def chart(telling: Telling, span: Span) -> Chart:
    """The day's picture."""
    speak, usual = telling.say, telling.day.usually("usual_pick")
    return Chart(
        title=telling.title,
        subtitle=_date(telling),
        on_time=speak("digest.chart.on_time"),
        late=speak("digest.chart.late"),
        came=speak("digest.chart.came"),
        minutes=speak("digest.chart.minutes"),
        usually="" if usual is None else speak("digest.chart.usually", minutes=_minutes(usual)),
        slots=_slots(telling.day.hours, span),
        usual=None if usual is None else usual / 60,
    )


def _slots(hours: Sequence[Hour], span: Span) -> list[Slot]:
    """All hours of the day; those in which nothing happened too."""
    known = {hour.hour: hour for hour in hours}
    count = -(-(span.end - span.start) // timedelta(hours=1))
    slots = []
    for n in range(max(1, count)):
        at = span.start + timedelta(hours=n)
        one = known.get(at) or Hour(at, 0, 0, 0, 0, None)
        minutes = None if one.pick_typical is None else one.pick_typical / 60
        slots.append(Slot(at.hour, one.orders, one.on_time, one.ready - one.on_time, minutes))
    return slots


def _orders(day: Day, speak: Say) -> Iterable[str]:
    totals = day.totals
    orders = _beside(totals.orders, day.usually("orders"), speak, ("more", "less"))
    yield speak("digest.orders", orders=orders)
    ends = [speak("digest.delivered", count=_number(totals.delivered))]
    if totals.cancelled:
        by = _number(totals.cancelled_by_store)
        ends.append(speak("digest.cancelled", count=_number(totals.cancelled), by_store=by))
    yield " · ".join(ends)


def _shares(day: Day, speak: Say) -> Iterable[str]:
    totals = day.totals
    yield speak("digest.on_time", share=_share(day, "on_time_share", speak))
    yield speak("digest.found", share=_share(day, "found_share", speak))
    if totals.fill_share is not None:
        count, share = _number(totals.replaced), _percent(totals.fill_share, speak)
        yield speak("digest.filled", share=share, count=count)


def _pace(day: Day, speak: Say) -> Iterable[str]:
    typical, long = day.totals.usual_pick, day.totals.long_pick
    if typical is None:
        yield speak("digest.pace", pace=speak("digest.unknown"))
        return
    usual = day.usually("usual_pick")
    words = _beside_text(typical, usual, ("slower", "faster"), speak)
    shown = f"<b>{speak('%(minutes)s min', minutes=_minutes(typical))}</b>"
    if words:
        shown += f", {words}" + _unless_same(words, speak, _minutes(usual or 0))
    yield speak("digest.pace", pace=shown)
    if long is not None:
        yield speak("digest.long", minutes=_minutes(long))


def _troubles(telling: Telling) -> Iterable[str]:
    speak, some = telling.say, telling.day.troubles
    if not some:
        yield speak("digest.quiet")
        return
    worst = max(some, key=lambda one: one.seconds)
    counts = (
        ("digest.critical", sum(one.level == "critical" for one in some)),
        ("digest.still", sum(one.is_on for one in some)),
        ("digest.muted", sum(one.is_muted for one in some)),
    )
    parts = [speak("digest.incidents", count=_number(len(some)))]
    parts += [speak(text, count=_number(count)) for text, count in counts if count]
    yield ", ".join(parts)
    span = lasted(timedelta(seconds=worst.seconds), speak)
    yield speak("digest.longest", span=span, what=_cut(_title(worst, telling)))
    if people := _people(some):
        yield speak("digest.people", people=people)


def _title(trouble: Trouble, telling: Telling) -> str:
    rule = telling.rules.get(trouble.rule)
    return rule.texts[telling.language][0] if rule else trouble.rule


def _people(some: Iterable[Trouble]) -> str:
    names = list(dict.fromkeys(name for one in some for name in one.actors))
    more = f" +{len(names) - _PEOPLE}" if len(names) > _PEOPLE else ""
    return ", ".join(escape(name[:40], quote=False) for name in names[:_PEOPLE]) + more


def _share(day: Day, name: str, speak: Say) -> str:
    value, usual = getattr(day.totals, name), day.usually(name)
    if value is None:
        return _few(day.totals, name, speak)
    shown = f"<b>{_percent(value, speak)}</b>"
    if usual is None:
        return shown
    if abs(value - usual) < _NEAR_POINTS:
        return f"{shown}, {speak('digest.as_usual')}"
    words = speak("digest.better" if value > usual else "digest.worse")
    return f"{shown}, {words} ({_percent(usual, speak)})"


def _few(totals: Totals, name: str, speak: Say) -> str:
    """Too few for a percentage: then how many of how many."""
    part, whole = {
        "on_time_share": (totals.on_time, totals.ready),
        "found_share": (totals.found, totals.lines),
    }[name]
    if whole == 0:
        return speak("digest.unknown")
    return speak("digest.few", part=_number(part), whole=_number(whole))


def _beside(value: int, usual: float | None, speak: Say, words: tuple[str, str]) -> str:
    text = _beside_text(value, usual, words, speak)
    shown = f"<b>{_number(value)}</b>"
    if not text or usual is None:
        return shown
    return f"{shown}, {text}" + _unless_same(text, speak, _number(round(usual)))


def _beside_text(value: float, usual: float | None, words: tuple[str, str], speak: Say) -> str:
    """More or less than usual, or as usual; nothing when that is not known."""
    if not usual:
        return ""
    if abs(value - usual) <= _NEAR * usual:
        return speak("digest.as_usual")
    return speak(f"digest.{words[0 if value > usual else 1]}")


def _unless_same(words: str, speak: Say, usual: str) -> str:
    return "" if words == speak("digest.as_usual") else f" ({usual})"


def _date(telling: Telling) -> str:
    return format_date(telling.day.day, "EEEE, d MMMM", telling.language)


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= _NAME else one_line[: _NAME - 1] + "…"
    return escape(cut, quote=False)


def _percent(value: float, speak: Say) -> str:
    """Whole percents; 100 only when it is all of it."""
    return speak("unit.percent", value=min(99, round(value)) if value < 100 else 100)


def _minutes(seconds: float) -> str:
    return _number(max(1, round(seconds / 60)))


def _number(value: int) -> str:
    """Thousands apart, by a space that does not break."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
