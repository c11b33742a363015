"""The bundle as a MONAI Deploy application: a DICOM study in; a segmentation, a report and their JSON out."""
