"""How fast values decay, learnt from a store's own checks."""
