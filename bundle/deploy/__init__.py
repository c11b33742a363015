"""The bundle as a MONAI Deploy application: a DICOM study in; DICOM SEG and SR, a report and a JSON out."""
