"""What may be asked: each route says what, a service decides."""
