"""An EKS API, and STS beside it, that answers as the service model says and refuses what AWS would refuse."""

import argparse
import base64
import copy
import json
import os
import re
import sys
import threading
import time
import traceback
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from parts import faults, node_groups, signatures, sts
from parts.node_groups import ACCOUNT, ApiError, Busy, in_use, not_found, refuse
from parts.places import CONTROL
from parts.service_model import Service, UnreadableRequest, problems, with_nulls

REGION = "us-east-1"
RETRY_AFTER = "x-amz-retry-after"
NODE_GROUP_ARN = re.compile(r"arn:aws[a-z-]*:eks:[a-z0-9-]+:\d{12}:(cluster|nodegroup)/\S+")
DEFAULT_SETTINGS = {
    "create_seconds": 0.5,
    "update_seconds": 0.3,
    "delete_seconds": 0.3,
    "looks": 1,
    "fail_create": None,
    "fail_update": None,
    "fail_delete": None,
    "regions": [REGION],
    "clock_offset_seconds": 0,
    "launch_templates": node_groups.LAUNCH_TEMPLATES,
    "roles": sts.ROLES,
    "assumed_seconds": None,
    "web_identity_tokens": ["sandbox-web-identity"],
}
LOGGED_HEADERS = ("user-agent", "content-type", "amz-sdk-request", "amz-sdk-invocation-id", "connection")
FRONT_DOOR_STATUS = 403


def make_clusters(endpoint, authority, now):
    """The clusters that exist: two of one API server, and one that is still being made."""
    made = {}
    for name in ("sandbox", "sandbox-two", "creating"):
        identity = uuid.uuid5(uuid.NAMESPACE_DNS, name).hex.upper()
        cluster = {
            "name": name,
            "arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{name}",
            "createdAt": now,
            "version": node_groups.DEFAULT_VERSION,
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/cluster",
            "resourcesVpcConfig": {
                "subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
                "securityGroupIds": [],
                "clusterSecurityGroupId": "sg-0fedcba9876543210",
                "vpcId": "vpc-0123456789abcdef0",
                "endpointPublicAccess": True,
                "endpointPrivateAccess": True,
                "publicAccessCidrs": ["0.0.0.0/0"],
            },
            "kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/24", "ipFamily": "ipv4"},
            "status": "ACTIVE" if name != "creating" else "CREATING",
            "platformVersion": "eks.9",
            "tags": {},
            "health": {"issues": []},
            "accessConfig": {
                "bootstrapClusterCreatorAdminPermissions": True,
                "authenticationMode": "API_AND_CONFIG_MAP",
            },
            "upgradePolicy": {"supportType": "EXTENDED"},
            "deletionProtection": False,
        }
        if name != "creating":
            cluster["endpoint"] = endpoint
            cluster["certificateAuthority"] = {
                "data": base64.b64encode(authority).decode(),
                "active": {"id": identity[:8], "activatedBy": "EKS"},
            }
            cluster["identity"] = {"oidc": {"issuer": f"https://oidc.eks.{REGION}.amazonaws.com/id/{identity}"}}
        made[name] = cluster
    return made


class Group:
    """A stored node group with what is under way."""

    def __init__(self, answer, token, body, busy):
        self.answer = answer
        self.token = token
        self.body = body
        self.busy = busy
        self.update = None


class Update:
    """A stored update with the change that it makes when it ends."""

    def __init__(self, answer, group_name, changes, busy):
        self.answer = answer
        self.group_name = group_name
        self.changes = changes
        self.busy = busy
        self.token = None
        self.body = None


class Account:
    """All that the service keeps, and one method for each operation that it knows."""

    def __init__(self, endpoint, authority):
        self.endpoint, self.authority = endpoint, authority
        self.reset()

    def reset(self):
        """Forgets everything but the clusters."""
        self.clusters = make_clusters(self.endpoint, self.authority, time.time())
        self.groups = {name: {} for name in self.clusters}
        self.updates = {name: {} for name in self.clusters}
        self.settings = copy.deepcopy(DEFAULT_SETTINGS)

    def cluster(self, name):
        """A cluster by name."""
        if name not in self.clusters:
            raise not_found(f"No cluster found for name: {name}.")
        return self.clusters[name]

    def group(self, given, looks=0):
        """A node group by the request's names; looks counts how often it was described."""
        self.cluster(given["clusterName"])
        name = given["nodegroupName"]
        group = self.groups[given["clusterName"]].get(name)
        if group is not None and looks:
            self.go_on(group)
            group = self.groups[given["clusterName"]].get(name)
        if group is None:
            raise not_found(f"No node group found for name: {name}.")
        return group

    def busy(self, what):
        """The time that something takes, from the settings."""
        return Busy(self.settings[f"{what}_seconds"], self.settings["looks"])

    def go_on(self, group):
        """Ends what is under way in a node group when its time has come."""
        if group.update is not None:
            self.go_on_update(group.update, group)
        if group.busy is None or not group.busy.look():
            return
        group.busy = None
        answer = group.answer
        kind = {"CREATING": "create", "DELETING": "delete"}.get(answer["status"])
        failure = self.settings.get(f"fail_{kind}") if kind else None
        if failure:
            answer["status"] = f"{kind.upper()}_FAILED"
            answer["health"] = {"issues": [{"resourceIds": [], **failure}]}
        elif kind == "delete":
            del self.groups[answer["clusterName"]][answer["nodegroupName"]]
        else:
            answer["status"] = "ACTIVE"
        answer["modifiedAt"] = time.time()

    def go_on_update(self, update, group):
        """Ends an update when its time has come."""
        if update.answer["status"] != "InProgress" or not update.busy.look():
            return
        failure = self.settings["fail_update"]
        if failure:
            update.answer["status"] = "Failed"
            update.answer["errors"] = [{"resourceIds": [], **failure}]
        else:
            update.answer["status"] = "Successful"
            group.answer.update(copy.deepcopy(update.changes))
        group.update = None
        if group.answer["status"] == "UPDATING":
            group.answer["status"] = "ACTIVE"
        group.answer["modifiedAt"] = time.time()

    @staticmethod
    def described(group):
        """A node group as an answer, where no taints are not an empty list of them."""
        return {"nodegroup": {name: value for name, value in group.answer.items() if (name, value) != ("taints", [])}}

    def DescribeCluster(self, given):
        return {"cluster": self.cluster(given["name"])}

    def ListClusters(self, given):
        names, following = node_groups.page(sorted(self.clusters), given)
        return {"clusters": names, **following}

    def DescribeClusterVersions(self, given):
        now = time.time()
        listed = []
        for version in reversed(node_groups.VERSIONS):
            extended = node_groups.version_number(version) < node_groups.version_number(node_groups.VERSIONS[-3])
            state = "extended-support" if extended else "standard-support"
            listed.append(
                {
                    "clusterVersion": version,
                    "clusterType": "eks",
                    "defaultPlatformVersion": "eks.9",
                    "defaultVersion": version == node_groups.DEFAULT_VERSION,
                    "releaseDate": now,
                    "endOfStandardSupportDate": now,
                    "endOfExtendedSupportDate": now,
                    "status": state,
                    "versionStatus": state.replace("-", "_").upper(),
                    "kubernetesPatchVersion": f"{version}.1",
                }
            )
        wanted = given.get("clusterVersions")
        chosen = [
            one
            for one in listed
            if (not wanted or one["clusterVersion"] in wanted)
            and (not given.get("defaultOnly") or one["defaultVersion"])
            and given.get("status", one["status"]) == one["status"]
            and given.get("versionStatus", one["versionStatus"]) == one["versionStatus"]
        ]
        shown, following = node_groups.page(chosen, given)
        return {"clusterVersions": shown, **following}

    def CreateNodegroup(self, given):
        cluster = self.cluster(given["clusterName"])
        if cluster["status"] not in ("ACTIVE", "UPDATING"):
            raise ApiError("InvalidRequestException", f"Cluster '{cluster['name']}' is not in ACTIVE status")
        body = {name: value for name, value in given.items() if name != "clientRequestToken"}
        token = given.get("clientRequestToken")
        groups = self.groups[cluster["name"]]
        for group in groups.values():
            if token and group.token == token:
                if group.body == body:
                    return self.described(group)
                raise refuse("The client request token was used before with other parameters.")
        name = given["nodegroupName"]
        if name in groups:
            text = f"NodeGroup already exists with name {name} and cluster name {cluster['name']}"
            raise ApiError("ResourceInUseException", text, 409, clusterName=cluster["name"], nodegroupName=name)
        answer = node_groups.new_group(copy.deepcopy(body), cluster, self.settings["launch_templates"], time.time())
        groups[name] = Group(answer, token, body, self.busy("create"))
        return self.described(groups[name])

    def DescribeNodegroup(self, given):
        return self.described(self.group(given, looks=1))

    def ListNodegroups(self, given):
        self.cluster(given["clusterName"])
        names, following = node_groups.page(sorted(self.groups[given["clusterName"]]), given)
        return {"nodegroups": names, **following}

    def DeleteNodegroup(self, given):
        group = self.group(given)
        if group.update is not None:
            raise in_use(f"Nodegroup {given['nodegroupName']} cannot be deleted: an update is in progress.")
        if group.answer["status"] != "DELETING":
            group.answer["status"] = "DELETING"
            group.busy = self.busy("delete")
        return self.described(group)

    def start_update(self, given, kind, change):
        """Begins an update of a node group; change computes what it will change."""
        group = self.group(given)
        body = {name: value for name, value in given.items() if name != "clientRequestToken"}
        token = given.get("clientRequestToken")
        updates = self.updates[given["clusterName"]]
        for update in updates.values():
            if token and update.token == token:
                if (update.body, update.answer["type"]) == (body, kind):
                    return {"update": update.answer}
                raise refuse("The client request token was used before with other parameters.")
        if group.update is not None:
            raise in_use(
                f"There is an update in progress on nodegroup {given['nodegroupName']}: {group.update.answer['id']}"
            )
        if group.answer["status"] not in ("ACTIVE", "DEGRADED"):
            raise in_use(
                f"Nodegroup cannot be updated as it is currently not in Active State: {group.answer['status']}"
            )
        changes, parameters = change(group.answer)
        answer = {
            "id": str(uuid.uuid4()),
            "status": "InProgress",
            "type": kind,
            "params": [
                {"type": name, "value": node_groups.as_text(value)} for name, value in parameters if value is not None
            ],
            "createdAt": time.time(),
            "errors": [],
        }
        update = Update(answer, given["nodegroupName"], changes, self.busy("update"))
        update.token, update.body = token, body
        updates[answer["id"]] = update
        group.update = update
        group.answer["status"] = "UPDATING"
        return {"update": answer}

    def UpdateNodegroupConfig(self, given):
        return self.start_update(given, "ConfigUpdate", lambda group: node_groups.config_change(group, given))

    def UpdateNodegroupVersion(self, given):
        cluster = self.cluster(given["clusterName"])
        templates = self.settings["launch_templates"]
        return self.start_update(
            given, "VersionUpdate", lambda group: node_groups.version_change(group, given, cluster, templates)
        )

    def DescribeUpdate(self, given):
        self.cluster(given["name"])
        update = self.updates[given["name"]].get(given["updateId"])
        if update is None or update.group_name != given.get("nodegroupName"):
            raise not_found(f"No update found for ID: {given['updateId']}")
        group = self.group({"clusterName": given["name"], "nodegroupName": update.group_name})
        self.go_on_update(update, group)
        return {"update": update.answer}

    def ListUpdates(self, given):
        if "nodegroupName" in given:
            self.group({"clusterName": given["name"], "nodegroupName": given["nodegroupName"]})
        self.cluster(given["name"])
        names = [
            key
            for key, update in self.updates[given["name"]].items()
            if update.group_name == given.get("nodegroupName")
        ]
        shown, following = node_groups.page(names, given)
        return {"updateIds": shown, **following}

    def tagged(self, arn):
        """What an ARN of a cluster or a node group names."""
        if not NODE_GROUP_ARN.fullmatch(arn):
            raise ApiError("BadRequestException", f"Invalid resource ARN: {arn}")
        for cluster in self.clusters.values():
            if cluster["arn"] == arn:
                return cluster
        for groups in self.groups.values():
            for group in groups.values():
                if group.answer["nodegroupArn"] == arn:
                    return group.answer
        raise ApiError("NotFoundException", f"Resource was not found for ARN: {arn}", 404)

    def TagResource(self, given):
        resource = self.tagged(given["resourceArn"])
        merged = {**resource["tags"], **given["tags"]}
        try:
            node_groups.check_tags(merged)
        except ApiError as error:
            raise ApiError("BadRequestException", error.message) from None
        resource["tags"] = merged
        return {}

    def UntagResource(self, given):
        resource = self.tagged(given["resourceArn"])
        resource["tags"] = {key: value for key, value in resource["tags"].items() if key not in given["tagKeys"]}
        return {}

    def ListTagsForResource(self, given):
        return {"tags": self.tagged(given["resourceArn"])["tags"]}


def merge(old, new):
    """A value with another's members put over it; null takes a member away."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    merged = {**old, **{name: merge(old.get(name), value) for name, value in new.items()}}
    return {name: value for name, value in merged.items() if value is not None}


class Cloud:
    """The account with its lock, the faults that wait, and the log of requests."""

    def __init__(self, endpoint, authority, keyring):
        self.lock = threading.Lock()
        self.account = Account(endpoint, authority)
        self.faults = faults.Faults()
        self.keyring = keyring
        self.service = Service("eks")
        self.requests = []

    def now(self):
        """The server's clock, which tests may set wrong."""
        return time.time() + self.account.settings["clock_offset_seconds"]

    def eks(self, operation, path_texts, target, body):
        """The answer of an operation, checked against the model."""
        try:
            given = self.service.read(operation, path_texts, target, body)
        except UnreadableRequest as error:
            raise refuse(str(error)) from None
        wrong = problems(given, operation.input_shape, operation.name)
        if wrong:
            raise refuse("; ".join(wrong))
        method = getattr(self.account, operation.name, None)
        if method is None:
            raise ApiError("ServerException", f"The sandbox does not know {operation.name}.", 500)
        with self.lock:
            answer = copy.deepcopy(method(given))
        wrong = problems(without_empty_tags(answer), operation.output_shape, operation.name)
        if wrong:
            raise ApiError("ServerException", f"The sandbox made a wrong answer: {'; '.join(wrong)}", 500)
        for name, shape in operation.output_shape.members.items():
            if name in answer and shape.type_name == "structure":
                answer[name] = with_nulls(answer[name], shape)
        return answer

    def control(self, method, path, given):
        """The answer of the sandbox's own interface, with which tests steer the server."""
        parts = [unquote(part) for part in path.removeprefix(CONTROL).strip("/").split("/")]
        with self.lock:
            if parts[0] == "nodegroup" and len(parts) == 3:
                return self.control_group(method, parts[1], parts[2], given)
            if parts == ["requests"] and method in ("GET", "DELETE"):
                shown, self.requests = self.requests, [] if method == "DELETE" else self.requests
                return shown if method == "GET" else {}
            if parts == ["faults"]:
                if method == "POST":
                    self.faults.add(given)
                elif method == "DELETE":
                    self.faults.clear()
                return self.faults.show()
            if parts == ["settings"]:
                if method == "DELETE":
                    self.account.settings = copy.deepcopy(DEFAULT_SETTINGS)
                elif method == "POST":
                    unknown = set(given) - set(DEFAULT_SETTINGS)
                    if unknown:
                        raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
                    self.account.settings.update(given)
                return self.account.settings
            if parts[0] == "cluster" and len(parts) == 2 and method == "POST":
                old = self.account.clusters.get(parts[1], self.account.clusters["sandbox"])
                self.account.clusters[parts[1]] = merge(copy.deepcopy(old), {"name": parts[1], **given})
                self.account.groups.setdefault(parts[1], {})
                self.account.updates.setdefault(parts[1], {})
                return self.account.clusters[parts[1]]
            if parts[0] == "cluster" and len(parts) == 2 and method == "DELETE":
                self.account.groups.pop(parts[1], None)
                return self.account.clusters.pop(parts[1], {})
            if parts == ["reset"] and method == "POST":
                self.account.reset()
                self.faults.clear()
                self.requests = []
                return {}
            if parts == ["health"]:
                return {"status": "ok"}
        raise ValueError(f"no such control: {method} {path}")

    def control_group(self, method, cluster, name, given):
        """Changes or removes a node group behind its owner's back."""
        group = self.account.group({"clusterName": cluster, "nodegroupName": name})
        if method == "DELETE":
            del self.account.groups[cluster][name]
        elif method == "POST":
            group.answer = merge(group.answer, given)
            group.answer["modifiedAt"] = time.time()
            for needed, empty in (("labels", {}), ("taints", []), ("tags", {})):
                group.answer.setdefault(needed, empty)
            if "status" in given:
                group.busy = None
        return group.answer


def without_empty_tags(answer):
    """An answer without empty tag maps, which the service sends although its model forbids them."""
    return {
        name: without_empty_tags(value) if isinstance(value, dict) else value
        for name, value in answer.items()
        if (name, value) != ("tags", {})
    }


class Handler(BaseHTTPRequestHandler):
    """One connection: requests to the control interface, to STS, and to EKS."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format, *arguments):
        """Leaves the server's own log to errors."""

    def version_string(self):
        """The Server header, which tells nothing of Python."""
        return "sandbox"

    def date_time_string(self, timestamp=None):
        """The Date header, by the clock that tests may set wrong."""
        return super().date_time_string(self.server.cloud.now() if timestamp is None else timestamp)

    def send(self, status, content_type, text, headers=()):
        """Sends a whole answer."""
        data = text if isinstance(text, bytes) else text.encode()
        self.answered = status
        self.send_response(status)
        for name, value in (("Content-Type", content_type), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def send_json(self, status, value, headers=()):
        """Sends an answer as EKS writes it."""
        identity = ("x-amzn-RequestId", self.request_id)
        self.send(status, "application/json", json.dumps(value), (identity, *headers))

    def send_error_code(self, code, message, status, members=None, headers=()):
        """Sends an error as EKS writes it."""
        self.error_code = code
        kind = ("x-amzn-ErrorType", f"{code}:http://internal.amazon.com/coral/com.amazon.coral.service/")
        self.send_json(status, {**(members or {}), "message": message}, (kind, *headers))

    def read_body(self):
        """The body of the request."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def handle_request(self):
        """Takes one request through the door it is for."""
        self.request_id = str(uuid.uuid4())
        self.answered = self.error_code = None
        body = self.read_body()
        if self.path.startswith(CONTROL):
            self.answer_control(body)
            return
        operation, path_texts = self.server.cloud.service.find(self.command, self.path)
        for_sts = urlsplit(self.path).path == "/"
        name = sts.action(self.path, body) if for_sts else operation.name if operation else "unknown"
        fault = self.server.cloud.faults.for_request(name, self.path)
        started = time.time()
        if fault is None or not self.fail(fault, before=True):
            held = self.wfile
            late = fault is not None and fault.after and fault.kind != "slow"
            if late:
                self.wfile = Discarded()
            if for_sts:
                self.answer_sts(body)
            else:
                self.answer_eks(operation, path_texts, body)
            self.wfile = held
            if late:
                self.fail(fault, before=False)
        self.write_log(name, body, started, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_request

    def write_log(self, name, body, started, fault):
        """Keeps what tests may ask about a request."""
        try:
            shown = json.loads(body) if body else None
        except ValueError:
            shown = body.decode(errors="replace")
        entry = {
            "operation": name,
            "method": self.command,
            "target": self.path,
            "status": self.answered,
            "code": self.error_code,
            "body": shown,
            "time": started,
            "request_id": self.request_id,
            "fault": fault.kind if fault else None,
            "peer": self.client_address[1],
            "headers": {key: self.headers[key] for key in LOGGED_HEADERS if key in self.headers},
        }
        with self.server.cloud.lock:
            self.server.cloud.requests.append(entry)

    def answer_control(self, body):
        """Answers the sandbox's own interface."""
        try:
            given = json.loads(body) if body else {}
            self.send_json(200, self.server.cloud.control(self.command, urlsplit(self.path).path, given))
        except ApiError as error:
            self.send_json(error.status, {"error": error.message})
        except ValueError as error:
            self.send_json(400, {"error": str(error)})

    def verify(self, body, service):
        """The entry of the key that signed the request."""
        cloud = self.server.cloud
        regions = cloud.account.settings["regions"]
        return signatures.verify_request(
            cloud.keyring, self.command, self.path, self.headers.items(), body, service, regions, cloud.now()
        )

    def answer_eks(self, operation, path_texts, body):
        """Answers as EKS."""
        try:
            self.verify(body, "eks")
            if operation is None:
                raise ApiError("UnknownOperationException", f"No operation for {self.command} {self.path}", 404)
            self.send_json(200, self.server.cloud.eks(operation, path_texts, self.path, body))
        except signatures.SignatureRefused as error:
            self.send_error_code(error.code, error.message, FRONT_DOOR_STATUS)
        except ApiError as error:
            self.send_error_code(error.code, error.message, error.status, error.members)
        except Exception:
            traceback.print_exc()
            self.send_error_code("ServerException", "The sandbox failed; its log says why.", 500)

    def sts_entry(self, body, settings):
        """The entry of the key that signed a request to STS, or None where none is needed."""
        cloud = self.server.cloud
        if "X-Amz-Signature" in parse_qs(urlsplit(self.path).query):
            url = f"http://{self.headers['Host']}{self.path}"
            headers = self.headers.items()
            entry = signatures.verify_presigned(cloud.keyring, self.command, url, headers, "sts", settings["regions"])
            sts.check_lifetime(self.path, cloud.now())
            return entry
        if sts.action(self.path, body) == sts.UNSIGNED_ACTION:
            return None
        return self.verify(body, "sts")

    def answer_sts(self, body):
        """Answers as STS."""
        cloud = self.server.cloud
        settings, accept = cloud.account.settings, self.headers.get("Accept", "")
        try:
            entry = self.sts_entry(body, settings)
            status, self.error_code, text = sts.answer(
                self.path, body, entry, accept, self.request_id, cloud.keyring, settings, cloud.now()
            )
        except signatures.SignatureRefused as error:
            self.error_code = sts.error_code(error.code)
            status, text = FRONT_DOOR_STATUS, sts.error(self.error_code, error.message, accept, self.request_id)
        kind = "application/json" if text.startswith("{") else "text/xml"
        self.send(status, kind, text, (("x-amzn-RequestId", self.request_id),))

    def fail(self, fault, before):
        """Plays a fault; says whether that was the whole answer."""
        if fault.kind == "slow":
            time.sleep(fault.given.get("delay_s", 1))
            return False
        if fault.after == before:
            return False
        headers = list(fault.given.get("headers", {}).items())
        if "retry_after_ms" in fault.given:
            headers.append((RETRY_AFTER, str(fault.given["retry_after_ms"])))
        status = fault.given.get("status", 500)
        if fault.kind == "status":
            code = fault.given.get("code", "ServerException")
            self.send_error_code(
                code, fault.given.get("message", "A fault that a test asked for."), status, headers=headers
            )
        elif fault.kind == "reset":
            self.close_connection = True
            self.answered = 0
            faults.reset(self.connection)
        elif fault.kind == "truncate":
            self.close_connection = True
            self.answered = 200
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "4096")
            self.end_headers()
            self.wfile.write(b'{"nodegroup": {"nodegroupName": "')
        elif fault.kind == "garbage":
            self.send(fault.given.get("status", 200), "application/json", os.urandom(256), headers)
        else:
            page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
            self.send(fault.given.get("status", 502), "text/html", page, headers)
        return True


class Discarded:
    """Where an answer goes that the client is not to see."""

    def write(self, data):
        """Takes data and forgets it."""
        return len(data)

    def flush(self):
        """Has nothing to send."""


class Server(ThreadingHTTPServer):
    """The server with the cloud that its connections share."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, cloud):
        self.cloud = cloud
        super().__init__(address, Handler)

    def handle_error(self, request, client_address):
        """Is silent about clients that go away."""
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--credentials", required=True)
    parser.add_argument("--cluster-endpoint", required=True)
    parser.add_argument("--certificate-authority", required=True)
    options = parser.parse_args()
    authority = Path(options.certificate_authority).read_bytes()
    cloud = Cloud(options.cluster_endpoint, authority, signatures.Keyring(options.credentials))
    Server(("127.0.0.1", options.port), cloud).serve_forever()


if __name__ == "__main__":
    main()
