"""The scans and the sessions of a data set of newborns, each with its networks: what the parts measure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict

from .networks import Network, networks_of


class Case(TypedDict):
    """A scan to be measured.

    Attributes:
        case: name of the scan.
        subject: who was scanned.
        session: ``subject_ses-…``, or the subject alone.
        contrast: BIDS suffix of the scan.
        image: path of its file.
        brain_mask: path of a tight reference of the brain; None without one.
        networks: that have not seen the subject, one for each run.
    """

    case: str
    subject: str
    session: str
    contrast: str
    image: str
    brain_mask: str | None
    networks: list[Network]


class Session(TypedDict):
    """A T1- and a T2-weighted scan of one session.

    Attributes:
        case: name of the session.
        subject: who was scanned.
        scans: the T1- and the T2-weighted scan, in this order.
        networks: as of each scan.
    """

    case: str
    subject: str
    scans: list[Case]
    networks: list[Network]


CONTRASTS = ("T1w", "T2w")
"""BIDS suffixes of the scans that are compared with each other."""


def read_cases(dataset_dir: str, networks: str | None = None) -> list[Case]:
    """List the scans of a data set.

    Args:
        dataset_dir: a folder (BIDS or not) or a datalist JSON.
        networks: see :func:`networks_of`; None: the shipped weights.

    Raises:
        FileNotFoundError: if there is no scan.
        ValueError: if the networks do not fit the subjects.
    """
    from scripts.data.datalist import scans
    from scripts.evaluation.subgroups import sequence
    from scripts.skull_strip.given_mask import masks_beside

    items = scans(dataset_dir)
    of_subject = networks_of(networks, sorted({item["subject"] for item in items}))
    cases: list[Case] = []
    for item in items:
        image = Path(item["image"]).absolute()
        beside = next((str(file) for file in masks_beside(image) if file.exists()), None)
        session = re.search(r"(?:^|_)(ses-[A-Za-z0-9]+)", image.name)
        cases.append(
            {
                "case": item["case"],
                "subject": item["subject"],
                "session": f"{item['subject']}_{session[1]}" if session else item["subject"],
                "contrast": sequence(item["case"]),
                "image": str(image),
                "brain_mask": item.get("brain_mask") or beside,
                "networks": of_subject[item["subject"]],
            }
        )
    return cases


def read_sessions(cases: list[Case]) -> list[Session]:
    """List the sessions with both contrasts; of several scans of a contrast the first by name counts."""
    by_session: dict[str, dict[str, Case]] = {}
    for case in sorted(cases, key=lambda case: case["case"]):
        by_session.setdefault(case["session"], {}).setdefault(case["contrast"], case)
    return [
        {
            "case": name,
            "subject": scans[CONTRASTS[0]]["subject"],
            "scans": [scans[contrast] for contrast in CONTRASTS],
            "networks": scans[CONTRASTS[0]]["networks"],
        }
        for name, scans in by_session.items()
        if set(CONTRASTS) <= set(scans)
    ]
