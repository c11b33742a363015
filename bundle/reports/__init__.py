"""Pages that people read: one about each scan, one about all of them; each a single file that needs no other."""
