"""Fetch studies that are not in the queue yet from a DICOMweb server."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from .listen import keep
from .queue import Queue

STUDY, MODALITY = "0020000D", "00080060"
"""Tags of a study's UID, and of a modality, as QIDO-RS writes them."""


def pull(queue: Queue, url: str, filters: Mapping[str, str] | None = None, say: Callable[[str], None] = print) -> int:
    """Fetch the MR series of new studies.

    Args:
        queue: gets the studies; those that it knows are not fetched again.
        url: of the server.
        filters: of the search for studies, keywords of DICOM such as ``StudyDate`` with a range.
        say: gets a line for each study that could not be fetched, and if the server does not answer.

    Returns:
        The number of studies that were fetched.
    """
    import pydicom
    from dicomweb_client import DICOMwebClient

    client, fetched = DICOMwebClient(url), 0
    try:
        found = client.search_for_studies(search_filters={"ModalitiesInStudy": "MR", **(filters or {})})
    except Exception as error:  # requests and urllib3 raise many kinds of errors
        say(f"{url} can't be searched, and is asked again later: {type(error).__name__}")
        return 0
    for study in (str(row[STUDY]["Value"][0]) for row in found):
        if queue.knows(study):
            continue
        try:
            instances = [
                instance
                for series in client.search_for_series(study, search_filters={"Modality": "MR"})
                for instance in client.retrieve_series(study, str(series["0020000E"]["Value"][0]))
            ]
        except Exception as error:  # requests and urllib3 raise many kinds of errors
            say(f"a study could not be fetched from {url}: {type(error).__name__}")
            continue
        for instance in instances:
            content = io.BytesIO()
            pydicom.dcmwrite(content, instance, enforce_file_format=True)
            keep(queue, study, _uid(instance), content.getvalue())
        fetched += bool(instances)
    return fetched


def _uid(instance: Any) -> str:
    return str(instance.SOPInstanceUID)
