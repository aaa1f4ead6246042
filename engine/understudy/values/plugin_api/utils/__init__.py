"""What plugins call."""
