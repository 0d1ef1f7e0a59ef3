"""What a picker looks at when goods are missing: substitutes, waiting answers, the review."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.actions import answers
from app.actions.admission import must_supervise
from app.actions.substitutes import substitutes
from app.actions.write import in_store
from app.domain.refusals import Code, Refused
from app.domain.review import review
from app.domain.terms import Terms
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import clean, json_answer, uuid_of
from app.http.url import Url
from app.identifiers import new_id
from app.render import replace as views
from app.render.language import say

_ORDER: Final = "/picker/v1/orders/{order_id}"
_LONGEST_QUERY: Final = 200


async def list_substitutes(request: Request) -> Response:
    """What may stand for a line; with `q` also what the catalogue finds."""
    q = clean(request.query_params.get("q", ""))
    if len(q) > _LONGEST_QUERY:
        raise Refused(Code.INVALID_BODY, field="q", most=_LONGEST_QUERY)
    ids = (
        uuid_of(request, "order_id", Code.ORDER_NOT_FOUND),
        uuid_of(request, "line_id", Code.LINE_NOT_FOUND),
    )
    found = await substitutes(request.state.hub, request.state.picker, ids, q)
    return json_answer(views.substitute_list(*found))


async def read_review(request: Request) -> Response:
    """Sums, differences, and what stands in the way of closing the order."""
    hub, order_id = request.state.hub, uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    async with hub.pools.picking.acquire() as conn:
        order = await in_store(conn, order_id, request.state.picker)
        account = await hub.accounts.by_id(order.account_id, conn)
        shop = await hub.shops.get(conn, order.store_id)
    terms = Terms({}, new_id, shop, account.rules, hub.clock())
    in_words = partial(say, language_of(request))
    answer = json_answer(views.review_view(order, review(order, terms), in_words))
    answer.headers["ETag"] = f'"{order.version}"'
    return answer


async def list_approvals(request: Request) -> Response:
    """Customers of the store who were asked and have not answered."""
    must_supervise(request.state.picker)
    async with request.state.hub.pools.picking.acquire() as conn:
        asked = await answers.waiting(conn, request.state.picker)
    return json_answer(views.ApprovalList([views.approval(*each) for each in asked]))


ROWS: Final = (
    Url("GET", f"{_ORDER}/lines/{{line_id}}/substitutes", list_substitutes, Guard.PICKER,
        "What may stand for a line, by whom it is named and what it costs",
        answer=views.SubstituteList,
        query={"q": {"type": "string", "maxLength": _LONGEST_QUERY}}),
    Url("GET", f"{_ORDER}/review", read_review, Guard.PICKER,
        "An order before it is closed: sums, differences, what stands in the way",
        answer=views.ReviewView),
    Url("GET", "/picker/v1/approvals", list_approvals, Guard.PICKER,
        "Customers who were asked about a replacement (supervisors)", answer=views.ApprovalList),
)  # fmt: skip
