"""What is done with segments: preview, and audiences of people who may be contacted. Ports in, results out."""
