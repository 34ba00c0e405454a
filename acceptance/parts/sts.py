"""What STS answers, as XML or, when asked, as JSON: who a key belongs to, and temporary keys of roles."""

import json
import re
import secrets
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from parts.node_groups import ACCOUNT
from parts.signatures import SignatureRefused, parse_time

VERSION = "2011-06-15"
NAMESPACE = f"https://sts.amazonaws.com/doc/{VERSION}/"
UNSIGNED_ACTION = "AssumeRoleWithWebIdentity"
ACTIONS = ("GetCallerIdentity", "AssumeRole", UNSIGNED_ACTION)
SESSION_NAME = re.compile(r"[\w+=,.@-]+")
KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ROLES = {
    f"arn:aws:iam::{ACCOUNT}:role/admin": {"groups": ["gpushare:admins"]},
    f"arn:aws:iam::{ACCOUNT}:role/external": {"groups": ["gpushare:admins"], "external_id": "sandbox"},
    f"arn:aws:iam::{ACCOUNT}:role/restricted": {"groups": ["gpushare:restricted"]},
}
CODES = {
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "ExpiredTokenException": "ExpiredToken",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
}


class StsError(Exception):
    """A request that STS refuses after it knows who asks."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code = code
        self.status = status


def parameters(target, body):
    """The request's parameters, from its form and its query."""
    form = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    query = parse_qs(urlsplit(target).query, keep_blank_values=True)
    return {name: values[-1] for name, values in {**query, **form}.items()}


def action(target, body):
    """The action that a request asks for."""
    return parameters(target, body).get("Action", "unknown")


def error_code(code):
    """STS's name for a front-door error."""
    return CODES.get(code, code)


def check_lifetime(target, now):
    """Refuses a presigned URL after its time."""
    query = parameters(target, b"")
    if not 0 <= int(query.get("X-Amz-Expires", "0")) <= 604800:
        raise SignatureRefused("InvalidSignatureException", "X-Amz-Expires must be between 0 and 604800.")
    if parse_time(query["X-Amz-Date"]) + int(query.get("X-Amz-Expires", "0")) < now:
        raise SignatureRefused("InvalidSignatureException", "Signature expired.")


def render(name, value):
    """A value as XML elements."""
    if isinstance(value, dict):
        inner = "".join(render(key, member) for key, member in value.items())
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def error(code, message, accept, request_id):
    """An error as STS writes it."""
    shown = {"Type": "Sender", "Code": code, "Message": message}
    if "application/json" in accept:
        return json.dumps({"Error": shown, "RequestId": request_id})
    inner = render("Error", shown) + render("RequestId", request_id)
    return f'<ErrorResponse xmlns="{NAMESPACE}">{inner}</ErrorResponse>'


def identity(entry):
    """Who a key belongs to."""
    return {"Arn": entry["arn"], "UserId": entry["user_id"], "Account": ACCOUNT}


def limited(given, name, low, high, default=None):
    """A text parameter whose length is within limits."""
    value = given.get(name, default)
    if value is None or not low <= len(value) <= high:
        raise StsError("ValidationError", f"{name} must have a length between {low} and {high}.")
    return value


def new_session(given, settings, now):
    """A role's temporary key for a request that may have it."""
    arn = limited(given, "RoleArn", 20, 2048)
    name = limited(given, "RoleSessionName", 2, 64)
    duration = given.get("DurationSeconds", "3600")
    role = settings["roles"].get(arn)
    if not SESSION_NAME.fullmatch(name):
        raise StsError("ValidationError", f"RoleSessionName must match {SESSION_NAME.pattern}.")
    if not duration.isdigit() or not 900 <= int(duration) <= 43200:
        raise StsError("ValidationError", "DurationSeconds must be between 900 and 43200.")
    if role is None or role.get("external_id") != given.get("ExternalId"):
        raise StsError("AccessDenied", f"Not authorized to perform: sts:{given['Action']} on resource: {arn}", 403)
    role_name = arn.rpartition("/")[2]
    seconds = settings["assumed_seconds"]
    return {
        "name": f"{role_name}/{name}",
        "access_key_id": "ASIA" + "".join(secrets.choice(KEY_ALPHABET) for _ in range(16)),
        "secret_access_key": secrets.token_urlsafe(30),
        "session_token": secrets.token_urlsafe(120),
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role_name}/{name}",
        "user": arn,
        "user_id": f"AROA{role_name.upper():X<17}"[:21] + f":{name}",
        "groups": role["groups"],
        "expires_at": now + (int(duration) if seconds is None else seconds),
    }


def session_shown(session):
    """A temporary key as STS answers it."""
    ends = datetime.fromtimestamp(session["expires_at"], timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "AssumedRoleUser": {"AssumedRoleId": session["user_id"], "Arn": session["arn"]},
        "Credentials": {
            "AccessKeyId": session["access_key_id"],
            "SecretAccessKey": session["secret_access_key"],
            "SessionToken": session["session_token"],
            "Expiration": ends,
        },
    }


def result(given, entry, keyring, settings, now):
    """What the action that a request asks for answers."""
    if given.get("Version") != VERSION or given.get("Action") not in ACTIONS:
        text = f"Could not find operation {given.get('Action')} for version {given.get('Version')}"
        raise StsError("InvalidAction", text)
    if given["Action"] == "GetCallerIdentity":
        return identity(entry)
    if given["Action"] == UNSIGNED_ACTION and given.get("WebIdentityToken") not in settings["web_identity_tokens"]:
        raise StsError("InvalidIdentityToken", "The web identity token is not one that the provider issued.")
    session = new_session(given, settings, now)
    keyring.add(session)
    return session_shown(session)


def answer(target, body, entry, accept, request_id, keyring, settings, now):
    """Status, error code and text for a request whose key, when it needs one, is known."""
    given = parameters(target, body)
    try:
        shown = result(given, entry, keyring, settings, now)
    except StsError as refused:
        return refused.status, refused.code, error(refused.code, str(refused), accept, request_id)
    name, metadata = given["Action"], {"RequestId": request_id}
    if "application/json" in accept:
        return 200, None, json.dumps({f"{name}Response": {f"{name}Result": shown, "ResponseMetadata": metadata}})
    inner = render(f"{name}Result", shown) + render("ResponseMetadata", metadata)
    return 200, None, f'<{name}Response xmlns="{NAMESPACE}">{inner}</{name}Response>'
