"""Rules over a parsed playbook."""
