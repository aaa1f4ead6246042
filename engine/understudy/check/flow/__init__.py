"""How hosts come to each task of a playbook, and what names mean to them there."""
