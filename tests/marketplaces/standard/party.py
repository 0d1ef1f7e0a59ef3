"""A shop of the retailer's own that speaks our format, for the conformance suite."""

import base64
import hashlib
import hmac

from app.marketplaces.standard.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW = "whsec_bmV3LXNlY3JldC1vZi10aGUtc2hvcC1uZXctc2VjcmV0"
OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENDING = "whsec_c2VjcmV0LXdlLXNpZ24td2l0aC1zZWNyZXQtc2lnbg=="


def signed(body, now, *, secret=OLD, id_="msg_1"):
    moment = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{id_}.{moment}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id_, "webhook-timestamp": moment, "webhook-signature": signature}


def forged(signature, moment="1772436600", id_="msg_1"):
    return {"webhook-id": id_, "webhook-timestamp": moment, "webhook-signature": signature}


NOT_IT = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="

PARTY = Party(
    account=an_account(
        "standard",
        {"signing": (NEW, OLD), "sending": (SENDING,), "list_token": ("list-token-1",)},
        url="http://127.0.0.1:9/hub",
        orders_url="http://127.0.0.1:9/orders",
    ),
    prove=signed,
    forgeries=(
        {},
        forged(""),
        forged("v1,"),
        forged(NOT_IT),
        forged(f"{NOT_IT} {NOT_IT}"),
        forged(NOT_IT.replace("v1", "v1a")),
        forged("v1"),
        forged(","),
        forged("v1,\xff\xff"),
        forged(NOT_IT, moment="now"),
        forged(NOT_IT, moment=""),
        forged(NOT_IT, id_=""),
        {"webhook-signature": NOT_IT},
        forged(" ".join([NOT_IT] * 500)),
    ),
    timed=True,
    stand_in=StandIn,
)
