"""For a release: the package for the model zoo, its metadata and its upload."""
