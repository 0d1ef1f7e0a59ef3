"""Signature Version 4 as the side that is asked checks it. Pure.

After «Authenticating Requests (AWS Signature Version 4)», «Signature Calculations for the
Authorization Header» and «Error Responses» of the Amazon S3 API Reference.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote_to_bytes

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_AUTHORIZATION: Final = re.compile(
    rf"{_ALGORITHM} +Credential=([^/,]+)/(\d{{8}})/([^/,]+)/([^/,]+)/aws4_request *,"
    r" *SignedHeaders=([a-z0-9;-]+) *, *Signature=([0-9a-f]{64})"
)
_MOMENT: Final = "%Y%m%dT%H%M%SZ"
#: Seconds a request may be old or early.
SKEW: Final = 900


class Refusal(Exception):  # the protocol's own word for it
    """An error of S3: HTTP status, code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came over the wire: path and query still encoded."""

    method: str
    path: bytes
    query: bytes
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Values of a header, as one."""
        return ",".join(
            " ".join(value.split()) for known, value in self.headers if known.lower() == name
        )


def judge(asked: Asked, secrets: Mapping[str, str], region: str, now: datetime) -> str:
    """The key that signed the request; Refusal when none of these did, or what came is not what
    was signed."""
    proof = _AUTHORIZATION.fullmatch(asked.header("authorization"))
    if proof is None:
        raise _unproved(asked.header("authorization"))
    key_id, day, where, service, signed, signature = proof.groups()
    if (where, service) != (region, "s3"):
        message = f"The authorization header is malformed; expecting '{region}' and 's3'"
        raise Refusal(400, "AuthorizationHeaderMalformed", message)
    if key_id not in secrets:
        raise Refusal(403, "InvalidAccessKeyId", "The access key does not exist in our records.")
    _in_time(asked.header("x-amz-date"), day, now)
    _all_signed(asked, signed.split(";"))
    scope = f"{day}/{region}/s3/aws4_request"
    if not hmac.compare_digest(_sign(asked, signed, scope, secrets[key_id]), signature):
        message = "The request signature we calculated does not match the one you provided."
        raise Refusal(403, "SignatureDoesNotMatch", message)
    _as_promised(asked)
    return key_id


def _unproved(given: str) -> Refusal:
    if not given:
        return Refusal(403, "AccessDenied", "Anonymous access is forbidden.")
    return Refusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.")


def _in_time(given: str, day: str, now: datetime) -> None:
    try:
        moment = datetime.strptime(given, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        message = "AWS authentication requires a valid Date or x-amz-date header"
        raise Refusal(403, "AccessDenied", message) from None
    if given[:8] != day:
        message = "The date of the credential scope is not that of the request."
        raise Refusal(403, "SignatureDoesNotMatch", message)
    if abs((now - moment).total_seconds()) > SKEW:
        message = "The difference between the request time and the current time is too large."
        raise Refusal(403, "RequestTimeTooSkewed", message)


def _all_signed(asked: Asked, signed: Sequence[str]) -> None:
    """Host and every x-amz-* header must be."""
    if not asked.header("x-amz-content-sha256"):
        message = "Missing required header for this request: x-amz-content-sha256"
        raise Refusal(400, "InvalidRequest", message)
    wanted = {name.lower() for name, _ in asked.headers if name.lower().startswith("x-amz-")}
    if not {"host", *wanted} <= set(signed):
        message = "There were headers present in the request which were not signed"
        raise Refusal(403, "AccessDenied", message)


def _sign(asked: Asked, signed: str, scope: str, secret: str) -> str:
    moment = asked.header("x-amz-date")
    request = hashlib.sha256(canonical(asked, signed).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    to_sign = f"{_ALGORITHM}\n{moment}\n{scope}\n{request}"
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def canonical(asked: Asked, signed: str) -> str:
    """The canonical request: what both sides must read alike."""
    pairs = [part.partition(b"=")[::2] for part in asked.query.split(b"&") if part]
    query = sorted((_encoded(name, ""), _encoded(value, "")) for name, value in pairs)
    headers = "".join(f"{name}:{asked.header(name)}\n" for name in signed.split(";"))
    return "\n".join(
        (
            asked.method,
            _encoded(asked.path, "/"),
            "&".join(f"{name}={value}" for name, value in query),
            headers,
            signed,
            asked.header("x-amz-content-sha256"),
        )
    )


def _encoded(part: bytes, plain: str) -> str:
    return quote(unquote_to_bytes(part), safe=f"{plain}-._~")


def _as_promised(asked: Asked) -> None:
    promised = asked.header("x-amz-content-sha256")
    if promised not in (hashlib.sha256(asked.body).hexdigest(), "UNSIGNED-PAYLOAD"):
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise Refusal(400, "XAmzContentSHA256Mismatch", message)
    given = asked.header("content-md5")
    if not given:
        return
    try:
        md5 = base64.b64decode(given, validate=True)
    except binascii.Error:
        md5 = b""
    if len(md5) != 16:
        raise Refusal(400, "InvalidDigest", "The Content-MD5 you specified is not valid.")
    if md5 != hashlib.md5(asked.body, usedforsecurity=False).digest():
        message = "The Content-MD5 you specified did not match what we received."
        raise Refusal(400, "BadDigest", message)
