"""Stories, players and sessions that tests are made of."""
