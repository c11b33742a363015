"""For a release: the package of the model zoo, its metadata, its upload."""
