"""One module per command of `diana`; each is loaded only when it is called."""
