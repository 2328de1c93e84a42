"""CSV as it is read and written, and files that are whole or not there."""
