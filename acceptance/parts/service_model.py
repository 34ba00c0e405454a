"""What botocore's service model says of EKS: routes, and what a request or an answer may hold."""

import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator


class UnreadableRequest(Exception):
    """A request whose text cannot be read as the operation's input."""


def beyond_limits(value, shape, where):
    """Yields what botocore's validator leaves unchecked: upper limits, enumerations, patterns, lengths."""
    limits = shape.metadata
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from beyond_limits(member, shape.members[name], f"{where}.{name}")
        return
    size = (
        value
        if shape.type_name in ("integer", "long", "float", "double")
        else len(value)
        if hasattr(value, "__len__")
        else None
    )
    if size is not None and "max" in limits and size > limits["max"]:
        yield f"{where}: {size} is over {limits['max']}"
    if size is not None and "min" in limits and size < limits["min"]:
        yield f"{where}: {size} is under {limits['min']}"
    if shape.type_name == "list":
        for index, member in enumerate(value):
            yield from beyond_limits(member, shape.member, f"{where}[{index}]")
    elif shape.type_name == "map":
        for key, member in value.items():
            yield from beyond_limits(key, shape.key, f"{where} key {key!r}")
            yield from beyond_limits(member, shape.value, f"{where}[{key!r}]")
    elif shape.type_name == "string":
        allowed = getattr(shape, "enum", None)
        if allowed and value not in allowed:
            yield f"{where}: {value!r} is none of {', '.join(allowed)}"
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            yield f"{where}: {value!r} does not match {limits['pattern']}"


def problems(value, shape, where):
    """All that is wrong with a value, as texts."""
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        return [f"{where}: {report.generate_report()}"]
    return list(beyond_limits(value, shape, where))


class Service:
    """A service's operations, found by method and path."""

    def __init__(self, name):
        self.model = ServiceModel(Loader().load_service_model(name, "service-2"), name)
        self.routes = []
        for operation_name in self.model.operation_names:
            operation = self.model.operation_model(operation_name)
            path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.http["requestUri"])
            self.routes.append((operation.http["method"], re.compile(path), operation))

    def find(self, method, target):
        """The operation of a request and the texts in its path, or (None, None)."""
        path = urlsplit(target).path
        for route_method, pattern, operation in self.routes:
            matched = pattern.fullmatch(path)
            if matched and route_method == method:
                return operation, {name: unquote(text) for name, text in matched.groupdict().items()}
        return None, None

    @staticmethod
    def read(operation, path_texts, target, body):
        """The operation's input from path, query and body."""
        members = operation.input_shape.members
        located = {name: shape.serialization.get("location") for name, shape in members.items()}
        parameters = {}
        if body:
            try:
                parameters = json.loads(body)
            except ValueError as error:
                raise UnreadableRequest(f"The body is not JSON: {error}") from None
            if not isinstance(parameters, dict):
                raise UnreadableRequest("The body is not a JSON object.")
        outside = [name for name in parameters if located.get(name)]
        if outside:
            raise UnreadableRequest(f"Not a member of the body: {', '.join(outside)}")
        query = parse_qsl(urlsplit(target).query, keep_blank_values=True)
        understood = set()
        for name, shape in members.items():
            wire_name = shape.serialization.get("name", name)
            if located[name] == "uri":
                parameters[name] = path_texts[wire_name]
            elif located[name] == "querystring":
                understood.add(wire_name)
                values = [read_scalar(shape, value) for key, value in query if key == wire_name]
                if values:
                    parameters[name] = values if shape.type_name == "list" else values[-1]
        foreign = sorted({key for key, _ in query} - understood)
        if foreign:
            raise UnreadableRequest(f"Unknown in the query: {', '.join(foreign)}")
        return parameters


def read_scalar(shape, text):
    """A query value as its shape's type."""
    if shape.type_name == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise UnreadableRequest(f"{text!r} is not a number.")
        return int(text)
    if shape.type_name == "boolean":
        if text not in ("true", "false"):
            raise UnreadableRequest(f"{text!r} is neither true nor false.")
        return text == "true"
    return text


def with_nulls(value, shape):
    """An answer as the service writes it: absent members of the named shape are null."""
    return {name: value.get(name) for name in shape.members}
