"""Complete stories, one folder each; they compile clean and their playthroughs hold."""
