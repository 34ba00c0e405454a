"""Exercises the EKS and STS server with botocore's own client, as a judge from outside."""

import http.client
import json
import tempfile
import threading
import time
import unittest
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, WaiterError
from botocore.parsers import ResponseParserError

from parts import eks_server, signatures

ROLE = "arn:aws:iam::123456789012:role/node"
KEYS = [
    {
        "access_key_id": "KEYONE",
        "secret_access_key": "one",
        "arn": "arn:aws:iam::123456789012:user/sandbox",
        "user_id": "AIDAONE",
    },
    {
        "access_key_id": "KEYTWO",
        "secret_access_key": "two",
        "session_token": "a+b/c=",
        "arn": "arn:aws:iam::123456789012:user/two",
        "user_id": "AIDATWO",
    },
    {
        "access_key_id": "KEYOLD",
        "secret_access_key": "old",
        "session_token": "old",
        "expired": True,
        "arn": "-",
        "user_id": "-",
    },
]
QUICK = {"create_seconds": 0.05, "update_seconds": 0.05, "delete_seconds": 0.05}


class ServerTest(unittest.TestCase):
    """A server of its own for all tests, reset before each."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        keys = Path(cls.folder.name) / "keys.json"
        keys.write_text(json.dumps(KEYS))
        cls.cloud = eks_server.Cloud("https://127.0.0.1:1", b"PEM", signatures.Keyring(keys))
        cls.server = eks_server.Server(("127.0.0.1", 0), cls.cloud)
        cls.port = cls.server.server_address[1]
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.session = botocore.session.Session()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.folder.cleanup()

    def setUp(self):
        self.control("POST", "reset")
        self.control("POST", "settings", QUICK)
        self.eks = self.client("eks")

    def client(self, service, key=KEYS[0], secret=None, region="us-east-1", attempts=1):
        """A client with a key of the server's."""
        return self.session.create_client(
            service,
            region_name=region,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id=key["access_key_id"],
            aws_secret_access_key=secret or key["secret_access_key"],
            aws_session_token=key.get("session_token"),
            config=Config(
                retries={"total_max_attempts": attempts, "mode": "standard"},
                proxies={},
                connect_timeout=5,
                read_timeout=5,
            ),
        )

    def control(self, method, path, body=None):
        """Asks the server's own interface."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, f"/_sandbox/{path}", json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        shown = json.loads(answer.read())
        connection.close()
        self.assertEqual(answer.status, 200, shown)
        return shown

    def create(self, name="gpu", **members):
        """Creates a node group."""
        given = {"clusterName": "sandbox", "nodegroupName": name, "subnets": ["subnet-1"], "nodeRole": ROLE, **members}
        return self.eks.create_nodegroup(**given)["nodegroup"]

    def wait(self, name="gpu", state="nodegroup_active"):
        """Waits with botocore's waiter."""
        waiter = self.eks.get_waiter(state)
        waiter.wait(clusterName="sandbox", nodegroupName=name, WaiterConfig={"Delay": 0.03, "MaxAttempts": 100})

    def describe(self, name="gpu"):
        """The node group as it is now."""
        return self.eks.describe_nodegroup(clusterName="sandbox", nodegroupName=name)["nodegroup"]

    def finish(self, update, name="gpu"):
        """Waits for the end of an update."""
        for _ in range(100):
            shown = self.eks.describe_update(name="sandbox", updateId=update["id"], nodegroupName=name)["update"]
            if shown["status"] != "InProgress":
                return shown
            time.sleep(0.02)
        self.fail("the update did not end")

    def refused(self, code, status, call, *arguments, **members):
        """Asserts that a call ends with an error, and returns its text."""
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **members)
        self.assertEqual(caught.exception.response["Error"]["Code"], code, caught.exception)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return caught.exception.response["Error"]["Message"]


class NodeGroups(ServerTest):
    """The life of a node group."""

    def test_life(self):
        group = self.create(
            labels={"eks-node": "gpu"}, taints=[{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
        )
        self.assertEqual(group["status"], "CREATING")
        self.assertEqual(self.describe()["status"], "CREATING")
        self.wait()
        group = self.describe()
        self.assertEqual(group["amiType"], "AL2023_x86_64_STANDARD")
        self.assertEqual(group["instanceTypes"], ["t3.medium"])
        self.assertEqual(group["releaseVersion"], "1.34.1-20261101")
        self.assertEqual(group["scalingConfig"], {"minSize": 1, "maxSize": 2, "desiredSize": 2})
        self.assertEqual(group["updateConfig"], {"maxUnavailable": 1, "updateStrategy": "DEFAULT"})
        self.assertEqual((group["diskSize"], group["tags"]), (20, {}))
        self.eks.delete_nodegroup(clusterName="sandbox", nodegroupName="gpu")
        self.assertEqual(self.describe()["status"], "DELETING")
        self.wait(state="nodegroup_deleted")
        self.refused("ResourceNotFoundException", 404, self.describe)

    def test_same_token(self):
        first = self.create(clientRequestToken="token-one")
        self.assertEqual(self.create(clientRequestToken="token-one")["nodegroupArn"], first["nodegroupArn"])
        self.refused("InvalidParameterException", 400, self.create, clientRequestToken="token-one", diskSize=50)
        self.refused("ResourceInUseException", 409, self.create, clientRequestToken="token-two")

    def test_config_update(self):
        taint = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}
        self.create(labels={"a": "1", "b": "2"}, taints=[taint])
        self.refused(
            "ResourceInUseException",
            409,
            self.eks.update_nodegroup_config,
            clusterName="sandbox",
            nodegroupName="gpu",
            labels={"removeLabels": ["a"]},
        )
        self.wait()
        update = self.eks.update_nodegroup_config(
            clusterName="sandbox",
            nodegroupName="gpu",
            clientRequestToken="once",
            labels={"addOrUpdateLabels": {"c": "3", "b": "4"}, "removeLabels": ["a"]},
            taints={"addOrUpdateTaints": [{**taint, "effect": "NO_EXECUTE"}], "removeTaints": [taint]},
            scalingConfig={"maxSize": 5},
            updateConfig={"maxUnavailablePercentage": 50},
        )["update"]
        self.assertEqual(update["status"], "InProgress")
        self.refused(
            "ResourceInUseException",
            409,
            self.eks.update_nodegroup_config,
            clusterName="sandbox",
            nodegroupName="gpu",
            scalingConfig={"maxSize": 6},
        )
        self.assertEqual(self.describe()["status"], "UPDATING")
        self.assertEqual(self.finish(update)["status"], "Successful")
        group = self.describe()
        self.assertEqual(group["status"], "ACTIVE")
        self.assertEqual(group["labels"], {"b": "4", "c": "3"})
        self.assertEqual(group["taints"], [{**taint, "effect": "NO_EXECUTE"}])
        self.assertEqual(group["scalingConfig"], {"minSize": 1, "maxSize": 5, "desiredSize": 2})
        self.assertEqual(group["updateConfig"], {"maxUnavailablePercentage": 50, "updateStrategy": "DEFAULT"})
        self.assertEqual(self.eks.list_updates(name="sandbox", nodegroupName="gpu")["updateIds"], [update["id"]])
        self.refused("ResourceNotFoundException", 404, self.eks.describe_update, name="sandbox", updateId=update["id"])

    def test_version_update(self):
        self.create(version="1.33", releaseVersion="1.33.1-20261001")
        self.wait()
        change = {"clusterName": "sandbox", "nodegroupName": "gpu"}
        self.refused("InvalidParameterException", 400, self.eks.update_nodegroup_version, **change, version="1.35")
        self.refused(
            "InvalidParameterException",
            400,
            self.eks.update_nodegroup_version,
            **change,
            releaseVersion="1.34.1-20261101",
        )
        self.refused(
            "InvalidRequestException",
            400,
            self.eks.update_nodegroup_version,
            **change,
            launchTemplate={"name": "sandbox"},
        )
        update = self.eks.update_nodegroup_version(**change, version="1.34", force=True)["update"]
        self.assertEqual(update["type"], "VersionUpdate")
        self.finish(update)
        self.assertEqual((self.describe()["version"], self.describe()["releaseVersion"]), ("1.34", "1.34.1-20261101"))

    def test_launch_template(self):
        self.refused("InvalidParameterException", 400, self.create, launchTemplate={"name": "sandbox"}, diskSize=30)
        group = self.create(launchTemplate={"name": "sandbox", "version": "$Latest"})
        self.assertEqual(group["launchTemplate"], {"name": "sandbox", "id": "lt-0123456789abcdef0", "version": "3"})
        self.assertNotIn("diskSize", group)
        image = self.create("image", launchTemplate={"id": "lt-0123456789abcdef1"})
        self.assertEqual((image["amiType"], image["releaseVersion"]), ("CUSTOM", "ami-0123456789abcdef0"))
        self.wait("image")
        update = self.eks.update_nodegroup_version(
            clusterName="sandbox", nodegroupName="image", launchTemplate={"name": "sandbox-image", "version": "2"}
        )["update"]
        self.finish(update, "image")
        self.assertEqual(self.describe("image")["launchTemplate"]["version"], "2")

    def test_rules(self):
        for members in (
            {"scalingConfig": {"minSize": 3, "maxSize": 2, "desiredSize": 3}},
            {"scalingConfig": {"minSize": 3, "maxSize": 4, "desiredSize": 2}},
            {"amiType": "NO_SUCH"},
            {"amiType": "AL2023_x86_64_NVIDIA", "instanceTypes": ["g5g.xlarge"]},
            {"labels": {"kubernetes.io/role": "gpu"}},
            {"labels": {"node-role.kubernetes.io/gpu": "x"}},
            {"labels": {"a": "not valid!"}},
            {"taints": [{"key": f"k{n}", "effect": "NO_SCHEDULE"} for n in range(51)]},
            {"taints": [{"key": "k", "effect": "NO_SCHEDULE"}, {"key": "k", "value": "v", "effect": "NO_SCHEDULE"}]},
            {"tags": {"aws:mine": "x"}},
            {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 10}},
            {"nodeRepairConfig": {"enabled": True, "nodeRepairConfigOverrides": [{"repairAction": "Reboot"}]}},
            {"capacityType": "CAPACITY_BLOCK"},
            {"version": "1.35"},
        ):
            with self.subTest(members=members):
                self.refused("InvalidParameterException", 400, self.create, **members)
        self.refused(
            "InvalidRequestException",
            400,
            self.eks.create_nodegroup,
            clusterName="creating",
            nodegroupName="a",
            subnets=["s"],
            nodeRole=ROLE,
        )

    def test_pages(self):
        for number in range(5):
            self.create(f"group-{number}")
        pages = list(
            self.eks.get_paginator("list_nodegroups").paginate(clusterName="sandbox", PaginationConfig={"PageSize": 2})
        )
        self.assertEqual([len(page["nodegroups"]) for page in pages], [2, 2, 1])
        self.assertEqual(self.eks.list_nodegroups(clusterName="sandbox-two")["nodegroups"], [])

    def test_tags(self):
        arn = self.create(tags={"team": "ml"})["nodegroupArn"]
        self.eks.tag_resource(resourceArn=arn, tags={"a:b/c": "x y+z"})
        self.assertEqual(self.describe()["tags"], {"team": "ml", "a:b/c": "x y+z"})
        self.eks.untag_resource(resourceArn=arn, tagKeys=["team", "a:b/c"])
        self.assertEqual(self.eks.list_tags_for_resource(resourceArn=arn)["tags"], {})
        self.refused("NotFoundException", 404, self.eks.list_tags_for_resource, resourceArn=arn + "x")
        self.refused("BadRequestException", 400, self.eks.list_tags_for_resource, resourceArn="nonsense")

    def test_clusters(self):
        cluster = self.eks.describe_cluster(name="sandbox")["cluster"]
        self.assertEqual(
            (cluster["status"], cluster["version"], cluster["endpoint"]), ("ACTIVE", "1.34", "https://127.0.0.1:1")
        )
        self.assertNotIn("endpoint", self.eks.describe_cluster(name="creating")["cluster"])
        self.refused("ResourceNotFoundException", 404, self.eks.describe_cluster, name="none")
        versions = self.eks.describe_cluster_versions(defaultOnly=True)["clusterVersions"]
        self.assertEqual([one["clusterVersion"] for one in versions], ["1.34"])
        self.assertEqual(self.eks.list_clusters()["clusters"], ["creating", "sandbox", "sandbox-two"])

    def test_failures(self):
        self.control(
            "POST", "settings", {"fail_create": {"code": "AsgInstanceLaunchFailures", "message": "no capacity"}}
        )
        self.create()
        with self.assertRaises(WaiterError):
            self.wait()
        self.assertEqual(self.describe()["health"]["issues"][0]["code"], "AsgInstanceLaunchFailures")
        self.control(
            "POST",
            "settings",
            {"fail_create": None, "fail_update": {"errorCode": "PodEvictionFailure", "errorMessage": "pods stay"}},
        )
        self.create("two")
        self.wait("two")
        update = self.eks.update_nodegroup_config(
            clusterName="sandbox", nodegroupName="two", scalingConfig={"maxSize": 7}
        )["update"]
        self.assertEqual(self.finish(update, "two")["errors"][0]["errorCode"], "PodEvictionFailure")
        self.assertEqual(self.describe("two")["scalingConfig"]["maxSize"], 2)

    def test_behind_the_back(self):
        self.create()
        self.wait()
        self.control(
            "POST",
            "nodegroup/sandbox/gpu",
            {"scalingConfig": {"desiredSize": 1}, "labels": {"drift": "yes"}, "status": "DEGRADED"},
        )
        group = self.describe()
        self.assertEqual(
            (group["scalingConfig"]["desiredSize"], group["labels"], group["status"]), (1, {"drift": "yes"}, "DEGRADED")
        )
        self.control("DELETE", "nodegroup/sandbox/gpu")
        self.refused("ResourceNotFoundException", 404, self.describe)


class Door(ServerTest):
    """Who is let in."""

    def test_keys(self):
        self.client("eks", KEYS[1]).list_nodegroups(clusterName="sandbox")
        self.refused(
            "UnrecognizedClientException",
            403,
            self.client("eks", {**KEYS[0], "access_key_id": "KEYNONE"}).list_clusters,
        )
        self.refused(
            "UnrecognizedClientException", 403, self.client("eks", {**KEYS[1], "session_token": "other"}).list_clusters
        )
        self.refused("InvalidSignatureException", 403, self.client("eks", secret="wrong").list_clusters)
        self.refused("ExpiredTokenException", 403, self.client("eks", KEYS[2]).list_clusters)
        self.refused("InvalidSignatureException", 403, self.client("eks", region="eu-west-1").list_clusters)

    def test_unsigned(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/clusters")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 403)
        self.assertTrue(answer.headers["x-amzn-ErrorType"].startswith("MissingAuthenticationTokenException"))
        self.assertIn("message", json.loads(answer.read()))
        connection.close()

    def test_clock(self):
        self.control("POST", "settings", {"clock_offset_seconds": 3600})
        self.assertIn("Signature expired", self.refused("InvalidSignatureException", 403, self.eks.list_clusters))

    def test_identity(self):
        identity = self.client("sts").get_caller_identity()
        self.assertEqual((identity["Arn"], identity["Account"]), (KEYS[0]["arn"], "123456789012"))
        self.assertEqual(self.client("sts", KEYS[1]).get_caller_identity()["Arn"], KEYS[1]["arn"])
        self.refused("SignatureDoesNotMatch", 403, self.client("sts", secret="wrong").get_caller_identity)
        self.refused(
            "InvalidClientTokenId", 403, self.client("sts", {**KEYS[0], "access_key_id": "KEYNONE"}).get_caller_identity
        )

    def test_roles(self):
        client = self.client("sts")
        asked = {"RoleArn": "arn:aws:iam::123456789012:role/admin", "RoleSessionName": "test"}
        first = client.assume_role(**asked)
        self.assertEqual(first["AssumedRoleUser"]["Arn"], "arn:aws:sts::123456789012:assumed-role/admin/test")
        web = client.assume_role_with_web_identity(**asked, WebIdentityToken="sandbox-web-identity")
        for given in (first["Credentials"], web["Credentials"]):
            key = {
                "access_key_id": given["AccessKeyId"],
                "secret_access_key": given["SecretAccessKey"],
                "session_token": given["SessionToken"],
            }
            self.client("eks", key).list_clusters()
        self.refused(
            "AccessDenied", 403, client.assume_role, **{**asked, "RoleArn": "arn:aws:iam::123456789012:role/none"}
        )
        external = {**asked, "RoleArn": "arn:aws:iam::123456789012:role/external"}
        self.refused("AccessDenied", 403, client.assume_role, **external)
        client.assume_role(**external, ExternalId="sandbox")
        self.refused(
            "InvalidIdentityToken", 400, client.assume_role_with_web_identity, **asked, WebIdentityToken="another token"
        )
        self.control("POST", "settings", {"assumed_seconds": -1})
        given = client.assume_role(**asked)["Credentials"]
        key = {
            "access_key_id": given["AccessKeyId"],
            "secret_access_key": given["SecretAccessKey"],
            "session_token": given["SessionToken"],
        }
        self.refused("ExpiredTokenException", 403, self.client("eks", key).list_clusters)

    def test_presigned_identity(self):
        url = self.client("sts").generate_presigned_url(
            "get_caller_identity", Params={}, ExpiresIn=60, HttpMethod="GET"
        )
        for target, status in ((url, 200), (url.replace("GetCallerIdentity", "GetSessionToken"), 403)):
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            connection.request("GET", target.partition(str(self.port))[2], headers={"Accept": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            connection.close()
            self.assertEqual(answer.status, status, text)
            json.loads(text)


class Faults(ServerTest):
    """What a client sees of a fault."""

    def test_throttling_is_retried(self):
        self.control(
            "POST",
            "faults",
            [
                {
                    "match": "ListClusters",
                    "count": 2,
                    "kind": "status",
                    "status": 429,
                    "code": "ThrottlingException",
                    "retry_after_ms": 10,
                }
            ],
        )
        self.client("eks", attempts=3).list_clusters()
        shown = [(one["operation"], one["status"], one["code"]) for one in self.control("GET", "requests")]
        self.assertEqual(shown, [("ListClusters", 429, "ThrottlingException")] * 2 + [("ListClusters", 200, None)])
        self.control("DELETE", "requests")
        self.assertEqual(self.control("GET", "requests"), [])

    def test_broken_answers(self):
        for kind, expected in (
            ("reset", ConnectionClosedError),
            ("garbage", (ResponseParserError, UnicodeDecodeError)),
            ("html", ClientError),
        ):
            with self.subTest(kind=kind):
                self.control("POST", "faults", [{"match": "*", "kind": kind}])
                with self.assertRaises(expected):
                    self.eks.list_clusters()
                self.eks.list_clusters()
                self.control("DELETE", "faults")

    def test_truncated_answer(self):
        self.control("POST", "faults", [{"match": "ListClusters", "kind": "truncate"}])
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/clusters")
        with self.assertRaises(http.client.IncompleteRead):
            connection.getresponse().read()
        connection.close()

    def test_lost_answer(self):
        self.control("POST", "faults", [{"match": "CreateNodegroup", "kind": "reset", "after": True}])
        with self.assertRaises(HTTPClientError):
            self.create()
        self.wait()
        self.assertEqual(self.control("GET", "faults")[0]["met"], 1)

    def test_slow_and_nth(self):
        self.control("POST", "faults", [{"match": "ListClusters", "nth": 2, "kind": "slow", "delay_s": 0.2}])
        times = []
        for _ in range(3):
            started = time.monotonic()
            self.eks.list_clusters()
            times.append(time.monotonic() - started > 0.2)
        self.assertEqual(times, [False, True, False])

    def test_connections_are_kept(self):
        for _ in range(5):
            self.eks.list_clusters()
        self.assertEqual(len({one["peer"] for one in self.control("GET", "requests")}), 1)


if __name__ == "__main__":
    unittest.main()
