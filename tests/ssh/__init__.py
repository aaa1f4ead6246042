"""SSH servers under test, links with delay and loss, and the rules that hold over SSH."""
