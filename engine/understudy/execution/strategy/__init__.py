"""Strategies: which hosts do which task next."""
