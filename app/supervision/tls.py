"""A development certificate for this machine, signed by a certificate authority of its own."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 3650
SERVER_DAYS: Final = 90
#: A certificate that ends sooner than this is made anew at the next start.
RENEW_BEFORE: Final = timedelta(days=30)

Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def ensure(folder: Path, names: Sequence[str], now: datetime) -> Path:
    """Have ca.pem, hub.pem and hub.key in `folder`, good for `names`; tells the path of ca.pem.

    What is there is kept while it has time left and covers the names. `names` may be DNS names
    and IP addresses. The authority's key stays in ca.key, for its owner alone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _read_authority(folder, now) or _make_authority(folder, now)
    if not _still_good(folder / "hub.pem", authority[0], names, now):
        _make_server(folder, authority, names, now)
    return folder / "ca.pem"


def _still_good(
    file: Path, authority: x509.Certificate, names: Sequence[str], now: datetime
) -> bool:
    if not file.exists() or not file.with_suffix(".key").exists():
        return False
    certificate = x509.load_pem_x509_certificates(file.read_bytes())[0]
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        certificate.issuer == authority.subject
        and certificate.not_valid_after_utc - RENEW_BEFORE > now
        and set(covered) == set(map(_name, names))
    )


def _read_authority(folder: Path, now: datetime) -> Authority | None:
    if not (folder / "ca.pem").exists() or not (folder / "ca.key").exists():
        return None
    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return (certificate, key) if certificate.not_valid_after_utc - RENEW_BEFORE > now else None


def _make_authority(folder: Path, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    # The serial in the name keeps a renewed authority apart from the one a browser remembers.
    serial = x509.random_serial_number()
    subject = _subject(f"Order hub development CA {serial & 0xFFFFFF:06x}")
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_DAYS)
        .serial_number(serial)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(folder / "ca.key", key)
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _make_server(folder: Path, authority: Authority, names: Sequence[str], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority[0]
    for_servers = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority[1].public_key())
    certificate = (
        _builder(_subject(names[0]), issuer.subject, key.public_key(), now, SERVER_DAYS)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName(map(_name, names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(for_servers, critical=False)
        .add_extension(issued_by, critical=False)
        .sign(authority[1], hashes.SHA256())
    )
    chain = [each.public_bytes(serialization.Encoding.PEM) for each in (certificate, issuer)]
    _write_key(folder / "hub.key", key)
    (folder / "hub.pem").write_bytes(b"".join(chain))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .not_valid_before(now - timedelta(hours=1))  # a client's clock may be a little behind
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return x509.DNSName(text)


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        new.write(pem)
