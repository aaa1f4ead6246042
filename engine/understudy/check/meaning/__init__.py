"""What rules about jobs, waits, conditions and handlers share."""
