"""Names and codes that the DICOM objects share. Concepts without a public code have one of the scheme ``99NBS``."""

from __future__ import annotations

from typing import Any

SCHEME = "99NBS"
MAKER = "neonatal_brain_symmetry"
DESCRIPTION = "Brain asymmetry. Research only, not for clinical use"
"""Series description of all objects; 64 characters at most."""


def private(value: str, meaning: str) -> Any:
    """Return a code of the private scheme."""
    from highdicom.sr.coding import CodedConcept

    return CodedConcept(value=value, scheme_designator=SCHEME, meaning=meaning)


def algorithm(result: dict[str, Any], parameters: bool = True) -> dict[str, Any]:
    """Return name and version of the software that made a result and, as parameters, the hashes of its weights."""
    provenance: dict[str, Any] = {"name": MAKER, "version": result["versions"][MAKER]}
    if parameters:
        provenance["parameters"] = [f"{name} sha256 {digest}" for name, digest in result["sha256"].items()]
    return provenance
