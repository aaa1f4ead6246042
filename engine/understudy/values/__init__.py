"""What authors wrote, and what it yields."""
