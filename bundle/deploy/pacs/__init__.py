"""From PACS to PACS: studies come by C-STORE or DICOMweb, wait in a queue on the disk, and the results go back."""
