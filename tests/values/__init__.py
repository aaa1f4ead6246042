"""Tests of the values room; `python -m tests.values.record` records the oracle's answers."""
