"""The API reference: every service, message and enum of the contract with its comments, as one page of Markdown."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from buf.validate import validate_pb2
from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)
from google.protobuf.message import Message

from returns_server.application.authorisation import METHODS

PACKAGE = ".commerce.returns.v1."
# Numbers of fields in descriptor.proto, of which the paths of source locations are made.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _NESTED, _NESTED_ENUMS = 2, 3, 4
_VALUES, _METHODS = 2, 2
_SAID_ELSEWHERE = frozenset({"required", "ignore"})

Path_ = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the contract, and its comments by the path of what they stand above."""

    proto: FileDescriptorProto
    comments: Mapping[Path_, str]


def api_markdown(root: Path, bin_folder: Path) -> str:
    """The page. `root` has the protos, `bin_folder` the buf that compiles them; needs no network."""
    files = _compiled(root / "protos", bin_folder / "buf")
    lines = [
        "# API reference",
        "",
        "<!-- made by tools/docs.py from protos/commerce/returns/v1 -->",
        "",
        "Package `commerce.returns.v1`. Every call but health and reflection carries a bearer token; errors carry an",
        "[ErrorReason](#errorreason). `ours` is what the service alone sets. Numbers in `rule` are what the server enforces;",
        "[limits](limits.md) has the others, [scopes](scopes.md) who may call what.",
        "",
    ]
    services = [(file, at, service) for file in files for at, service in enumerate(file.proto.service)]
    lines += [f"- [{service.name}](#{service.name.lower()})" for _, _, service in services]
    for file, at, service in services:
        lines += _service(file, (_SERVICES, at), service)
    lines += ["", "## Messages"]
    for file in files:
        for at, message in enumerate(file.proto.message_type):
            lines += _message(file, (_MESSAGES, at), message, "")
    lines += ["", "## Enums"]
    for file in files:
        for at, enum in enumerate(file.proto.enum_type):
            lines += _enum(file, (_ENUMS, at), enum, "")
    return "\n".join([*lines, ""])


def _compiled(protos: Path, buf: Path) -> list[_File]:
    done = subprocess.run(  # noqa: S603  (our own program, no shell)
        [buf, "build", protos, "--path", protos / "commerce", "--output", "-#format=binpb"],
        capture_output=True,
        check=True,
    )
    found = FileDescriptorSet.FromString(done.stdout)
    ours = sorted((file for file in found.file if file.package == PACKAGE.strip(".")), key=lambda file: file.name)
    return [_File(file, _comments(file)) for file in ours]


def _comments(file: FileDescriptorProto) -> dict[Path_, str]:
    located = file.source_code_info.location
    return {tuple(one.path): one.leading_comments for one in located if one.leading_comments}


def _service(file: _File, path: Path_, service: ServiceDescriptorProto) -> Iterator[str]:
    yield from ("", f"## {service.name}", *_paragraphs(file.comments.get(path, "")))
    for at, method in enumerate(service.method):
        yield from ("", f"### {service.name}.{method.name}")
        yield from _paragraphs(file.comments.get((*path, _METHODS, at), ""))
        asks, answers = (_linked(name) for name in (method.input_type, method.output_type))
        asked = f"a stream of {asks}" if method.client_streaming else asks
        answered = f"a stream of {answers}" if method.server_streaming else answers
        access = METHODS[f"{service.name}/{method.name}"]
        scopes = ", ".join(f"`{scope}`" for scope in sorted(access.wide | access.own))
        yield from ("", f"Asks {asked}, answers {answered}. Scopes, any of: {scopes}. {_http(method)}".rstrip())


def _http(method: MethodDescriptorProto) -> str:
    rule = method.options.Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    return f"For a JSON gateway: `{verb.upper()} {getattr(rule, verb)}`." if verb else ""


def _message(file: _File, path: Path_, message: DescriptorProto, above: str) -> Iterator[str]:
    if message.options.map_entry:
        return
    name = above + message.name
    yield from ("", f"### {name}", *_paragraphs(file.comments.get(path, "")))
    entries = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    if message.field:
        yield from ("", "| field | type | | meaning | rule |", "| --- | --- | --- | --- | --- |")
    for at, field in enumerate(message.field):
        meaning = _cell(file.comments.get((*path, _FIELDS, at), ""))
        one_of = _one_of(message, field)
        kind = _type(field, entries)
        yield f"| `{field.name}` | {kind} | {_behaviour(field)} | {meaning}{one_of} | {_rules(field)} |"
    for at, enum in enumerate(message.enum_type):
        yield from _enum(file, (*path, _NESTED_ENUMS, at), enum, f"{name}.")
    for at, nested in enumerate(message.nested_type):
        yield from _message(file, (*path, _NESTED, at), nested, f"{name}.")


def _enum(file: _File, path: Path_, enum: EnumDescriptorProto, above: str) -> Iterator[str]:
    yield from ("", f"### {above}{enum.name}", *_paragraphs(file.comments.get(path, "")))
    yield from ("", "| value | number | meaning |", "| --- | --- | --- |")
    for at, value in enumerate(enum.value):
        yield f"| `{value.name}` | {value.number} | {_cell(file.comments.get((*path, _VALUES, at), ''))} |"


def _one_of(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    if not field.HasField("oneof_index") or field.proto3_optional:
        return ""
    return f" One of `{message.oneof_decl[field.oneof_index].name}`."


def _type(field: FieldDescriptorProto, entries: Mapping[str, DescriptorProto]) -> str:
    entry = entries.get(field.type_name.rpartition(".")[2])
    if entry is not None:
        key, value = (_type(one, {}) for one in entry.field)
        return f"map of {key} to {value}"
    named = field.type in {FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_ENUM}
    kind = (
        _linked(field.type_name) if named else FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    )
    return f"list of {kind}" if field.label == FieldDescriptorProto.LABEL_REPEATED else kind


def _behaviour(field: FieldDescriptorProto) -> str:
    said = {
        field_behavior_pb2.REQUIRED: "required",
        field_behavior_pb2.OUTPUT_ONLY: "ours",
        field_behavior_pb2.IDENTIFIER: "identifier",
        field_behavior_pb2.IMMUTABLE: "immutable",
    }
    behaviours = field.options.Extensions[field_behavior_pb2.field_behavior]
    return ", ".join(said[one] for one in behaviours if one in said)


def _rules(field: FieldDescriptorProto) -> str:
    return "; ".join(_ruled(field.options.Extensions[validate_pb2.field], ())).replace("|", "\\|")


def _ruled(rules: Message, above: Sequence[str]) -> Iterator[str]:
    for descriptor, value in rules.ListFields():
        if descriptor.name in _SAID_ELSEWHERE:
            continue
        if isinstance(value, Message):
            # `string.max_len` is said as `max_len`: the type stands beside it.
            yield from _ruled(
                value, (*above, descriptor.name) if descriptor.name in {"items", "keys", "values"} else above
            )
        else:
            said = str(value).lower() if isinstance(value, bool) else str(value)
            yield f"{' '.join((*above, descriptor.name))} `{said}`"


def _linked(type_name: str) -> str:
    if not type_name.startswith(PACKAGE):
        return f"`{type_name.strip('.')}`"
    name = type_name.removeprefix(PACKAGE)
    return f"[{name}](#{name.lower().replace('.', '')})"


def _paragraphs(comment: str) -> Iterator[str]:
    for paragraph in comment.strip().split("\n\n"):
        yield from ("", *(line.strip() for line in paragraph.splitlines()))


def _cell(comment: str) -> str:
    return " ".join(comment.split()).replace("|", "\\|")
