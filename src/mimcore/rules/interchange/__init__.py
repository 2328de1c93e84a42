"""How rules come and go: JSON with its schema, requests, React Query Builder, JsonLogic."""
