"""What a Prometheus would see: the metrics of a running server, over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def exchanged(address: str, request: bytes) -> tuple[str, bytes]:
    """The first line and the body of an answer to these bytes; both empty where there is none."""
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        await writer.drain()
        answer = await reader.read()
    except ConnectionError:
        answer = b""
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0].decode(), body


async def scraped(address: str) -> Samples:
    """Every sample by its name and labels."""
    line, body = await exchanged(address, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")
    assert line == "HTTP/1.1 200 OK"
    families = text_string_to_metric_families(body.decode())
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


async def until(address: str, condition: Callable[[Samples], bool]) -> Samples:
    """The metrics as soon as a condition over them holds."""
    async with asyncio.timeout(20):
        while not condition(samples := await scraped(address)):
            await asyncio.sleep(0.05)
        return samples


def ports_told(log: Path) -> list[str]:
    """Where a process (or its workers) serve their metrics, as its log says."""
    return re.findall(r'"address": ?"([^"]+)", "event": ?"metrics served"', log.read_text())
