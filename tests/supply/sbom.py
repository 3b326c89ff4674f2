"""`make sbom`: what an installation consists of, as CycloneDX 1.6 in JSON.

Read from the runtime's lock and from the metadata of what is installed here, so it says what runs
on this Python and platform. The same installation gives the same text.
"""

import json
import uuid
from importlib.metadata import Distribution, distribution
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from engine import __version__
from tests.supply import locks, needs
from tests.supply.locks import Locked

ROOT_REF = "treadle"


def text() -> str:
    """The bill of materials. Raises PackageNotFoundError for a locked package that is missing."""
    return json.dumps(bill(), indent=2, sort_keys=True) + "\n"


def bill() -> dict[str, Any]:
    lock = locks.read(locks.lock("requirements").read_text(encoding="utf-8"))
    here = {each.name: each for each in lock if not each.marker or Marker(each.marker).evaluate()}
    components = [_component(each) for each in sorted(here.values(), key=lambda each: each.name)]
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ROOT_REF,
                "name": "treadle",
                "version": __version__,
            }
        },
        "components": components,
        "dependencies": _dependencies(here),
    }
    # A name for this very content, so that two equal installations have one bill.
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(body, sort_keys=True))
    return {**body, "serialNumber": serial.urn}


def _component(locked: Locked) -> dict[str, Any]:
    installed = distribution(locked.name)
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _ref(locked),
        "name": locked.name,
        "version": installed.version,
        "purl": _ref(locked),
        "properties": [
            {"name": "treadle:locked-sha256", "value": sha256} for sha256 in locked.hashes
        ],
    }
    licence = _licence(installed)
    return {**component, "licenses": [licence]} if licence else component


def _ref(locked: Locked) -> str:
    return f"pkg:pypi/{locked.name}@{locked.version}"


def _licence(installed: Distribution) -> dict[str, Any] | None:
    """An SPDX expression where the package writes one, else its own short words."""
    about = installed.metadata
    expression = about.get("License-Expression")
    if expression:
        return {"expression": expression}
    classified = [
        line.rsplit(" :: ", 1)[-1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ") and " :: " in line
    ]
    named = classified[0] if classified else (about.get("License") or "").strip()
    return {"license": {"name": named}} if 0 < len(named) <= 100 else None


def _dependencies(here: dict[str, Locked]) -> list[dict[str, Any]]:
    wanted = needs.written(locks.source("requirements"))
    edges, _missing = needs.closure(wanted, {})
    roots = {canonicalize_name(each.name) for each in wanted}
    listed = [
        {"ref": ROOT_REF, "dependsOn": sorted(_ref(here[name]) for name in roots & set(here))}
    ]
    for name, locked in sorted(here.items()):
        below = sorted(_ref(here[other]) for other in edges.get(name, set()) & set(here))
        listed.append({"ref": _ref(locked), "dependsOn": below})
    return listed
