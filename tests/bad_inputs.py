"""Inputs that are wrong in a known way: for each how it is made, and the status and reason that it must get."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nibabel as nib
import numpy as np
import pydicom
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit

from tests.dicom import write_series
from tests.heads import make_head

VOXEL = (3.0, 3.0, 3.0)
HEAD = make_head(yaw=4, voxel=VOXEL, noise=0.02, asymmetry=0.02)
ARRAY = 1000 * HEAD.image[0].numpy()
BRAIN = 1000 * HEAD.brain[0].numpy()
AFFINE = HEAD.image.affine.numpy()


class Bad(NamedTuple):
    """A wrong input.

    Attributes:
        make: writes it to a folder and returns the path to predict.
        status: that it must get.
        code: a reason that must be among those given.
        side: whether the result may name a side.
    """

    make: Callable[[Path], Path]
    status: str
    code: str
    side: bool = True


def nifti(array: np.ndarray, affine: np.ndarray = AFFINE, dtype: Any = np.float32, **header: Any) -> Callable:
    """Write an array as NIfTI, with fields of the header set by hand."""

    def make(folder: Path) -> Path:
        image = nib.Nifti1Image(array.astype(dtype), affine)
        for key, value in header.items():
            image.header[key] = value
        path = folder / "scan.nii.gz"
        nib.save(image, path)
        return path

    return make


def forms(
    sform: np.ndarray | None, qform: np.ndarray | None, array: np.ndarray = BRAIN, zooms: tuple[float, ...] = ()
) -> Callable:
    """Write an array with sform and qform set independently, or not at all."""

    def make(folder: Path) -> Path:
        image = nib.Nifti1Image(array.astype(np.float32), None)
        image.header.set_zooms(VOXEL)
        image.set_sform(sform, code=0 if sform is None else 1)
        image.set_qform(qform, code=0 if qform is None else 1)
        if sform is not None:
            for name, row in zip(("srow_x", "srow_y", "srow_z"), sform, strict=False):
                image.header[name] = row
        if zooms:
            image.header["pixdim"][1:4] = zooms
        image.header["vox_offset"], image.header["magic"] = 352, b"n+1"
        raw = bytearray(image.to_bytes())
        raw[:348] = image.header.binaryblock  # as it is, whatever nibabel thinks of it
        path = folder / "scan.nii"
        path.write_bytes(raw)
        return path

    return make


def raw(content: Callable[[bytes], bytes], name: str = "scan.nii.gz") -> Callable:
    """Damage the bytes of a good file."""

    def make(folder: Path) -> Path:
        path = nifti(ARRAY)(folder)
        damaged = content(path.read_bytes())
        path.unlink()
        (folder / name).write_bytes(damaged)
        return folder / name

    return make


def dicom(array: np.ndarray = ARRAY, **options: Any) -> Callable:
    """Write a DICOM series."""

    def make(folder: Path) -> Path:
        write_series(array, AFFINE, folder / "series", **options)
        return folder / "series"

    return make


def spoiled(value: float, share: float) -> np.ndarray:
    """Put a value in a share of all voxels."""
    array = ARRAY.copy()
    array[: max(1, round(share * len(array)))] = value
    return array


def picture(folder: Path) -> Path:
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(folder / "slice.png")
    return folder / "slice.png"


def loop(folder: Path) -> Path:
    (folder / "scan.nii.gz").symlink_to(folder / "scan.nii.gz")
    return folder / "scan.nii.gz"


def two_stacks(folder: Path) -> Path:
    """One series of slices in two orientations, as a localiser is."""
    turned = AFFINE[:, [1, 2, 0, 3]]
    write_series(ARRAY[:, :, :10], AFFINE, folder / "series", SeriesInstanceUID="1.2.3")
    write_series(ARRAY[:, :, :10], turned, folder / "series", SeriesInstanceUID="1.2.3")
    return folder / "series"


def jpeg(folder: Path) -> Path:
    """A series that is compressed in a way that can't be decoded."""
    path = dicom(ARRAY[:, :, :10])(folder)
    for file in path.iterdir():
        slice_ = pydicom.dcmread(file)
        slice_.file_meta.TransferSyntaxUID = JPEG2000Lossless
        slice_.PixelData = encapsulate([b"no such stream"])
        slice_["PixelData"].is_undefined_length = True
        slice_.save_as(file)
    return path


def jpeg_of_8_bits(folder: Path) -> Path:
    """A series of which each slice is a JPEG picture."""
    path = dicom(BRAIN)(folder)
    for file in path.iterdir():
        slice_ = pydicom.dcmread(file)
        content = io.BytesIO()
        Image.fromarray((slice_.pixel_array // 16).astype(np.uint8)).save(content, "JPEG", quality=95)
        slice_.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit = 8, 8, 7
        slice_.PixelData = encapsulate([content.getvalue()])
        slice_["PixelData"].is_undefined_length = True
        slice_.save_as(file)
    return path


def wrapped() -> np.ndarray:
    """A head that was scaled beyond 16 bits: its bright parts overflow and start again at 0."""
    return np.clip(np.round(70000 * HEAD.image[0].numpy()), 0, None).astype(np.int64) % 2**16


def ball() -> np.ndarray:
    index = np.indices(ARRAY.shape).reshape(3, -1).T - (np.array(ARRAY.shape) - 1) / 2
    return 1000.0 * (np.linalg.norm(index * VOXEL, axis=1) < 45).reshape(ARRAY.shape)


def one_hemisphere() -> np.ndarray:
    array = BRAIN.copy()
    array[: array.shape[0] // 2 + 1] = 0
    return array


def thick() -> tuple[np.ndarray, np.ndarray]:
    head = make_head(voxel=(2.0, 2.0, 10.0), noise=0.01)
    return 1000 * head.brain[0].numpy(), head.image.affine.numpy()


def encrypted(folder: Path) -> Path:
    """A series whose position and orientation are in encrypted attributes (DICOM PS3.15, E.2)."""
    secret = pydicom.Dataset()
    secret.EncryptedContentTransferSyntaxUID, secret.EncryptedContent = ExplicitVRLittleEndian, b"no one reads this"
    tags = {"ImageOrientationPatient": None, "ImagePositionPatient": None, "EncryptedAttributesSequence": [secret]}
    return dicom(**tags)(folder)


def scrambled(folder: Path) -> Path:
    """A series of files that can't be read beyond their beginning."""
    path = dicom()(folder)
    for index, file in enumerate(sorted(path.iterdir())):
        file.write_bytes(file.read_bytes()[:132] + np.random.default_rng(index).bytes(5000))
    return path


MIRROR = np.diag([-1.0, 1.0, 1.0, 1.0])
NOISE = np.random.default_rng(0).normal(0, 1, ARRAY.shape)
TURNED = np.diag([-1.0, 1.0, -1.0, 1.0])
TURNED[[0, 2], 3] = np.array(ARRAY.shape)[[0, 2]] - 1
ZERO = np.diag([0.0, 0.0, 0.0, 1.0])
FLAT = np.diag([3.0, 3.0, 0.0, 1.0])
SHEARED = AFFINE @ np.array([[1, 0.15, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])

BAD: dict[str, Bad] = {
    # Files that can't be read.
    "truncated_gzip": Bad(raw(lambda b: b[: len(b) // 2]), "failed", "unreadable"),
    "not_gzip": Bad(raw(gzip.decompress), "failed", "unreadable"),
    "wrong_magic": Bad(
        raw(lambda b: gzip.decompress(b).replace(b"n+1", b"GIF", 1), "scan.nii"), "failed", "unreadable"
    ),
    "truncated": Bad(raw(lambda b: gzip.decompress(b)[:5000], "scan.nii"), "failed", "unreadable"),
    "empty_file": Bad(raw(lambda b: b"", "scan.nii"), "failed", "unreadable"),
    "text": Bad(raw(lambda b: b"not an image", "scan.nii"), "failed", "unreadable"),
    # Arrays that are no head.
    "four_dimensions": Bad(nifti(np.stack([ARRAY, ARRAY], -1)), "failed", "not_3d"),
    "one_slice": Bad(nifti(ARRAY[:, :, 20:21]), "failed", "too_small"),
    "two_voxels": Bad(nifti(ARRAY[:2, :2, :2]), "failed", "too_small"),
    "complex": Bad(nifti(ARRAY + 1j * ARRAY, dtype=np.complex64), "failed", "not_real"),
    "all_zero": Bad(nifti(0 * ARRAY), "failed", "empty"),
    "constant": Bad(nifti(0 * ARRAY + 7), "failed", "empty"),
    "all_nan": Bad(nifti(np.nan * ARRAY), "failed", "not_finite"),
    "all_inf": Bad(nifti(np.full_like(ARRAY, np.inf)), "failed", "not_finite"),
    "some_nan": Bad(nifti(spoiled(np.nan, 0.1)), "failed", "not_finite"),
    "some_inf": Bad(nifti(spoiled(np.inf, 0.0)), "failed", "not_finite"),
    "black_picture": Bad(picture, "failed", "empty"),
    # Affines.
    "negative_spacing": Bad(forms(AFFINE, AFFINE, zooms=(-3.0, 3.0, 3.0)), "warning", "coarse"),
    "no_affine": Bad(forms(None, None), "warning", "no_affine", side=False),
    "zero_affine": Bad(forms(ZERO, None), "warning", "singular_affine", side=False),
    "singular_affine": Bad(forms(FLAT, None), "warning", "singular_affine", side=False),
    "identity_affine": Bad(nifti(BRAIN[12:-12, 12:-12, 12:-12], np.eye(4)), "failed", "no_brain"),
    "mirrored_qform": Bad(forms(AFFINE, MIRROR @ AFFINE), "warning", "qform_against_sform", side=False),
    "turned_qform": Bad(forms(SHEARED, AFFINE), "warning", "forms_differ"),
    "upside_down": Bad(nifti(ARRAY[::-1, :, ::-1]), "warning", "upside_down", side=False),
    "upside_down_and_says_so": Bad(nifti(ARRAY[::-1, :, ::-1], AFFINE @ TURNED), "warning", "coarse"),
    # Incomplete heads, and scans of something else.
    "wrapped_integers": Bad(
        nifti(wrapped() * (HEAD.mask[0].numpy() > 0), dtype=np.uint16), "failed", "wrapped_integers"
    ),
    "thick_slices": Bad(nifti(*thick()), "warning", "coarse"),
    "half_a_brain": Bad(nifti(one_hemisphere()), "failed", "one_half"),
    "cut_off": Bad(nifti(BRAIN[:, :, :26]), "warning", "cut_off"),
    "two_heads": Bad(nifti(np.concatenate([ARRAY, 0 * ARRAY[:9], ARRAY])), "failed", "several_heads"),
    "two_heads_that_touch": Bad(nifti(np.concatenate([ARRAY, ARRAY], axis=2)), "failed", "several_heads"),
    "phantom": Bad(nifti(ball()), "failed", "no_contrast"),
    "noise": Bad(nifti(NOISE), "failed", "no_brain"),
    "noise_like_a_brain": Bad(nifti(np.abs(NOISE) * (BRAIN != 0)), "failed", "only_noise"),
    "tiny_voxels": Bad(nifti(BRAIN, AFFINE @ np.diag([0.1, 0.1, 0.1, 1])), "failed", "no_brain"),
    "large": Bad(nifti(BRAIN, AFFINE @ np.diag([1.4, 1.4, 1.4, 1])), "warning", "volume_large"),
    # DICOM.
    "missing_slices": Bad(dicom(leave_out=(10, 11)), "failed", "missing_slices"),
    "all_slices_twice": Bad(dicom(again=range(ARRAY.shape[2])), "failed", "not_3d"),
    "some_slices_twice": Bad(dicom(BRAIN, again=(10, 11)), "warning", "duplicate_slices"),
    "not_mr": Bad(dicom(Modality="CT"), "failed", "not_mr"),
    "gaps": Bad(dicom(BRAIN, SliceThickness=1.5), "warning", "gaps"),
    "encrypted": Bad(encrypted, "failed", "encrypted"),
    "scrambled": Bad(scrambled, "failed", "unreadable"),
    "localiser": Bad(dicom(SeriesDescription="3 plane localizer"), "failed", "localiser"),
    "few_slices": Bad(dicom(ARRAY[:, :, :4]), "failed", "too_few_slices"),
    "no_geometry": Bad(dicom(ImageOrientationPatient=None), "failed", "no_geometry"),
    "multi_frame": Bad(dicom(NumberOfFrames=4), "failed", "multi_frame"),
    "lossy": Bad(dicom(BRAIN, LossyImageCompression="01"), "warning", "lossy"),
    "turned_slices": Bad(two_stacks, "failed", "uneven_slices"),
    "jpeg": Bad(jpeg_of_8_bits, "warning", "lossy"),
    "jpeg_2000": Bad(jpeg, "failed", "unreadable"),
    "no_pixels": Bad(dicom(PixelData=None), "failed", "unreadable"),
    # Names.
    "long_name": Bad(raw(lambda b: b[:100], "x" * 200 + ".nii.gz"), "failed", "unreadable"),
    "odd_name": Bad(raw(lambda b: b[:100], "a 'name' \"with\" [quotes].nii.gz"), "failed", "unreadable"),
}
"""By name. A missing file is not here, since it is no scan that could have a status."""
