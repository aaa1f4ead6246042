"""Small playbooks whose results in Ansible are recorded, and compared with ours."""
