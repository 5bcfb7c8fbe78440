"""Changes an environment: under a lock, in an order that makes a killed build harmless."""
