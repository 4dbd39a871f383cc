"""The services and methods as the protobuf descriptors state them: registered, named and checked from one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from commerce.returns.v1 import (
    orders_service_pb2,
    policy_service_pb2,
    privacy_service_pb2,
    returns_service_pb2,
    webhooks_service_pb2,
)

SERVICES: dict[str, ServiceDescriptor] = {
    service.name: service
    for file in (
        returns_service_pb2,
        orders_service_pb2,
        policy_service_pb2,
        webhooks_service_pb2,
        privacy_service_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
}
"""Every service of the package, by its short name."""

PACKAGE = returns_service_pb2.DESCRIPTOR.package
"""The protobuf package of them all."""

_PATH_VARIABLE = re.compile(r"\{([\w.]+)=")


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the contract.

    `name` is that of the table of scopes (`ReturnsService/GetReturn`); `resource` the path of the request field
    that names what the call is about, empty where each message of a stream names its own.
    """

    name: str
    request_type: type[Message]
    response_type: type[Message]
    client_streaming: bool
    server_streaming: bool
    resource: tuple[str, ...]

    @property
    def unary(self) -> bool:
        """Whether one message is asked and one answered."""
        return not self.client_streaming and not self.server_streaming

    @property
    def short_name(self) -> str:
        """The name without the service."""
        return self.name.partition("/")[2]

    @property
    def handler_name(self) -> str:
        """The name of the servicer's function."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.short_name).lower()

    @classmethod
    def of(cls, descriptor: MethodDescriptor) -> Method:
        """The method that a descriptor states."""
        return cls(
            name=f"{descriptor.containing_service.name}/{descriptor.name}",
            request_type=GetMessageClass(descriptor.input_type),
            response_type=GetMessageClass(descriptor.output_type),
            client_streaming=descriptor.client_streaming,
            server_streaming=descriptor.server_streaming,
            resource=_resource(descriptor),
        )


def methods_of(service: ServiceDescriptor) -> Iterator[Method]:
    """The methods of a service."""
    return (Method.of(descriptor) for descriptor in service.methods)


def _resource(descriptor: MethodDescriptor) -> tuple[str, ...]:
    """The field that the method's URL is about: `/v1/{order.name=tenants/*/orders/*}` is about `order.name`."""
    # The stubs know the extension only as a bare descriptor.
    rule: http_pb2.HttpRule = descriptor.GetOptions().Extensions[annotations_pb2.http]  # type: ignore[index]
    pattern = rule.WhichOneof("pattern")
    found = _PATH_VARIABLE.search(getattr(rule, pattern)) if pattern else None
    return tuple(found[1].split(".")) if found else ()
