"""Judges AWS signatures (version 4) with botocore's own signer, for requests and for presigned URLs."""

import hashlib
import hmac
import json
import os
import re
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
AUTHORIZATION = re.compile(
    ALGORITHM + r" +Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request *, *"
    r"SignedHeaders=([a-z0-9;_-]+) *, *Signature=([0-9a-f]{64})"
)
ALLOWED_SKEW = 300


class SignatureRefused(Exception):
    """A request that AWS would turn away at its front door."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


class Keyring:
    """The key pairs that the sandbox knows, read anew when their file changes."""

    def __init__(self, path):
        self.path = Path(path)
        self.lock = threading.Lock()
        self.stamp = None
        self.entries = {}

    def read(self):
        """Reads the file again when it changed."""
        stamp = self.path.stat().st_mtime_ns
        if stamp != self.stamp:
            listed = json.loads(self.path.read_text())
            self.entries = {entry["access_key_id"]: entry for entry in listed}
            self.stamp = stamp

    def find(self, access_key_id):
        """The entry of a key, or None."""
        with self.lock:
            self.read()
            return self.entries.get(access_key_id)

    def add(self, entry):
        """Keeps one more entry, for all who read the file."""
        with self.lock:
            self.read()
            listed = [*self.entries.values(), entry]
            fresh = self.path.with_suffix(".new")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(listed, file, indent=1)
            fresh.replace(self.path)
            self.stamp = None


def parse_time(text):
    """Seconds since the epoch of a time as signatures write it."""
    try:
        parsed = datetime.strptime(text, "%Y%m%dT%H%M%SZ")
    except ValueError:
        raise SignatureRefused("IncompleteSignatureException", "Date must be in ISO-8601 basic format.") from None
    return parsed.replace(tzinfo=timezone.utc).timestamp()


def write_time(seconds):
    """A time as signatures write it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def encode(text):
    """Percent-encoding as signatures want it."""
    return quote(text, safe="-_.~")


def canonical_url(scheme, host, target, leave_out=()):
    """The URL with its query encoded in the one way that AWS computes with."""
    parts = urlsplit(target)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in leave_out]
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)
    return f"{scheme}://{host}{parts.path or '/'}" + (f"?{query}" if query else "")


def signature(method, url, headers, body, entry, scope, stamp):
    """The signature that botocore computes; scope is (region, service)."""
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(entry["access_key_id"], entry["secret_access_key"]), scope[1], scope[0])
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)


def known_key(keyring, access_key_id, session_token, now):
    """The entry of a key that may be used now."""
    entry = keyring.find(access_key_id)
    if entry is None or entry.get("session_token") != session_token:
        raise SignatureRefused("UnrecognizedClientException", "The security token included in the request is invalid.")
    if entry.get("expired") or entry.get("expires_at", now) < now:
        raise SignatureRefused("ExpiredTokenException", "The security token included in the request is expired")
    return entry


def check_clock(stamp, now):
    """Refuses a request that was signed too long ago or too far ahead."""
    signed_at = parse_time(stamp)
    if signed_at < now - ALLOWED_SKEW:
        limit = write_time(now - ALLOWED_SKEW)
        text = f"Signature expired: {stamp} is now earlier than {limit} ({write_time(now)} - 5 min.)"
        raise SignatureRefused("InvalidSignatureException", text)
    if signed_at > now + ALLOWED_SKEW:
        limit = write_time(now + ALLOWED_SKEW)
        text = f"Signature not yet current: {stamp} is still later than {limit} ({write_time(now)} + 5 min.)"
        raise SignatureRefused("InvalidSignatureException", text)


def mismatch():
    """What AWS says of a signature that is not its own."""
    return SignatureRefused(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    )


def joined_headers(headers):
    """Headers by lower-case name, repeated ones joined in order of appearance."""
    joined = {}
    for name, value in headers:
        name = name.lower()
        joined[name] = f"{joined[name]},{value.strip()}" if name in joined else value.strip()
    return joined


def verify_request(keyring, method, target, headers, body, service, regions, now=None):
    """The entry of the key that signed a request in its Authorization header; headers are pairs."""
    now = time.time() if now is None else now
    given = joined_headers(headers)
    if "authorization" not in given:
        raise SignatureRefused("MissingAuthenticationTokenException", "Missing Authentication Token")
    matched = AUTHORIZATION.fullmatch(given["authorization"])
    if matched is None:
        raise SignatureRefused("IncompleteSignatureException", "Authorization header is not well formed.")
    access_key_id, date, region, signed_service, names, wanted = matched.groups()
    entry = known_key(keyring, access_key_id, given.get("x-amz-security-token"), now)
    stamp = given.get("x-amz-date", "")
    check_clock(stamp, now)
    if not stamp.startswith(date):
        raise SignatureRefused(
            "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
        )
    if region not in regions:
        raise SignatureRefused("InvalidSignatureException", "Credential should be scoped to a valid region. ")
    if signed_service != service:
        raise SignatureRefused(
            "InvalidSignatureException", f"Credential should be scoped to correct service: '{service}'. "
        )
    signed = names.split(";")
    must = {"host", "x-amz-date"} | {name for name in given if name.startswith("x-amz-")}
    missing = sorted(must - set(signed)) or sorted(set(signed) - set(given))
    if missing or signed != sorted(signed):
        raise SignatureRefused(
            "InvalidSignatureException", f"Header(s) not signed, absent or out of order: {', '.join(missing)}"
        )
    content = given.get("x-amz-content-sha256")
    if content is not None and content != hashlib.sha256(body).hexdigest():
        raise SignatureRefused("InvalidSignatureException", "The body does not match x-amz-content-sha256.")
    url = canonical_url("http", given["host"], target)
    kept = {name: given[name] for name in signed}
    computed = signature(method, url, kept, body, entry, (region, service), stamp)
    if not hmac.compare_digest(computed, wanted):
        raise mismatch()
    return entry


def verify_presigned(keyring, method, url, headers, service, regions=None):
    """The entry of the key that signed a URL; headers are those that the one who calls it would send."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    scope = query.get("X-Amz-Credential", "").split("/")
    signed = query.get("X-Amz-SignedHeaders", "").split(";")
    if query.get("X-Amz-Algorithm") != ALGORITHM or len(scope) != 5 or "host" not in signed:
        raise SignatureRefused("IncompleteSignatureException", "The presigned URL lacks parts of its signature.")
    access_key_id, date, region, signed_service, terminator = scope
    entry = known_key(keyring, access_key_id, query.get("X-Amz-Security-Token"), time.time())
    stamp = query.get("X-Amz-Date", "")
    parse_time(stamp)
    if signed_service != service or terminator != "aws4_request" or not stamp.startswith(date):
        raise SignatureRefused("InvalidSignatureException", "Credential is not scoped to this service and day.")
    if regions is not None and region not in regions:
        raise SignatureRefused("InvalidSignatureException", "Credential should be scoped to a valid region. ")
    given = {**joined_headers(headers), "host": parts.netloc}
    if set(signed) - set(given):
        raise mismatch()
    target = (parts.path or "/") + "?" + parts.query
    plain = canonical_url(parts.scheme, parts.netloc, target, leave_out=("X-Amz-Signature",))
    kept = {name: given[name] for name in signed}
    computed = signature(method, plain, kept, b"", entry, (region, service), stamp)
    if not hmac.compare_digest(computed, query.get("X-Amz-Signature", "")):
        raise mismatch()
    return entry
