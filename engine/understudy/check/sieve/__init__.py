"""What is told of all that was found."""
