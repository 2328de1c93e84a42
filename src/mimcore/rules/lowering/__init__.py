"""How a rule is bound: negation at the leaves, everything that depends on time or a store made constant."""
