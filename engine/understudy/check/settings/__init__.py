"""What a check is asked for, by the command line and by the project."""
