"""Reports: functions of events."""
