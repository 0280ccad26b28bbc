"""Pictures that assets and reports show."""
