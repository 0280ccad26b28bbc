"""Pictures of the UI for the documentation, taken by a browser without a display."""
