"""Ask the marking system about product marks, before the write and outside its transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import structlog

from app.db import marks, outbound
from app.db.people import Picker
from app.domain.marks import Checks, Mark, MarkAnswer, parse, why_not
from app.domain.refusals import Code, Refused
from app.domain.shop import Shop
from app.errors import MarkingAway, RemoteRefused, RemoteUnavailable
from app.hub import Hub

log = structlog.get_logger()


async def check_marks(hub: Hub, picker: Picker, codes: Iterable[str]) -> Checks:
    """What is known of these marks. Refused with MARK_INVALID, or MARK_REFUSED with the reasons.

    While the marking system is away, a permissive shop goes on (`away`), a strict one does not:
    MarkingAway. Answers of the last minutes on units of the same line are gone by.
    """
    asked = {mark.ki: mark for mark in map(parse, codes)}
    if not asked:
        return Checks()
    async with hub.pools.picking.acquire() as conn:
        shop = await hub.shops.get(conn, picker.store_id)
        if shop.mark_check == "off":
            return Checks()
        known = await marks.checked(conn, picker.store_id, asked)
    new = [mark for ki, mark in asked.items() if ki not in known]
    try:
        answers = await _ask(hub, new)
    except (RemoteUnavailable, RemoteRefused) as error:
        log.warning("marks not checked", error=str(error), marks=len(new), mode=shop.mark_check)
        if shop.mark_check == "strict":
            raise MarkingAway from error
        return Checks(known, away=True)
    _must_be_sellable(hub, answers)
    fresh = {mark.ki: (said.check_id, said.at) for mark, said in answers}
    return Checks({**known, **fresh})


def must_be_checked(checks: Checks | None, shop: Shop) -> Checks:
    """What was found out about marks before the write; none when nobody asked. MarkingAway in a
    strict shop unless the marking system answered, whichever way the write came here."""
    found = checks or Checks(away=True)
    if found.away and shop.mark_check == "strict":
        raise MarkingAway("a write with marks came unproved" if checks is None else "")
    return found


async def _ask(hub: Hub, new: Collection[Mark]) -> list[tuple[Mark, MarkAnswer]]:
    """Each mark with the answer that covers it."""
    if not new:
        return []
    if hub.marking is None:
        raise RemoteUnavailable("no marking system is set: HUB_MARKING_API, HUB_MARKING_KEY")
    async with hub.pools.picking.acquire() as conn:
        if await outbound.held(conn) is not None:
            raise RemoteUnavailable("what goes out is held")
    answers = await hub.marking.check([mark.code for mark in new])
    by_code = {code: answer for answer in answers for code in answer.statuses}
    unsaid = [mark.ki for mark in new if mark.code not in by_code]
    if unsaid:
        raise RemoteUnavailable(f"the answer leaves {len(unsaid)} marks out")
    return [(mark, by_code[mark.code]) for mark in new]


def _must_be_sellable(hub: Hub, answers: Iterable[tuple[Mark, MarkAnswer]]) -> None:
    now = hub.clock()
    reasons = {mark.code: why_not(said.statuses[mark.code], now) for mark, said in answers}
    refused = [{"mark": code, "because": why} for code, why in reasons.items() if why]
    if refused:
        raise Refused(Code.MARK_REFUSED, marks=refused)
