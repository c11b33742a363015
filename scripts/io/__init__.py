"""Scans are loaded here: NIfTI, DICOM series and PNG slices, with left and right from the affine, and clear errors."""
