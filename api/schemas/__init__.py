"""What the API answers, as models with examples; instants are aware UTC."""
