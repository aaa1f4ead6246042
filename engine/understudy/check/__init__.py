"""What can be found in a project without touching a host: rules over texts and over their flow."""
