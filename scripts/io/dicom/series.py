"""The DICOM series of a folder: their slices in the order of their positions, and which one is scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import ScanError
from .frames import Frame, frames_of, words
from .headers import read_header
from .judge import Volume, judge_slices
from .rules import Judged, judge, read_rules


class Study(NamedTuple):
    """What tells studies apart.

    Attributes:
        patient: its ID; empty if it is missing.
        uid: of the study.
    """

    patient: str
    uid: str


class Series(NamedTuple):
    """One DICOM series, or one volume of a series that holds several.

    Attributes:
        study: that it belongs to.
        number: that the scanner gave it.
        volume: its slices and their geometry.
        rules: what the rules say of it.
        code: why it can't be scored, see ``ScanError``; "" if it can.
        why: the same as a sentence.
    """

    study: Study
    number: int
    volume: Volume
    rules: Judged
    code: str
    why: str

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files, each once, in the order of their first slices."""
        return tuple(dict.fromkeys(frame.file for frame in self.volume.frames))


VOLUMES = (
    *("SeriesInstanceUID", "EchoTime", "InversionTime", "DiffusionBValue", "TemporalPositionIdentifier"),
    *("ImageType", "Modality"),
)
"""Tags that differ between the volumes of one series, if it holds several."""


def find_series(source: Path | Iterable[Path], rules: Path | None = None) -> list[Series]:
    """List the DICOM series of a folder, the one to be scored first.

    A series can be scored if its modality is MR, no rule rules it out, and it has eight slices or more of one size and
    orientation, none of which is missing. Of several, the one with the most points comes first, then the one with the
    smallest longest voxel side, then the one with the most slices, then the one with the lowest number.

    Args:
        source: a folder with DICOM files, whatever their names; or the files. Other files are passed over.
        rules: a table of rules, see :mod:`.rules`; by default ``configs/dicom_series.json``.
    """
    files = sorted(source.iterdir()) if isinstance(source, Path) else list(source)
    table = read_rules(rules) if rules else read_rules()
    groups: dict[tuple[str, ...], list[Frame]] = {}
    for file in files:
        header = read_header(file) if file.is_file() else None
        for frame in frames_of(file, header) if header is not None else ():
            key = (*_study(frame), *("|".join(words(frame.tags.get(tag))) for tag in VOLUMES))
            groups.setdefault(key, []).append(frame)
    series = [_series(frames, table) for frames in groups.values()]
    return sorted(
        series,
        key=lambda s: (bool(s.code), -s.rules.points, max(s.volume.voxel), -len(s.volume.frames), s.number),
    )


def chosen_series(
    source: Path | Iterable[Path], study: Study | None = None, rules: Path | None = None
) -> tuple[Series, list[Series]]:
    """Return the series that is scored, and the others.

    Args:
        source: as in :func:`find_series`.
        study: whose series count; by default there must be one alone.
        rules: as in :func:`find_series`.

    Raises:
        ScanError: if no series can be scored, with the reason of the largest; or for several studies.
    """
    name = source.name if isinstance(source, Path) else "the study"
    series = find_series(source, rules)
    if not series:
        raise ScanError("unreadable", f"{name}: no DICOM file in it can be read. Copy the series again.")
    studies = list(dict.fromkeys(one.study for one in series))
    if study is None and len(studies) > 1:
        patients = len({one.patient for one in studies})
        raise ScanError(
            "several_studies",
            f"{name}: {len(studies)} studies of {patients} patient{'s' * (patients > 1)}, expected one. Give a folder "
            "of each.",
        )
    series = [one for one in series if study in (None, one.study)]
    if series[0].code:
        largest = max(series, key=lambda s: len(s.volume.frames))
        rest = f" None of the other {len(series) - 1} series can be scored either." if len(series) > 1 else ""
        raise ScanError(largest.code, f"{name}: {largest.why}{rest}")
    return series[0], series[1:]


def glance(file: Path, rules: Path | None = None) -> tuple[Study, str, str] | None:
    """Judge a file by its tags alone, without the other slices of its series.

    Returns:
        Its study, and why it is never scored as code and sentence (both "" if it may be); None if it is no DICOM image.
    """
    header = read_header(file)
    if header is None:
        return None
    frame = frames_of(file, header)[0]
    return _study(frame), *_by_tags(frame, judge(frame.tags, read_rules(rules) if rules else read_rules()))


def _by_tags(frame: Frame, rules: Judged) -> tuple[str, str]:
    """Why the tags of a series rule it out, as code and sentence; empty if they don't."""
    if frame.tags.get("Modality") != "MR":
        return "not_mr", f"modality {frame.tags.get('Modality')}, expected MR. Give an MR series."
    if rules.code:
        return rules.code, f"{rules.why[0]}, expected an anatomical T2 or T1 scan of the head. Give that series."
    return "", ""


def _study(frame: Frame) -> Study:
    return Study(*(str(frame.tags.get(tag, "")) for tag in ("PatientID", "StudyInstanceUID")))


def _series(frames: Sequence[Frame], table: Sequence) -> Series:
    """Judge the frames of one series: first by the rules, then by their geometry."""
    first = frames[0]
    number = int(first.number_of("SeriesNumber"))
    volume = judge_slices(frames)
    measured = {
        "voxel_mm": max(volume.voxel),
        "coverage_mm": volume.voxel[2] * len(volume.frames),
        "slices": len(volume.frames),
    }
    rules = judge({**first.tags, **measured}, table)
    code, why = _by_tags(first, rules)
    if not code:
        code, why = volume.code, volume.why
    text = f"series {number}: {why}" if why else ""
    return Series(_study(first), number, volume, rules, code, text)
