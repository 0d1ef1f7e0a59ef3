"""The development certificate: kept while good, made anew when it ends or the names change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from app.supervision import tls

NOW = datetime(2026, 5, 1, tzinfo=UTC)
NAMES = ("localhost", "127.0.0.1", "[::1]", "till-7")


def certificate(folder) -> x509.Certificate:
    return x509.load_pem_x509_certificates((folder / "hub.pem").read_bytes())[0]


@pytest.fixture
def folder(tmp_path):
    tls.ensure(tmp_path / "tls", NAMES, NOW)
    return tmp_path / "tls"


def test_the_certificate_covers_every_name_and_is_signed_by_the_authority(folder):
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    server = certificate(folder)
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "till-7"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_keys_are_for_their_owner_alone(folder):
    for name in ("ca.key", "hub.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_a_good_certificate_is_kept(folder):
    before = (folder / "hub.pem").read_bytes()
    tls.ensure(folder, NAMES, NOW + timedelta(days=59))
    assert (folder / "hub.pem").read_bytes() == before


def test_a_certificate_that_ends_soon_is_renewed_by_the_same_authority(folder):
    authority = (folder / "ca.pem").read_bytes()
    later = NOW + timedelta(days=61)
    tls.ensure(folder, NAMES, later)
    assert certificate(folder).not_valid_after_utc > later + timedelta(days=60)
    assert (folder / "ca.pem").read_bytes() == authority


def test_new_names_mean_a_new_certificate(folder):
    tls.ensure(folder, ("localhost", "till-8"), NOW)
    names = certificate(folder).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost", "till-8"]


def test_an_ended_authority_is_replaced_with_everything_it_signed(folder):
    old = (folder / "ca.pem").read_bytes()
    tls.ensure(folder, NAMES, NOW + timedelta(days=3650))
    assert (folder / "ca.pem").read_bytes() != old
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    certificate(folder).verify_directly_issued_by(authority)
