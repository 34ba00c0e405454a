"""A TokenReview webhook that takes EKS tokens by the rules of AWS's own authenticator."""

import argparse
import base64
import binascii
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from parts import signatures
from parts.places import CONTROL

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
HOSTS = {"sts.us-east-1.amazonaws.com"}
MOST_BYTES = 4096
KNOWN_NAMES = {
    "action",
    "version",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
    "x-amz-user-agent",
}
MOST_EXPIRES = 900
DEFAULT_SETTINGS = {"token_seconds": 900, "clusters": ["sandbox", "sandbox-two"], "hosts": sorted(HOSTS)}


class TokenRefused(Exception):
    """A token that does not let its bearer in."""


def presigned_url(token):
    """The URL inside a token."""
    if not token.startswith(PREFIX):
        raise TokenRefused("the token has not the prefix of an EKS token")
    if len(token.encode()) > MOST_BYTES:
        raise TokenRefused(f"the token is longer than {MOST_BYTES} bytes")
    encoded = token.removeprefix(PREFIX)
    if set(encoded) & set("=+/"):
        raise TokenRefused("the token is not unpadded URL-safe base64")
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise TokenRefused("the token is not base64 of a URL") from None


def checked_query(url, hosts):
    """The URL's parameters by lower-case name, after everything that can be said without the key."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise TokenRefused(f"unexpected scheme {parts.scheme!r} in pre-signed URL")
    if parts.netloc not in hosts:
        raise TokenRefused(f"unexpected hostname {parts.netloc!r} in pre-signed URL")
    if parts.path != "/" or parts.fragment:
        raise TokenRefused("unexpected path in pre-signed URL")
    query = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        lower = name.lower()
        if lower not in KNOWN_NAMES:
            raise TokenRefused(f"non-whitelisted query parameter {name!r}")
        if lower in query:
            raise TokenRefused(f"query parameter with multiple values not supported: {name!r}")
        query[lower] = value
    if query.get("action") != "GetCallerIdentity":
        raise TokenRefused("unexpected action parameter in pre-signed URL")
    if CLUSTER_HEADER not in query.get("x-amz-signedheaders", "").split(";"):
        raise TokenRefused(f"client did not sign the {CLUSTER_HEADER} header in the pre-signed URL")
    if not query.get("x-amz-expires", "").isdigit() or int(query["x-amz-expires"]) > MOST_EXPIRES:
        raise TokenRefused("invalid X-Amz-Expires parameter in pre-signed URL")
    return query


def review(token, keyring, settings, now):
    """The entry of the key that made a token, and the cluster that it is for."""
    url = presigned_url(token)
    query = checked_query(url, settings["hosts"])
    refused = None
    try:
        signed_at = signatures.parse_time(query.get("x-amz-date", ""))
        if now > signed_at + settings["token_seconds"]:
            raise TokenRefused("X-Amz-Date parameter is expired")
        if signed_at > now + signatures.ALLOWED_SKEW:
            raise TokenRefused("X-Amz-Date parameter is in the future")
        for cluster in settings["clusters"]:
            headers = [(CLUSTER_HEADER, cluster), ("Accept", "application/json")]
            try:
                return signatures.verify_presigned(keyring, "GET", url, headers, "sts"), cluster
            except signatures.SignatureRefused as error:
                refused = error
    except signatures.SignatureRefused as error:
        refused = error
    raise TokenRefused(f"error from AWS: {refused.code}: {refused.message}")


class Handler(BaseHTTPRequestHandler):
    """One connection of the API server, or of a test."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format, *arguments):
        """Leaves the webhook's own log to errors."""

    def send_json(self, status, value):
        """Sends a whole answer."""
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_request(self):
        """Reviews a token, or answers the sandbox's own interface."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            given = json.loads(body) if body else {}
            path = urlsplit(self.path).path
            self.send_json(200, self.control(path, given) if path.startswith(CONTROL) else self.answer(given))
        except (ValueError, KeyError, TypeError) as error:
            self.send_json(400, {"error": str(error)})

    do_GET = do_POST = do_DELETE = handle_request

    def control(self, path, given):
        """The answer of the sandbox's own interface."""
        server = self.server
        with server.lock:
            if path == f"{CONTROL}/settings":
                if self.command == "DELETE":
                    server.settings = dict(DEFAULT_SETTINGS)
                unknown = set(given) - set(DEFAULT_SETTINGS)
                if unknown:
                    raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
                server.settings.update(given)
                return server.settings
            if path == f"{CONTROL}/reviews":
                shown, server.reviews = server.reviews, [] if self.command == "DELETE" else server.reviews
                return shown
            if path == f"{CONTROL}/health":
                return {"status": "ok"}
        raise ValueError(f"no such control: {path}")

    def answer(self, given):
        """The answer to a TokenReview, which names the same version as the question."""
        if given["kind"] != "TokenReview":
            raise ValueError("not a TokenReview")
        with self.server.lock:
            settings = dict(self.server.settings)
        try:
            entry, cluster = review(given["spec"]["token"], self.server.keyring, settings, time.time())
            user = {"username": entry["user"], "uid": entry["user_id"], "groups": entry["groups"]}
            user["extra"] = {"arn": [entry["arn"]], "accessKeyId": [entry["access_key_id"]]}
            status, logged = {"authenticated": True, "user": user}, {"user": entry["user"], "cluster": cluster}
        except TokenRefused as error:
            status, logged = {"authenticated": False, "error": str(error)}, {"error": str(error)}
        with self.server.lock:
            self.server.reviews.append({"time": time.time(), **logged})
        return {"apiVersion": given["apiVersion"], "kind": "TokenReview", "status": status}


class Server(ThreadingHTTPServer):
    """The webhook with what its connections share."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, keyring, context):
        self.keyring = keyring
        self.context = context
        self.lock = threading.Lock()
        self.settings = dict(DEFAULT_SETTINGS)
        self.reviews = []
        super().__init__(address, Handler)

    def finish_request(self, request, client_address):
        """Shakes hands in the connection's own thread."""
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request, client_address):
        """Is silent about clients that go away."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--credentials", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    Server(("127.0.0.1", options.port), signatures.Keyring(options.credentials), context).serve_forever()


if __name__ == "__main__":
    main()
