"""Carrying out playbooks: places, turns, attempts, jobs."""
