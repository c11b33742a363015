"""Receive studies by C-STORE."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.atomic_write import atomic_file

from .queue import Queue, study_name

OK, REFUSED, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xC000
"""DICOM status: stored; out of resources (the sender may try again); cannot understand (it should not)."""


def start(
    queue: Queue,
    ae_title: str,
    port: int,
    allowed: Sequence[str] = (),
    address: str = "127.0.0.1",
    largest_mb: float = 512.0,
    tls: ssl.SSLContext | None = None,
    say: Callable[[str], None] = print,
) -> Any:
    """Start to receive, in threads of its own.

    An instance is acknowledged only after it lies on the disk and the queue knows of it.

    Args:
        queue: gets the studies.
        ae_title: of this application.
        port: to listen at.
        allowed: AE titles that may send; any if empty.
        address: to listen at; "0.0.0.0" for all.
        largest_mb: larger instances are refused.
        tls: a server's context, if the connections are encrypted.
        say: gets a line for whatever is refused. It never holds anything of the patient.

    Returns:
        pynetdicom's server; ``shutdown()`` stops it.
    """
    from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, StoragePresentationContexts, evt
    from pynetdicom.sop_class import Verification

    entity = AE(ae_title=ae_title)
    entity.require_called_aet = True
    entity.require_calling_aet = list(allowed)
    entity.add_supported_context(Verification)
    for context in StoragePresentationContexts:
        if context.abstract_syntax:
            entity.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)

    def store(event: Any) -> int:
        try:
            return _store(event, queue, largest_mb * 2**20, say)
        except OSError as error:
            say(f"refused an instance: {error.strerror}")  # the disk is full, say
            return REFUSED

    return entity.start_server((address, port), block=False, evt_handlers=[(evt.EVT_C_STORE, store)], ssl_context=tls)


def _store(event: Any, queue: Queue, largest: float, say: Callable[[str], None]) -> int:
    content = event.encoded_dataset()
    if len(content) > largest:
        say(f"refused an instance of {len(content) / 2**20:.0f} MB, more than {largest / 2**20:.0f}")
        return NOT_UNDERSTOOD
    dataset = event.dataset
    study, instance = (str(dataset.get(name, "")) for name in ("StudyInstanceUID", "SOPInstanceUID"))
    if not study or not instance:
        say("refused an instance without StudyInstanceUID or SOPInstanceUID")
        return NOT_UNDERSTOOD
    keep(queue, study, instance, content)
    return OK


def keep(queue: Queue, study: str, instance: str, content: bytes) -> Path:
    """Write an instance to the disk and tell the queue.

    Args:
        queue: gets the study.
        study: its UID.
        instance: its SOP instance UID. The same one replaces itself.
        content: a DICOM file.
    """
    name = hashlib.sha256(instance.encode()).hexdigest()[:24]
    file = queue.incoming(study_name(study)) / f"{name}.dcm"
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(file) as partial:
        Path(partial).write_bytes(content)
    queue.received(study)
    return file
