"""Analysis of rules without data: never true, always true, parts that do nothing, one rule inside another."""
