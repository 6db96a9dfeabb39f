"""Stories made for measuring, what Diana needs for them, and what others do."""
