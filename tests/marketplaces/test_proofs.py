"""Addresses that prove who calls."""

import pytest

from app.contract import Call
from app.errors import Forged
from app.marketplaces import proofs

NETWORKS = ["192.0.2.0/24", "2001:db8::/32"]


@pytest.mark.parametrize("peer", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"])
def test_an_address_of_a_network_proves_it_however_it_is_written(peer):
    proofs.from_networks(Call({}, b"", peer), NETWORKS)


@pytest.mark.parametrize(
    "peer", ["192.0.3.1", "::ffff:192.0.3.1", "::192.0.2.1", "2001:db9::1", "", "x", "192.0.2.1,"]
)
def test_no_other_one_does(peer):
    with pytest.raises(Forged):
        proofs.from_networks(Call({}, b"", peer), NETWORKS)
