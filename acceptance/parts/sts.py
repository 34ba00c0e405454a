"""What STS answers: who a key belongs to, as XML or, when asked, as JSON."""

import json
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from parts.node_groups import ACCOUNT
from parts.signatures import SignatureRefused, parse_time

VERSION = "2011-06-15"
NAMESPACE = f"https://sts.amazonaws.com/doc/{VERSION}/"
CODES = {
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "ExpiredTokenException": "ExpiredToken",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
}


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


def answer(target, body, entry, accept, request_id):
    """Status and text for a request of a known key."""
    given = parameters(target, body)
    if given.get("Version") != VERSION or given.get("Action") != "GetCallerIdentity":
        text = f"Could not find operation {given.get('Action')} for version {given.get('Version')}"
        return 400, error("InvalidAction", text, accept, request_id)
    result = identity(entry)
    metadata = {"RequestId": request_id}
    if "application/json" in accept:
        return 200, json.dumps(
            {"GetCallerIdentityResponse": {"GetCallerIdentityResult": result, "ResponseMetadata": metadata}}
        )
    inner = render("GetCallerIdentityResult", result) + render("ResponseMetadata", metadata)
    return 200, f'<GetCallerIdentityResponse xmlns="{NAMESPACE}">{inner}</GetCallerIdentityResponse>'
