"""What shall come of a request, decided without a database: pure, so that a store may ask twice."""
