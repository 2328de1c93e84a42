"""What `make fields` writes from the declarations: typed fields of rules, and what constructors take."""
