"""Reading scans: NIfTI, DICOM series, PNG slices; which side is left, and the errors of what can't be read."""
