"""What inspectors carry into a hall, and how what they bring back is told to the log."""
