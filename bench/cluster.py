"""The sandbox's API server as the benchmarks see it: what it counted, what it used, what is left in it."""

import re
import urllib.parse
import urllib.request

from parts import kube, processes
from watch import processor_seconds

NAMESPACE = "default"
LABEL = "benchmark"
KIND = "configmaps"
COUNTED = re.compile(r'^apiserver_request_total\{(?P<labels>[^}]*resource="configmaps"[^}]*)\} (?P<count>\S+)$', re.M)
VERB = re.compile(r'verb="([A-Z]+)"')
# A watch is counted when it ends, and belongs to no object.
IGNORED = {"WATCH"}
PATIENCE = 60


class Cluster:
    """Requests as the administrator, with one TLS context."""

    def __init__(self):
        self.port = kube.addresses()["kube_apiserver"]
        self.pids = [processes.record(name)["pid"] for name in ("kube-apiserver", "etcd")]
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=kube.trusting())
        )

    def ask(self, method, path):
        """One request; returns the body of the answer."""
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", method=method)
        with self.opener.open(request, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def requests(self):
        """How many requests for ConfigMaps the API server has answered, by verb."""
        found = {}
        for match in COUNTED.finditer(self.ask("GET", "/metrics")):
            verb = VERB.search(match["labels"]).group(1)
            if verb not in IGNORED:
                found[verb] = found.get(verb, 0) + int(float(match["count"]))
        return found

    def seconds(self):
        """The processor time of API server and store so far."""
        return sum(processor_seconds(pid) for pid in self.pids)

    def remove(self, run):
        """Removes what a run left behind."""
        chosen = urllib.parse.quote(f"{LABEL}={run}")
        self.ask("DELETE", f"/api/v1/namespaces/{NAMESPACE}/{KIND}?labelSelector={chosen}")
