"""Ways to an account: each turns orders into a venue's requests and the venue's answers into order events."""
