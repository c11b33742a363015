"""The verbs ``listen``, ``pull``, ``status`` and ``retry`` of ``python -m bundle.deploy``."""

from __future__ import annotations

import argparse
import signal
import ssl
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY

from ..settings import SETTINGS
from .queue import DEAD, Queue

VERBS = ("listen", "pull", "status", "retry")


def run(words: Sequence[str]) -> int:
    """Do what the words of the command line say; return the exit code: 1 if a study was given up."""
    options = _parser().parse_args(words)
    queue = Queue(options.home, getattr(options, "quiet", 60.0))
    if options.verb == "status":
        print(status(queue))
    elif options.verb == "retry":
        queue.trigger(options.study)
    else:
        _serve(queue, options)
    return int(any(study.state == DEAD for study in queue.studies()))


def status(queue: Queue) -> str:
    """Say how many studies are in which state, and why some were given up."""
    studies = queue.studies()
    states = [study.state for study in studies]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)) or "no studies"
    lines = [
        f"{study.name}  {study.state:8} {study.instances:5} instances  "
        f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(study.changed))}  {study.reason}".rstrip()
        for study in studies
    ]
    return "\n".join([counts, *lines])


def _serve(queue: Queue, options: argparse.Namespace) -> None:
    """Receive or fetch, and score, until a signal comes."""
    from .send import parse
    from .work import work

    destination = parse(options.send, encrypted(options, ssl.Purpose.SERVER_AUTH)) if options.send else None
    settings = {name: getattr(options, name) for name in SETTINGS if getattr(options, name) is not None}
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    if again := queue.recover():
        print(f"{again} studies were interrupted and are scored again")
    server = _listen(queue, options) if options.verb == "listen" else None
    workers = [
        threading.Thread(target=work, args=(queue, destination, options.ae_title, settings, stop))
        for _ in range(options.workers)
    ]
    for worker in workers:
        worker.start()
    print(f"{options.verb}: ready. {RESEARCH_ONLY}", flush=True)
    while not stop.wait(options.every if options.verb == "pull" else 1.0):
        if options.verb == "pull":
            _pull(queue, options)
    for worker in workers:
        worker.join()
    if server:
        server.shutdown()


def _listen(queue: Queue, options: argparse.Namespace) -> Any:
    from .listen import start

    tls = encrypted(options, ssl.Purpose.CLIENT_AUTH) if options.tls_certificate else None
    allowed = [title for title in options.allow.split(",") if title]
    return start(queue, options.ae_title, options.port, allowed, options.address, options.largest_mb, tls)


def encrypted(options: argparse.Namespace, purpose: ssl.Purpose) -> ssl.SSLContext | None:
    """Return the context of encrypted connections; None if none is asked for.

    Args:
        options: with ``tls_certificate``, ``tls_key`` and ``tls_authority``.
        purpose: to whom the other side shows its certificate: it is checked against the authority, if that is given.
    """
    if not (options.tls_certificate or options.tls_authority):
        return None
    context = ssl.create_default_context(purpose, cafile=options.tls_authority)
    if options.tls_certificate:
        context.load_cert_chain(options.tls_certificate, options.tls_key)
    if options.tls_authority:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _pull(queue: Queue, options: argparse.Namespace) -> None:
    from .pull import pull

    filters = dict(pair.split("=", 1) for pair in options.filter)
    if fetched := pull(queue, options.url, filters):
        print(f"{fetched} studies fetched", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bundle.deploy", epilog=RESEARCH_ONLY)
    verbs = parser.add_subparsers(dest="verb", required=True)
    parsers = {
        "listen": verbs.add_parser("listen", help="receive studies by C-STORE, score them, and send the results"),
        "pull": verbs.add_parser("pull", help="fetch new studies from a DICOMweb server, score them, send the results"),
        "status": verbs.add_parser("status", help="list the studies of the queue, and why some were given up"),
        "retry": verbs.add_parser("retry", help="take studies now, also one that was given up"),
    }
    for verb in parsers.values():
        verb.add_argument("--home", type=Path, required=True, help="folder of the queue, the instances and the results")
    parsers["retry"].add_argument("study", nargs="?", help="its name in the list; by default all that wait")
    for name in ("listen", "pull"):
        verb = parsers[name]
        verb.add_argument("--send", help="where the results go: TITLE@HOST:PORT, or the URL of a DICOMweb server")
        verb.add_argument("--ae_title", default="NEONATALSYM", help="of this application (%(default)s)")
        verb.add_argument("--workers", type=int, default=1, help="studies at a time (%(default)s)")
        verb.add_argument(
            "--quiet",
            type=float,
            default=60.0,
            help="a study ends so many seconds after its last instance (%(default)s)",
        )
        verb.add_argument("--tls_certificate", help="of this application (PEM): C-STORE is then encrypted")
        verb.add_argument("--tls_key", help="its private key (PEM)")
        verb.add_argument("--tls_authority", help="certificates (PEM) by which those of the other side are checked")
        for key, meaning in SETTINGS.items():
            verb.add_argument(f"--{key}", help=meaning)
    listen, pull = parsers["listen"], parsers["pull"]
    listen.add_argument("--port", type=int, default=11112, help="(%(default)s)")
    listen.add_argument("--address", default="127.0.0.1", help="0.0.0.0 to be reached from elsewhere (%(default)s)")
    listen.add_argument("--allow", default="", help="AE titles that may send, divided by commas; any by default")
    listen.add_argument("--largest_mb", type=float, default=512.0, help="larger instances are refused (%(default)s)")
    pull.add_argument("--url", required=True, help="of the DICOMweb server")
    pull.add_argument("--every", type=float, default=60.0, help="seconds between searches (%(default)s)")
    pull.add_argument("--filter", nargs="*", default=[], help="of the search, such as StudyDate=20260101-")
    return parser
