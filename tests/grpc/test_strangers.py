"""What somebody without a token costs: a call that is refused, whatever it carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.protobuf.descriptor import Descriptor

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import feed, order
from tests.support.process import ServerProcess
from tests.support.service import ALL

MIB = 1024 * 1024
CREATE = "/commerce.returns.v1.ReturnsService/CreateReturn"
ROOM = 64
"""MiB: several times what a message of these sizes takes as bytes, and a fraction of what it takes parsed."""


def _peak(server: ServerProcess) -> int:
    """The most memory that a server ever had, in MiB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


def _of_nothing(count: int) -> bytes:
    """A request to create a return with so many empty orders, two bytes each: parsed, they take a hundred each."""
    draft = b"\x0a\x00" * count
    return _field(pb.CreateReturnRequest.DESCRIPTOR, "draft") + _varint(len(draft)) + draft


def _field(descriptor: Descriptor, name: str) -> bytes:
    return bytes([descriptor.fields_by_name[name].number << 3 | 2])


def _varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


async def test_what_a_stranger_sends_is_not_parsed(tmp_path: Path) -> None:
    request = _of_nothing(7 * MIB)
    with ServerProcess(tmp_path / "data") as server:
        before = _peak(server)
        async with _channel(server) as channel:
            code = await _answered(channel, request)
            stranger = _peak(server) - before
            known = await _answered(channel, request, server.service().token(*ALL))
            parsed = _peak(server) - before

    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert stranger < ROOM
    # The control: who is known is told what is wrong, and that takes the memory.
    assert known is grpc.StatusCode.INVALID_ARGUMENT
    assert parsed > 2 * ROOM


async def test_a_few_bytes_do_not_become_many(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        service = server.service()
        before, used = _peak(server), psutil.Process(server.pid).cpu_times().user
        async with _channel(server) as channel:
            for algorithm in (grpc.Compression.Gzip, grpc.Compression.Deflate):
                for size in (1, 15 * MIB, 128 * MIB):
                    code = await _answered(channel, bytes(size), service.token(*ALL), algorithm)
                    assert code is grpc.StatusCode.UNIMPLEMENTED
            # Nor is more taken than may be, as it is: of a message, and of what goes before it.
            assert await _answered(channel, bytes(17 * MIB), service.token(*ALL)) is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert await _answered(channel, b"", "x" * 40 * 1024) is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert _peak(server) - before < ROOM
        assert psutil.Process(server.pid).cpu_times().user - used < 5
        await feed(service.client(*ALL), order("o1"))  # and goes on as before
        await service.close()


def _channel(server: ServerProcess) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(server.address, options=[("grpc.max_send_message_length", -1)])


async def _answered(
    channel: grpc.aio.Channel, data: bytes, token: str = "", algorithm: grpc.Compression | None = None
) -> grpc.StatusCode:
    call: Any = channel.unary_unary(CREATE)
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call(data, metadata=metadata, compression=algorithm, timeout=60)
    code: grpc.StatusCode = raised.value.code()
    return code
