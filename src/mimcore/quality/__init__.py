"""How good the data is: what is presumed wrong, what to check first, and the age of every value of a person."""
