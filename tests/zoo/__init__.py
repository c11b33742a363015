"""Tests in the shape that the model zoo's own runner wants: ``ci/unit_tests`` of the zoo, bundles in ``models``."""
