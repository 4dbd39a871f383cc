"""Writes what a server is made of, as CycloneDX: every distribution of the lock, its licence and what it needs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, distribution, version
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from license_expression import ExpressionError, Licensing, get_spdx_licensing
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "runtime.txt"
SERVER = "returns-server"
VERSION = SchemaVersion.V1_6
# What older distributions say in their own words.
_IN_OTHER_WORDS = {"3-Clause BSD License": "BSD-3-Clause", "MIT License": "MIT"}


@dataclass
class Part:
    """A distribution that is installed: its version, licence (SPDX) and the names of what it needs."""

    name: str
    version: str
    licence: str
    needs: set[str] = field(default_factory=set)


def locked() -> dict[str, str]:
    """Names and versions in the lock that concern this platform."""
    lines = re.findall(r"^[a-z][^\\\n]+", LOCK.read_text(), re.MULTILINE)
    found = [Requirement(line.strip()) for line in lines]
    here = [one for one in found if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): next(iter(one.specifier)).version for one in here}


def parts(root: str = SERVER) -> dict[str, Part]:
    """All that is installed for this distribution, itself too, by name: what metadata asks for, extras too."""
    found: dict[str, Part] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(root, "")]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        known = distribution(name)
        part = found.setdefault(name, Part(name, known.version, licence_of(known)))
        for need in _needs(known, extra):
            needed = canonicalize_name(need.name)
            part.needs.add(needed)
            waiting += [(needed, ""), *((needed, one) for one in sorted(need.extras))]
    return found


def licence_of(known: Distribution) -> str:
    """Its licence as an SPDX expression; empty where its metadata says nothing of that kind."""
    for name in ("License-Expression", "License", "Classifier"):
        for line in known.metadata.get_all(name) or ():
            word = str(line).rpartition(" :: ")[2]
            expression = _IN_OTHER_WORDS.get(word, word)
            with suppress(ExpressionError):
                if expression and spdx().parse(expression, validate=True) is not None:
                    return expression
    return ""


@cache
def spdx() -> Licensing:
    """What knows the licences; made once, since that takes a while."""
    return get_spdx_licensing()


def sbom(found: Mapping[str, Part]) -> str:
    """The bill of materials of these parts, as JSON."""
    components = {name: _component(part) for name, part in found.items()}
    bom = Bom(components=[component for name, component in components.items() if name != SERVER])
    bom.metadata.component = components[SERVER]
    for name, part in found.items():
        bom.register_dependency(components[name], [components[need] for need in sorted(part.needs)])
    return make_outputter(bom, OutputFormat.JSON, VERSION).output_as_string(indent=2)


def bill_file() -> Path:
    """Where it is written to."""
    return ROOT / "build" / f"{SERVER}-{version(SERVER)}.cdx.json"


def _component(part: Part) -> Component:
    ours = part.name in {SERVER, "returns-client"}
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.APPLICATION if part.name == SERVER else ComponentType.LIBRARY,
        bom_ref=f"{part.name}=={part.version}",
        # Ours come from no registry: nobody's advisory about a namesake is about them.
        purl=None if ours else PackageURL("pypi", None, part.name, part.version),
        licenses=[LicenseFactory().make_from_string(part.licence)] if part.licence else [],
    )


def _needs(known: Distribution, extra: str) -> Iterator[Requirement]:
    """What it needs on this platform, for itself ("") or for one of its extras."""
    for line in known.requires or ():
        need = Requirement(line)
        alone = need.marker is None or need.marker.evaluate({"extra": ""})
        if alone if not extra else (need.marker is not None and need.marker.evaluate({"extra": extra}) and not alone):
            yield need


def main() -> int:
    """Write it, unless what is installed is not what is locked."""
    found = parts()
    if wrong := [name for name, version in locked().items() if name not in found or found[name].version != version]:
        print(f"not as locked: {', '.join(sorted(wrong))}; run `make setup`", file=sys.stderr)
        return 1
    path = bill_file()
    path.parent.mkdir(exist_ok=True)
    path.write_text(sbom(found) + "\n")
    print(f"{path.relative_to(ROOT)}: {len(found) - 1} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
