"""Texts with places, and findings about them."""
