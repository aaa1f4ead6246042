"""The tests of understudy, one folder per room."""
