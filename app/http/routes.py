"""Every URL of the hub and its guard, on one screen."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from app.actions.verbs import VERBS
from app.http import (
    accounts,
    after_sale,
    banner,
    batch,
    books,
    catalogue,
    changes,
    config,
    docs,
    erp,
    facade,
    files,
    incidents,
    integrators,
    mappings,
    monitoring,
    packing,
    people,
    picker,
    portal,
    portal_papers,
    portal_settlements,
    problems,
    reconciliation,
    replace,
    replays,
    reports,
    resend,
    runs,
    sessions,
    settlements,
    shop_queue,
    telegram,
    webhooks,
)
from app.http.guards import Guard, guarded
from app.http.url import Url
from app.render import picker as views

_ORDER: Final = "/picker/v1/orders/{order_id}"


def _verb(name: str) -> Url:
    verb = VERBS[name]
    place = f"{_ORDER}/lines/{{line_id}}/{name}" if verb.on_line else f"{_ORDER}/{name}"
    return Url(
        "POST",
        place,
        picker.writer(name),
        Guard.PICKER,
        verb.summary,
        body=verb.body,
        answer=views.WriteResult,
        write=True,
        versioned=True,
    )


PICKER_API: Final = (
    *sessions.ROWS,
    *people.ROWS,
    *config.ROWS,
    *shop_queue.ROWS,
    *runs.ROWS,
    *problems.ROWS,
    Url("GET", _ORDER, picker.read_order, Guard.PICKER,
        "One order", answer=views.OrderView),
    *(_verb(name) for name in VERBS),
    *changes.ROWS,
    *packing.ROWS,
    *replace.ROWS,
    *batch.ROWS,
)  # fmt: skip

#: What /openapi.json and /docs describe.
API: Final = (
    *PICKER_API, *facade.ROWS, *catalogue.ROWS, *incidents.ROWS, *banner.ROWS, *reports.ROWS,
    *books.ROWS, *settlements.ROWS,
    *files.ROWS, *after_sale.ROWS, *resend.ROWS, *erp.ROWS, *replays.ROWS,
    *reconciliation.ROWS,
    *integrators.ROWS,
    *accounts.ROWS, *mappings.ROWS,
)  # fmt: skip

URLS: Final = (
    Url("POST", "/hooks/{account}", webhooks.hook, Guard.MARKETPLACE, "Any marketplace's webhook"),
    *(
        Url(method, "/hooks/{account}/{path:path}", webhooks.hook, Guard.MARKETPLACE,
            "A marketplace that calls a server of ours")
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
    ),
    Url("POST", "/sbermarket/orders/hook/", webhooks.hook, Guard.MARKETPLACE,
        "The original's hook URL"),
    *telegram.ROWS,
    *API,
    *portal.URLS,
    *portal_papers.URLS,
    *portal_settlements.URLS,
    *files.URLS,
    Url("GET", "/", docs.home, Guard.ANYBODY, "To the documentation"),
    Url("GET", "/docs", docs.page, Guard.ANYBODY, "The picker API for people"),
    Url("GET", "/openapi.json", docs.openapi, Guard.ANYBODY, "The picker API for programs"),
    Url("GET", "/livez", monitoring.livez, Guard.ANYBODY, "The process answers"),
    Url("GET", "/readyz", monitoring.readyz, Guard.ANYBODY, "The process can write"),
    Url("GET", "/metrics", monitoring.metrics, Guard.PRIVATE, "Prometheus text"),
)  # fmt: skip

ROUTES: Final = [
    Route(url.path, guarded(url.guard, url.endpoint, lasting=url.lasting), methods=[url.method])
    for url in URLS
]
