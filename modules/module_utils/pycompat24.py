"""What was needed for Pythons long gone."""
