"""Makes EKS tokens with botocore, and has them judged by the webhook and, when one runs, by the API server."""

import base64
import json
import os
import ssl
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import botocore.session
from botocore.signers import RequestSigner

from parts import signatures, token_webhook

KEY = {
    "access_key_id": "KEYONE",
    "secret_access_key": "one",
    "arn": "arn:aws:iam::123456789012:user/sandbox",
    "user": "u",
    "user_id": "AIDAONE",
    "groups": [],
}
SETTINGS = token_webhook.DEFAULT_SETTINGS


def make_token(
    access_key_id,
    secret,
    session_token=None,
    cluster="sandbox",
    host="sts.us-east-1.amazonaws.com",
    query="",
    header="x-k8s-aws-id",
    path="/",
):
    """A token as the aws CLI makes it, or one that is wrong in one way."""
    session = botocore.session.Session()
    credentials = botocore.credentials.Credentials(access_key_id, secret, session_token)
    signer = RequestSigner(
        botocore.model.ServiceId("STS"), "us-east-1", "sts", "v4", credentials, session.get_component("event_emitter")
    )
    request = {
        "method": "GET",
        "url": f"https://{host}{path}?Action=GetCallerIdentity&Version=2011-06-15{query}",
        "body": {},
        "headers": {header: cluster},
        "context": {},
    }
    url = signer.generate_presigned_url(request, region_name="us-east-1", expires_in=60, operation_name="")
    return token_webhook.PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class Review(unittest.TestCase):
    """The rules, one by one."""

    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump([KEY], file)
        self.addCleanup(os.unlink, file.name)
        self.keyring = signatures.Keyring(file.name)

    def review(self, token, now=None, **settings):
        return token_webhook.review(token, self.keyring, {**SETTINGS, **settings}, now or time.time())

    def test_good(self):
        for cluster in ("sandbox", "sandbox-two"):
            entry, named = self.review(make_token("KEYONE", "one", cluster=cluster))
            self.assertEqual((entry["access_key_id"], named), ("KEYONE", cluster))

    def test_wrong(self):
        good = make_token("KEYONE", "one")
        now = time.time()
        url = token_webhook.presigned_url(good)
        twice = token_webhook.PREFIX + base64.urlsafe_b64encode(f"{url}&Version=2011-06-15".encode()).decode().rstrip(
            "="
        )
        for token, moment, reason in (
            (make_token("KEYONE", "two"), now, "does not match"),
            (make_token("KEYTWO", "one"), now, "UnrecognizedClientException"),
            (make_token("KEYONE", "one", cluster="other"), now, "does not match"),
            (make_token("KEYONE", "one", host="sts.amazonaws.com"), now, "unexpected hostname"),
            (make_token("KEYONE", "one", host="127.0.0.1"), now, "unexpected hostname"),
            (make_token("KEYONE", "one", path="/x"), now, "unexpected path"),
            (make_token("KEYONE", "one", query="&Other=1"), now, "non-whitelisted"),
            (twice, now, "multiple values"),
            (make_token("KEYONE", "one", header="x-other"), now, "did not sign"),
            (make_token("KEYONE", "one", session_token="t" * 4096), now, "longer than"),
            (good, now + 901, "expired"),
            (good + "=", now, "base64"),
            (good[1:], now, "prefix"),
            (token_webhook.PREFIX + "@@@", now, "base64"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(token_webhook.TokenRefused, reason):
                self.review(token, moment)
        with self.assertRaises(token_webhook.TokenRefused):
            self.review(good, now + 5, token_seconds=2)


@unittest.skipUnless(
    "GPUSHARE_SANDBOX_CLUSTER_ENDPOINT" in os.environ, "the sandbox is not up, or its environment is not set"
)
class ApiServer(unittest.TestCase):
    """The same tokens, taken to the real API server."""

    def status(self, token):
        """The status with which the API server answers a token's bearer who lists namespaces."""
        context = ssl.create_default_context(cafile=os.environ["GPUSHARE_SANDBOX_CA_FILE"])
        address = os.environ["GPUSHARE_SANDBOX_CLUSTER_ENDPOINT"] + "/api/v1/namespaces"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        try:
            with opener.open(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def key(self, name):
        """A key pair of the running sandbox."""
        keys = json.loads((Path(os.environ["GPUSHARE_SANDBOX_STATE"]) / "credentials.json").read_text())
        found = next(key for key in keys if key["name"] == name)
        return found["access_key_id"], found["secret_access_key"], found.get("session_token")

    def test_tokens(self):
        self.assertEqual(self.status(make_token(*self.key("admin"))), 200)
        self.assertEqual(self.status(make_token(*self.key("session"))), 200)
        self.assertEqual(self.status(make_token(*self.key("restricted"))), 403)
        self.assertEqual(self.status(make_token(*self.key("expired"))), 401)
        self.assertEqual(self.status(make_token(self.key("admin")[0], "wrong")), 401)
        self.assertEqual(self.status(make_token(*self.key("admin"), cluster="other")), 401)


if __name__ == "__main__":
    unittest.main()
