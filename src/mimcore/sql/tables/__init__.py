"""The tables of a store, and the elements that attributes of your own get."""
