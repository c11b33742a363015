"""The study, as tiny as it can be."""
