"""Node groups as EKS keeps them: the rules that a request must obey, defaults, updates and their time."""

import base64
import json
import re
import time
import uuid

ACCOUNT = "123456789012"
NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,62}")
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
ARM_FAMILY = re.compile(r"a1|[a-z]+\d+g[a-z]*(-.*)?|p6e-gb\d+")
LABEL_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
LABEL_PREFIX = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
RESERVED_PREFIXES = ("kubernetes.io", "k8s.io", "eks.amazonaws.com")
MOST_TAINTS = 50
MOST_TAGS = 50
MOST_INSTANCE_TYPES = 20
MOST_UNAVAILABLE = 100
DEFAULT_DISK = 20
DEFAULT_PAGE = 100
UNCHANGED_BY_UPDATE = ("clusterName", "nodegroupName", "clientRequestToken")

VERSIONS = ("1.31", "1.32", "1.33", "1.34", "1.35")
DEFAULT_VERSION = "1.34"
OLDEST_BEHIND = 3

LAUNCH_TEMPLATES = [
    {"id": "lt-0123456789abcdef0", "name": "sandbox", "versions": 3, "default": 1},
    {
        "id": "lt-0123456789abcdef1",
        "name": "sandbox-image",
        "versions": 2,
        "default": 1,
        "image": "ami-0123456789abcdef0",
    },
    {"id": "lt-0123456789abcdef2", "name": "sandbox-type", "versions": 1, "default": 1, "instance_type": "p3.8xlarge"},
]


class ApiError(Exception):
    """An answer that is an error of the service."""

    def __init__(self, code, message, status=400, **members):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def refuse(message):
    """The error for a parameter that breaks a rule."""
    return ApiError("InvalidParameterException", message)


def in_use(message):
    """The error for something that is busy or exists."""
    return ApiError("ResourceInUseException", message, 409)


def not_found(message):
    """The error for something that does not exist."""
    return ApiError("ResourceNotFoundException", message, 404)


def releases(version, ami_type):
    """The AMI releases of a Kubernetes version, oldest first."""
    if ami_type.startswith("BOTTLEROCKET"):
        return ["1.50.0-2f3a1b9c", "1.51.0-7c1d2e3f"]
    return [f"{version}.1-20261001", f"{version}.1-20261101"]


def version_number(version):
    """A version as something to compare."""
    return tuple(int(part) for part in version.split("."))


def check_one_of(given, names, what):
    """Refuses two members of which only one may be given."""
    if sum(name in given for name in names) > 1:
        raise refuse(f"{what}: only one of {' and '.join(names)} can be specified.")


def check_key(key, what):
    """Refuses what Kubernetes would not take as the key of a label or a taint."""
    prefix, slash, name = key.rpartition("/")
    if not LABEL_NAME.fullmatch(name) or (slash and not LABEL_PREFIX.fullmatch(prefix)):
        raise refuse(f"{what} key {key} is not a qualified name.")


def check_labels(labels):
    """Refuses labels that EKS or Kubernetes would not take."""
    for key, value in labels.items():
        check_key(key, "Label")
        prefix = key.rpartition("/")[0]
        if any(prefix == reserved or prefix.endswith("." + reserved) for reserved in RESERVED_PREFIXES):
            raise refuse(f"Label cannot contain reserved prefixes [{'/, '.join(RESERVED_PREFIXES)}/]: {key}")
        if not LABEL_NAME.fullmatch(value):
            raise refuse(f"Label value {value} of {key} is not valid.")


def check_taints(taints):
    """Refuses taints that are too many, double, or not Kubernetes'."""
    if len(taints) > MOST_TAINTS:
        raise refuse(f"A node group can have at most {MOST_TAINTS} taints.")
    seen = set()
    for taint in taints:
        if "key" not in taint or "effect" not in taint:
            raise refuse("A taint needs a key and an effect.")
        check_key(taint["key"], "Taint")
        if taint.get("value") and not LABEL_NAME.fullmatch(taint["value"]):
            raise refuse(f"Taint value {taint['value']} is not valid.")
        identity = (taint["key"], taint["effect"])
        if identity in seen:
            raise refuse(f"Duplicate taint {taint['key']} with effect {taint['effect']}.")
        seen.add(identity)


def check_tags(tags):
    """Refuses tags that are AWS's own or too many."""
    if len(tags) > MOST_TAGS:
        raise refuse(f"Number of tags exceeds {MOST_TAGS}.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise refuse("Tag keys cannot start with aws:.")


def check_scaling(scaling):
    """Refuses sizes that do not fit each other."""
    low, high, wanted = (scaling[name] for name in ("minSize", "maxSize", "desiredSize"))
    if low > high:
        raise refuse(f"Minimum capacity {low} can't be greater than maximum size {high}")
    if low > wanted:
        raise refuse(f"Minimum capacity {low} can't be greater than desired size {wanted}")
    if wanted > high:
        raise refuse(f"Desired capacity {wanted} can't be greater than max size {high}")


def complete_scaling(given):
    """Sizes with EKS's own for those left out."""
    if not given:
        return {"minSize": 1, "maxSize": 2, "desiredSize": 2}
    low = given.get("minSize", min(1, given.get("desiredSize", 1), given.get("maxSize", 1)))
    high = given.get("maxSize", max(2, low, given.get("desiredSize", 0)))
    return {"minSize": low, "maxSize": high, "desiredSize": given.get("desiredSize", max(low, min(2, high)))}


def check_update_config(given):
    """Refuses a roll-out setting that says two things or too much."""
    check_one_of(given, ("maxUnavailable", "maxUnavailablePercentage"), "updateConfig")
    if given.get("maxUnavailable", 1) > MOST_UNAVAILABLE:
        raise refuse(f"maxUnavailable cannot be more than {MOST_UNAVAILABLE}.")


def check_repair(given):
    """Refuses node repair settings that contradict each other or lack members."""
    check_one_of(given, ("maxUnhealthyNodeThresholdCount", "maxUnhealthyNodeThresholdPercentage"), "nodeRepairConfig")
    check_one_of(given, ("maxParallelNodesRepairedCount", "maxParallelNodesRepairedPercentage"), "nodeRepairConfig")
    for override in given.get("nodeRepairConfigOverrides", []):
        if len(override) < 4:
            raise refuse("nodeRepairConfigOverrides: all members must be specified.")


def check_warm_pool(given, group):
    """Refuses a warm pool that the image cannot have."""
    if group["amiType"] == "CUSTOM":
        raise refuse("Warm pools are not supported with a custom AMI.")
    bottlerocket = group["amiType"].startswith("BOTTLEROCKET")
    if bottlerocket and (given.get("poolState") == "HIBERNATED" or given.get("reuseOnScaleIn")):
        raise refuse("Bottlerocket warm pools can neither hibernate nor reuse instances on scale in.")
    most = given.get("maxGroupPreparedCapacity", -1)
    if most < -1:
        raise refuse("maxGroupPreparedCapacity must be -1 or more.")


def complete_warm_pool(given):
    """A warm pool with EKS's own settings for those left out."""
    return {
        "enabled": True,
        "minSize": 0,
        "maxGroupPreparedCapacity": -1,
        "poolState": "STOPPED",
        "reuseOnScaleIn": False,
        **given,
    }


def check_instance_types(types, ami_type):
    """Refuses instance types that cannot exist or cannot run the image."""
    if len(types) > MOST_INSTANCE_TYPES:
        raise refuse(f"At most {MOST_INSTANCE_TYPES} instance types can be specified.")
    wrong = [name for name in types if not INSTANCE_TYPE.fullmatch(name)]
    if wrong:
        raise refuse(f"The following supplied instance types do not exist: [{', '.join(wrong)}]")
    if ami_type == "CUSTOM":
        return
    arm = "ARM_64" in ami_type
    wrong = [name for name in types if bool(ARM_FAMILY.fullmatch(name.split(".")[0])) != arm]
    if wrong:
        raise refuse(f"[{', '.join(wrong)}] is not a valid instance type for requested amiType {ami_type}")


def launch_template(given, templates):
    """The template that a request names, and its version as a number's text."""
    check_one_of(given, ("name", "id"), "launchTemplate")
    for template in templates:
        if (
            given.get("id", template["id"]) == template["id"]
            and given.get("name", template["name"]) == template["name"]
        ):
            break
    else:
        raise ApiError("InvalidRequestException", f"Launch template {given.get('id', given.get('name'))} not found.")
    if "name" not in given and "id" not in given:
        raise refuse("launchTemplate: one of name and id must be specified.")
    wanted = given.get("version", "$Default")
    number = {"$Latest": template["versions"], "$Default": template["default"]}.get(wanted, wanted)
    if not str(number).isdigit() or not 1 <= int(number) <= template["versions"]:
        raise ApiError("InvalidRequestException", f"Launch template version {wanted} of {template['id']} not found.")
    return template, str(number)


def check_version(version, cluster):
    """Refuses a Kubernetes version that nodes of a cluster cannot have."""
    if version not in VERSIONS:
        raise refuse(f"Unsupported Kubernetes version {version}.")
    behind = version_number(cluster["version"])[1] - version_number(version)[1]
    if behind < 0:
        raise refuse(f"Nodegroup Kubernetes version {version} is greater than cluster version {cluster['version']}.")
    if behind > OLDEST_BEHIND:
        raise refuse(f"Nodegroup Kubernetes version {version} is too far behind cluster version {cluster['version']}.")


def chosen_release(wanted, version, ami_type):
    """The AMI release that a request means, the newest when it names none."""
    known = releases(version, ami_type)
    if wanted is None:
        return known[-1]
    if wanted not in known:
        raise refuse(f"Requested release version {wanted} is not valid for kubernetes version {version}.")
    return wanted


def new_group(given, cluster, templates, now):
    """A node group as it stands after a request for it was accepted."""
    name = given["nodegroupName"]
    if not NAME.fullmatch(name):
        raise refuse(
            f"Nodegroup name {name} must begin with a letter or a digit and hold at most 63 letters, digits, - and _."
        )
    if not given["subnets"]:
        raise refuse("Subnets cannot be empty.")
    if not ROLE.fullmatch(given["nodeRole"]):
        raise refuse(
            f"Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole {given['nodeRole']}"
        )
    template, template_version = None, None
    if "launchTemplate" in given:
        template, template_version = launch_template(given["launchTemplate"], templates)
        for member, text in (("diskSize", "Disk size"), ("remoteAccess", "Remote access configuration")):
            if member in given:
                raise refuse(f"{text} must be specified within the launch template.")
    own_image = bool(template and template.get("image"))
    if own_image and (given.get("amiType", "CUSTOM") != "CUSTOM" or "version" in given or "releaseVersion" in given):
        raise refuse(
            "You cannot specify an AMI type, a version or a release version when specifying an image id within the launch template."
        )
    if not own_image and given.get("amiType") == "CUSTOM":
        raise refuse("AMI type CUSTOM needs a launch template with an image id.")
    if template and template.get("instance_type") and "instanceTypes" in given:
        raise refuse("Instance types cannot be specified both in the launch template and in the request.")
    if given.get("capacityType") == "CAPACITY_BLOCK" and template is None:
        raise refuse("Capacity type CAPACITY_BLOCK needs a launch template.")
    ami_type = "CUSTOM" if own_image else given.get("amiType", "AL2023_x86_64_STANDARD")
    types = (
        [template["instance_type"]]
        if template and template.get("instance_type")
        else given.get("instanceTypes", ["t3.medium"])
    )
    check_instance_types(types, ami_type)
    version = given.get("version", cluster["version"])
    check_version(version, cluster)
    scaling = complete_scaling(given.get("scalingConfig"))
    check_scaling(scaling)
    check_labels(given.get("labels", {}))
    check_taints(given.get("taints", []))
    check_tags(given.get("tags", {}))
    check_update_config(given.get("updateConfig", {}))
    check_repair(given.get("nodeRepairConfig", {}))
    unique = str(uuid.uuid4())
    group = {
        "nodegroupName": name,
        "nodegroupArn": f"{cluster['arn'].replace(':cluster/', ':nodegroup/')}/{name}/{unique}",
        "clusterName": cluster["name"],
        "version": version,
        "releaseVersion": template["image"]
        if own_image
        else chosen_release(given.get("releaseVersion"), version, ami_type),
        "createdAt": now,
        "modifiedAt": now,
        "status": "CREATING",
        "capacityType": given.get("capacityType", "ON_DEMAND"),
        "scalingConfig": scaling,
        "subnets": given["subnets"],
        "amiType": ami_type,
        "nodeRole": given["nodeRole"],
        "labels": given.get("labels", {}),
        "taints": given.get("taints", []),
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{unique}"}]},
        "health": {"issues": []},
        "updateConfig": complete_update_config(given.get("updateConfig", {})),
        "tags": given.get("tags", {}),
    }
    if "remoteAccess" in given:
        group["remoteAccess"] = given["remoteAccess"]
        group["resources"]["remoteAccessSecurityGroup"] = "sg-0123456789abcdef0"
    if template is None:
        group["diskSize"] = given.get("diskSize", DEFAULT_DISK)
    else:
        group["launchTemplate"] = {"name": template["name"], "id": template["id"], "version": template_version}
    if not (template and template.get("instance_type")):
        group["instanceTypes"] = types
    if "nodeRepairConfig" in given:
        group["nodeRepairConfig"] = {"enabled": False, **given["nodeRepairConfig"]}
    if "warmPoolConfig" in given:
        check_warm_pool(given["warmPoolConfig"], group)
        group["warmPoolConfig"] = complete_warm_pool(given["warmPoolConfig"])
    return group


def complete_update_config(given):
    """A roll-out setting with EKS's own for what was left out."""
    size = {} if "maxUnavailablePercentage" in given else {"maxUnavailable": 1}
    return {**size, "updateStrategy": "DEFAULT", **given}


def changed_labels(labels, delta):
    """Labels after a delta."""
    check_labels(delta.get("addOrUpdateLabels", {}))
    both = set(delta.get("addOrUpdateLabels", {})) & set(delta.get("removeLabels", []))
    if both:
        raise refuse(f"Labels both added and removed: {', '.join(sorted(both))}")
    kept = {key: value for key, value in labels.items() if key not in delta.get("removeLabels", [])}
    return {**kept, **delta.get("addOrUpdateLabels", {})}


def changed_taints(taints, delta):
    """Taints after a delta; a taint is known by its key and effect."""
    added, removed = delta.get("addOrUpdateTaints", []), delta.get("removeTaints", [])
    check_taints(added)
    identities = {(taint["key"], taint["effect"]) for taint in added}
    gone = {(taint.get("key"), taint.get("effect")) for taint in removed}
    if identities & gone:
        raise refuse("The same taint is both added and removed.")
    after = [taint for taint in taints if (taint["key"], taint["effect"]) not in identities | gone] + added
    check_taints(after)
    return after


def config_change(group, given):
    """The members of a group that an UpdateNodegroupConfig changes, and its parameters as texts."""
    changes, parameters = {}, []
    if not set(given) - set(UNCHANGED_BY_UPDATE):
        raise refuse("No changes needed for the nodegroup: the request names none.")
    if "labels" in given:
        changes["labels"] = changed_labels(group["labels"], given["labels"])
        parameters += [
            ("LabelsToAdd", given["labels"].get("addOrUpdateLabels")),
            ("LabelsToRemove", given["labels"].get("removeLabels")),
        ]
    if "taints" in given:
        changes["taints"] = changed_taints(group["taints"], given["taints"])
        parameters += [
            ("TaintsToAdd", given["taints"].get("addOrUpdateTaints")),
            ("TaintsToRemove", given["taints"].get("removeTaints")),
        ]
    if "scalingConfig" in given:
        changes["scalingConfig"] = {**group["scalingConfig"], **given["scalingConfig"]}
        check_scaling(changes["scalingConfig"])
        names = {"minSize": "MinSize", "maxSize": "MaxSize", "desiredSize": "DesiredSize"}
        parameters += [(names[name], value) for name, value in given["scalingConfig"].items()]
    if "updateConfig" in given:
        check_update_config(given["updateConfig"])
        old = group["updateConfig"]
        sizes = ("maxUnavailable", "maxUnavailablePercentage")
        kept = {
            name: value
            for name, value in old.items()
            if name not in sizes or not set(sizes) & set(given["updateConfig"])
        }
        changes["updateConfig"] = {**kept, **given["updateConfig"]}
        names = {
            "maxUnavailable": "MaxUnavailable",
            "maxUnavailablePercentage": "MaxUnavailablePercentage",
            "updateStrategy": "UpdateStrategy",
        }
        parameters += [(names[name], value) for name, value in given["updateConfig"].items()]
    if "nodeRepairConfig" in given:
        check_repair(given["nodeRepairConfig"])
        changes["nodeRepairConfig"] = {
            "enabled": group.get("nodeRepairConfig", {}).get("enabled", False),
            **given["nodeRepairConfig"],
        }
        parameters.append(("NodeRepairConfig", given["nodeRepairConfig"]))
    if "warmPoolConfig" in given:
        check_warm_pool(given["warmPoolConfig"], group)
        changes["warmPoolConfig"] = {**complete_warm_pool(group.get("warmPoolConfig", {})), **given["warmPoolConfig"]}
        parameters += [("WarmPoolEnabled", changes["warmPoolConfig"]["enabled"])]
    return changes, parameters


def version_change(group, given, cluster, templates):
    """The members of a group that an UpdateNodegroupVersion changes, and its parameters as texts."""
    changes, parameters = {}, []
    own_image = group["amiType"] == "CUSTOM"
    if own_image and ("version" in given or "releaseVersion" in given):
        raise refuse(
            "You cannot specify a version or a release version when specifying an image id within the launch template."
        )
    if "launchTemplate" in given:
        if "launchTemplate" not in group:
            raise ApiError(
                "InvalidRequestException", "Cannot add a launch template to a nodegroup that was created without one."
            )
        template, number = launch_template(given["launchTemplate"], templates)
        if template["id"] != group["launchTemplate"]["id"]:
            raise ApiError(
                "InvalidRequestException", "You cannot change the launch template of a nodegroup, only its version."
            )
        changes["launchTemplate"] = {**group["launchTemplate"], "version": number}
        parameters += [("LaunchTemplateName", template["name"]), ("LaunchTemplateVersion", number)]
    elif own_image:
        raise ApiError(
            "InvalidRequestException", "A nodegroup with a custom AMI is updated by a new launch template version."
        )
    if not own_image and ("version" in given or "releaseVersion" in given or not changes):
        version = given.get("version", group["version"])
        check_version(version, cluster)
        if version_number(version) < version_number(group["version"]):
            raise refuse(f"Requested Nodegroup version {version} is lower than the current version {group['version']}.")
        release = chosen_release(given.get("releaseVersion"), version, group["amiType"])
        changes.update({"version": version, "releaseVersion": release})
        parameters += [("Version", version), ("ReleaseVersion", release)]
    return changes, parameters


def as_text(value):
    """A parameter of an update as EKS shows it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


class Busy:
    """Something under way that ends after some time and some looks at it."""

    def __init__(self, seconds, looks):
        self.ends = time.time() + seconds
        self.looks = looks

    def look(self):
        """Counts a look at it, and says whether it had ended before."""
        ended = self.looks <= 0 and time.time() >= self.ends
        self.looks -= 1
        return ended


def page(items, given):
    """One page of a list of texts and the token of the next."""
    start = 0
    if given.get("nextToken"):
        try:
            start = int(base64.b64decode(given["nextToken"], validate=True))
        except ValueError:
            raise refuse("nextToken is not valid.") from None
    end = start + given.get("maxResults", DEFAULT_PAGE)
    following = {"nextToken": base64.b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return items[start:end], following
