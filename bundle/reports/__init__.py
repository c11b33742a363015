"""HTML reports: one for each scan, one for all scans of a run. Each is a single file that needs no other."""
