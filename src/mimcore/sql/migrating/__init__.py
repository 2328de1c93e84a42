"""A store's tables are made, brought up to date and described to the planner."""
