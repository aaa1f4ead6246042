"""Targets, and what travels to them."""
