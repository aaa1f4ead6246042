"""What was found before, for as long as nothing that was read has changed."""
