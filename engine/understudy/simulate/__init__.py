"""The same execution on a virtual clock."""
