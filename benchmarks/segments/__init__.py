"""What is measured of segments that live: refreshing many of them, against the same moves written by hand in SQL."""
