"""What `diana new` lays down in a writer's new folder."""
