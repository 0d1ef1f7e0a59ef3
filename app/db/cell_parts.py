"""What of the database belongs to a store, and how it goes to another cell: one row for each table.

A test knows all tables of the schema: one that is neither a row here nor in STAYS fails it.
"""
# ruff: noqa: S608 - names of our own tables and columns; ids alone are put in, see `literal`

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

_MERCHANTS: Final = "(SELECT merchant_id FROM store WHERE id = ANY ({stores}))"
_ORDERS: Final = "(SELECT id FROM orders WHERE account_id = ANY ({accounts}))"
_DOCUMENTS: Final = "(SELECT id FROM document WHERE account_id = ANY ({accounts}))"
_PICKERS: Final = "(SELECT id FROM picker WHERE store_id = ANY ({stores}))"
_STORES: Final = "t.store_id = ANY ({stores})"
_ACCOUNTS: Final = "t.account_id = ANY ({accounts})"
_OF_ORDERS: Final = f"t.order_id IN {_ORDERS}"
_OF_DOCUMENTS: Final = f"t.document_id IN {_DOCUMENTS}"
_OF_MERCHANTS: Final = f"t.merchant_id IN {_MERCHANTS}"
_HANDED: Final = f"(SELECT id FROM erp_delivery WHERE document_id IN {_DOCUMENTS})"
_EVENTS: Final = f"(SELECT id FROM integrator_event WHERE {_STORES.removeprefix('t.')})"
_TOLD: Final = f"(SELECT id FROM integrator_delivery WHERE event_id IN {_EVENTS})"


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table (`t`) that go together with stores and accounts.

    `lacking`: the merchant's and everybody's, copied where the other cell has none, and kept here;
    `renewed`: kept here as a memory, and overwritten where it comes back to. `without`: columns the
    other cell numbers itself; `as_`: columns that change on the way; `sealed`: secrets, sealed
    with the other cell's key. `loose`: what is counted from the rest, and may be counted meanwhile.
    """

    table: str
    where: str
    lacking: bool = False
    renewed: bool = False
    loose: bool = False
    without: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    as_: Mapping[str, str] = field(default_factory=dict)

    @property
    def goes(self) -> bool:
        """Whether these rows are no longer here once they are there."""
        return not self.lacking and not self.renewed


#: In the order of their references: copied from the first to the last, deleted the other way.
PARTS: Final[Sequence[Part]] = (
    Part("vat_rate", "true", lacking=True),
    Part("merchant", f"t.id IN {_MERCHANTS}", lacking=True, as_={"series": "{series}"}),
    Part("party_version", f"t.owner_id IN {_MERCHANTS}", lacking=True),
    Part("product", _OF_MERCHANTS, lacking=True),
    Part("product_substitute", _OF_MERCHANTS, lacking=True),
    Part("api_client", _OF_MERCHANTS, lacking=True),
    Part("erp_destination", _OF_MERCHANTS, lacking=True, sealed=("sealed",)),
    Part("integrator", _OF_MERCHANTS, lacking=True, sealed=("sealed",)),
    Part("store", "t.id = ANY ({stores})", renewed=True, as_={"cell_id": "{cell}::smallint"}),
    Part("store_aisle", _STORES),
    Part("store_hour", _STORES, loose=True),
    Part("store_label", _STORES),
    Part("store_pace", _STORES, loose=True),
    Part("store_place", _STORES),
    Part("store_product", _STORES),
    Part("store_tolerance", _STORES),
    Part("account", "t.id = ANY ({accounts})", renewed=True),
    Part("account_call", _ACCOUNTS, loose=True),
    Part("account_credential", _ACCOUNTS, sealed=("sealed",)),
    Part("account_event", _ACCOUNTS, without=("id",)),
    Part("account_gate", _ACCOUNTS, loose=True),
    Part("account_hour", _ACCOUNTS, loose=True),
    Part("account_mapping", _ACCOUNTS),
    Part("account_store", _ACCOUNTS),
    Part("account_token", _ACCOUNTS, sealed=("sealed", "kept")),
    Part("party_version", "t.owner_id = ANY ({stores}) OR t.owner_id = ANY ({accounts})"),
    Part("rule_threshold", f"{_OF_MERCHANTS} AND t.store_id IS NULL AND t.account_id IS NULL",
         lacking=True),
    Part("rule_threshold", f"{_STORES} OR {_ACCOUNTS}"),
    Part("picker", _STORES),
    Part("device", _STORES),
    Part("staff_change", _STORES),
    Part("shift", _STORES),
    Part("shift_pause", f"t.shift_id IN (SELECT id FROM shift WHERE {_STORES.removeprefix('t.')})"),
    Part("operation", f"t.picker_id IN {_PICKERS}"),
    Part("orders", _ACCOUNTS),
    Part("order_line", _OF_ORDERS),
    Part("order_contact", _OF_ORDERS),
    Part("order_hour", _OF_ORDERS, loose=True),
    Part("timeline", _OF_ORDERS),
    Part("scan", _OF_ORDERS),
    Part("bag", _OF_ORDERS),
    Part("help_request", _STORES),
    Part("pick_run", _STORES),
    Part("pick_run_order", _OF_ORDERS),
    Part("pick_job", _OF_ORDERS),
    Part("product_mark",
         "(t.merchant_id, t.ki) IN (SELECT use.merchant_id, use.ki FROM product_mark_use AS use"
         f" WHERE use.order_id IN {_ORDERS})", lacking=True),
    Part("product_mark_use", _OF_ORDERS),
    Part("sale_change", _OF_ORDERS, without=("seq",)),
    Part("sale_change_line",
         f"t.change_id IN (SELECT id FROM sale_change WHERE order_id IN {_ORDERS})"),
    Part("sale_doubt", _OF_ORDERS),
    Part("sale_hold", _OF_ORDERS),
    Part("sale_waiver", _OF_ORDERS),
    Part("document", _ACCOUNTS),
    Part("document_line", _OF_DOCUMENTS),
    Part("stored_file",
         "t.sha256 IN (SELECT file.sha256 FROM document_file AS file"
         f" WHERE file.document_id IN {_DOCUMENTS})", lacking=True),
    Part("document_file", _OF_DOCUMENTS),
    Part("receipt_due", _OF_ORDERS),
    Part("settlement", _ACCOUNTS),
    Part("settlement_row",
         "t.settlement_id IN (SELECT id FROM settlement WHERE account_id = ANY ({accounts}))"),
    Part("outbox_message", _ACCOUNTS),
    Part("outbox_attempt", _ACCOUNTS),
    Part("inbox_delivery", _ACCOUNTS),
    Part("inbox_key", _ACCOUNTS),
    Part("unmapped", _ACCOUNTS),
    # An ERP that fetches has places of its own in each cell; what it acknowledged it needs no more.
    Part("erp_delivery", _OF_DOCUMENTS, without=("seq",), as_={
        "position": "CASE WHEN t.destination_id = ANY ({known}) THEN NULL ELSE t.position END",
        "pulled": "t.pulled AND NOT (t.destination_id = ANY ({known})"
                  " AND t.acknowledged_at IS NOT NULL)",
    }),
    Part("erp_attempt", f"t.delivery_id IN {_HANDED}"),
    Part("integrator_event", _STORES),
    Part("integrator_delivery", f"t.event_id IN {_EVENTS}", without=("seq",)),
    Part("integrator_attempt", f"t.delivery_id IN {_TOLD}"),
    Part("queue_item",
         f"(t.queue IN ('inbox', 'outbox') AND {_ACCOUNTS})"
         f" OR (t.queue = 'erp_outbox' AND t.id IN {_HANDED})"
         f" OR (t.queue = 'event_outbox' AND t.id IN {_TOLD})",
         as_={"seq": "t.seq - {shift}", "first_seq": "t.first_seq - {shift}"}),
    Part("reconciliation", _ACCOUNTS),
    Part("reconciliation_run", _ACCOUNTS),
    Part("reconciliation_listed",
         "t.run_id IN (SELECT id FROM reconciliation_run WHERE account_id = ANY ({accounts}))"),
    Part("reconciliation_mismatch", _ACCOUNTS, without=("id",)),
)  # fmt: skip

#: What a cell may have made anew of what lives elsewhere, before it comes back.
REMADE: Final = tuple(part for part in PARTS if part.loose or part.table == "reconciliation")
#: Tables of which nothing goes along, and why.
STAYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("cell", "cell_move", "store_away", "account_away", "door_away", "schema_migration",
         "document_kind", "fact_mark", "heartbeat", "operator", "outbound_hold", "rule_run", "tick",
         "watched_expiry"),
        "the cell's own",
    ),
    **dict.fromkeys(
        ("alarm", "alarm_letter", "alarm_way", "incident", "incident_event", "incident_mute",
         "incident_post", "digest"),
        "what is wrong here is told here, and found anew there",
    ),
    **dict.fromkeys(
        ("telegram_archive", "telegram_audit", "telegram_bot", "telegram_chat",
         "telegram_link", "telegram_message", "telegram_pace", "telegram_person",
         "telegram_route", "telegram_stranger_chat", "telegram_update"),
        "each cell has a bot of its own, and the chats it was brought into",
    ),
    "order_change": "by transactions of this database: written anew where orders arrive",
    "picker_session": "people sign in anew: a feed's cursor is good in one cell only",
    "hook_minute": "the last minutes of this cell's workers",
    "inbox_refused": "strangers at this cell's door",
    "replay_run": "a move waits until none runs; what they made are rows like others",
    "replay_row": "the same",
    "document_counter": "a series is counted in one cell: see app/db/cells.py",
}  # fmt: skip


def literal(ids: Sequence[UUID]) -> str:
    """Ids as SQL: what COPY takes has no parameters."""
    return "'{" + ",".join(str(id_) for id_ in ids) + "}'::uuid[]"
