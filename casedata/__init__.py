"""The data of the course: CSV files, their dictionary, and the generator that makes them."""
