"""What plugins of a project import as `ansible`: their interface is Ansible's, the code is ours."""
