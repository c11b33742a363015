"""Read DICOM objects back with highdicom, in the environment of MONAI Deploy, and print their content as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import highdicom as hd
import numpy as np

folder = Path(sys.argv[1])
seg = hd.seg.segread(folder / "asymmetry_seg.dcm")
sources = [uid for _, _, uid in seg.get_source_image_uids()]
frames = seg.get_pixels_by_source_instance(
    sources, combine_segments=True, skip_overlap_checks=True, assert_missing_frames_are_empty=True
)
np.save(folder / "frames.npy", frames.astype(np.uint8))
report = hd.sr.srread(folder / "asymmetry_sr.dcm")
groups = report.content.get_image_measurement_groups()
content = {
    "sources": sources,
    "labels": [seg.get_segment_description(number).segment_label for number in seg.segment_numbers],
    "measurements": {m.name.meaning: m.value for group in groups for m in group.get_measurements()},
    "evaluations": {e.name.meaning: e.value.meaning for group in groups for e in group.get_qualitative_evaluations()},
    "text": str(report),
}
print(json.dumps(content))
