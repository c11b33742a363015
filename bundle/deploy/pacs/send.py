"""Send results back: by C-STORE to an archive, or by STOW-RS to a DICOMweb server."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class SendError(RuntimeError):
    """The archive did not take a result; another attempt may help."""


class Archive(NamedTuple):
    """A node that takes results by C-STORE.

    Attributes:
        title: its AE title.
        host: its name or address.
        port: of its DICOM service.
        tls: a client's context, if the connection is encrypted.
    """

    title: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None


def parse(text: str, tls: ssl.SSLContext | None = None) -> Archive | str:
    """Read a destination: ``TITLE@HOST:PORT`` of an archive, or the URL of a DICOMweb server.

    Args:
        text: of the command line.
        tls: see :class:`Archive`.

    Raises:
        ValueError: if it is neither.
    """
    if text.startswith(("http://", "https://")):
        return text.rstrip("/")
    title, _, place = text.partition("@")
    host, _, port = place.rpartition(":")
    if not (title and host and port.isdigit()):
        raise ValueError(f"{text!r}: expected TITLE@HOST:PORT, or the URL of a DICOMweb server.")
    return Archive(title, host, int(port), tls)


def send(files: Sequence[Path], destination: Archive | str, ae_title: str) -> None:
    """Send files, all or none counted: an archive keeps one copy of an object that comes twice.

    Args:
        files: DICOM files.
        destination: see :func:`parse`.
        ae_title: of this application.

    Raises:
        SendError: if one was not taken.
    """
    import pydicom

    datasets = [pydicom.dcmread(file) for file in files]
    if isinstance(destination, str):
        _stow(datasets, destination)
    else:
        _store(datasets, destination, ae_title)


def _store(datasets: Sequence[Any], archive: Archive, ae_title: str) -> None:
    from pynetdicom import AE
    from pynetdicom.status import STATUS_SUCCESS, STATUS_WARNING, code_to_category

    entity = AE(ae_title=ae_title)
    for dataset in datasets:
        entity.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
    tls = (archive.tls, archive.host) if archive.tls else None
    association = entity.associate(archive.host, archive.port, ae_title=archive.title, tls_args=tls)
    if not association.is_established:
        raise SendError(f"{archive.title} at {archive.host}:{archive.port} does not answer, or refuses {ae_title}")
    try:
        for dataset in datasets:
            status = association.send_c_store(dataset)
            # With a warning it is stored, too, with changes to its header.
            if not status or code_to_category(status.Status) not in (STATUS_SUCCESS, STATUS_WARNING):
                code = f"status {status.Status:04X}" if status else "no answer"
                raise SendError(f"{archive.title} did not take a {dataset.Modality} object: {code}")
    finally:
        association.release()


def _stow(datasets: Sequence[Any], url: str) -> None:
    from dicomweb_client import DICOMwebClient

    try:
        answer = DICOMwebClient(url).store_instances(datasets)
    except Exception as error:  # requests and urllib3 raise many kinds of errors
        raise SendError(f"{url}: {type(error).__name__}") from error
    if answer.get("FailedSOPSequence"):
        raise SendError(f"{url} did not take {len(answer.FailedSOPSequence)} of {len(datasets)} objects")
