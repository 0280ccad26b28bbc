"""The jobs: data.py makes the platform's data; each other module looks after one side of its operation."""
