"""What is known of СМ without asking it."""

from __future__ import annotations

from typing import Final

from app.contract import Capabilities, Profile, SecretKind
from app.marketplaces.kuper.settings import (
    CLIENT_ID,
    CLIENT_SECRET,
    INBOUND,
    OUTBOUND,
    KuperSettings,
)

#: Tokens that people make up, in any alphabet.
_WORD: Final = r"\S{1,4096}"

PROFILE: Final = Profile(
    title="СберМаркет, Kuper («СМ»)",
    settings=KuperSettings,
    secrets=(
        SecretKind(
            INBOUND, "СМ shows it in the header Client-Token", shape=r"\S{8,4096}", ours=True
        ),
        SecretKind(OUTBOUND, "we show it in the header Client-Token", required=False, shape=_WORD),
        SecretKind(CLIENT_ID, "for a bearer token", required=False, shape=r"\S{1,200}"),
        SecretKind(CLIENT_SECRET, "for a bearer token", required=False, shape=_WORD),
    ),
    events={
        "order.created": "placed",
        "order.updated": "changed",
        "order.changed": "changed",
        "courier.assigned": "courier assigned",
        "courier.arrived": "courier arrived",
        "order.paid": "paid",
        "order.received": "handed over",
        "order.delivering": "handed over",
        "order.delivered": "delivered",
        "order.canceled": "cancelled",
    },
    statuses={
        "ready": "accepted",
        "collecting": "picking",
        "ready_to_ship": "ready",
        "shipping": "handed over",
        "shipped": "delivered",
        "canceled": "cancelled",
    },
    capabilities=Capabilities(marks=True, answer_within=5),
)
