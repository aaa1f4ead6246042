"""The older place of what is in `common.text.converters`."""
