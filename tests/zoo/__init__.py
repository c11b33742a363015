"""Tests for the runner of the model zoo: ``ci/unit_tests`` of the zoo, bundles in ``models``."""
