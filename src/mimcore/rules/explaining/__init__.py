"""How a rule and an answer are told: plain English, explanations, what would change an answer."""
