"""Keeping freed memory: where glibc is, and nothing anywhere else."""

import platform

from scripts.training.allocator import keep_freed_memory


def test_freed_memory_is_kept_where_glibc_is():
    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")


def test_nothing_is_done_elsewhere(monkeypatch):
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))
    assert not keep_freed_memory()
