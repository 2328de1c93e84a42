"""What customers are worth: recency, frequency and monetary value, tiers, the lifecycle, and who is slipping away."""
