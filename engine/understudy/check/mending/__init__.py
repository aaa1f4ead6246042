"""Fixes: as rules offer them, as edits of the author's text, and as they are made."""
