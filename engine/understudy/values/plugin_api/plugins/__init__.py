"""Bases of plugins."""
