"""What a worker does beside its players' steps: timers, subscribers, the sweep after a publication, a small database, an eye on the store."""
