"""СМ for the conformance suite."""

from tests.marketplaces.accounts import kuper
from tests.marketplaces.party import Party

PARTY = Party(
    account=kuper(),
    prove=lambda _body, _now: {"client-token": "old-token"},
    forgeries=(
        {}, {"client-token": ""}, {"client-token": "old-toke"}, {"client-token": "old-token1"},
        {"client-token": "OLD-TOKEN"}, {"client-token": "out-token"},
        {"client-token": "\xff\xfe"}, {"client-token": "токен"}, {"client-token": "x" * 9000},
        {"authorization": "Bearer old-token"}, {"client_token": "old-token"},
    ),
    bound=False,
)  # fmt: skip
