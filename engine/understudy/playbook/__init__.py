"""From nodes to plays, blocks and tasks."""
