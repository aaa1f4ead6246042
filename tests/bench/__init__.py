"""Benchmarks: understudy beside the real ansible-playbook, in one run on one machine."""
