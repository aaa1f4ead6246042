"""understudy runs Ansible-style playbooks, fast, and tells the truth about time."""

__version__ = "0.1.0"
