"""What belongs to a project, what each file is for, and its text, read once."""
