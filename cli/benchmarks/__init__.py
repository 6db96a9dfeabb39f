"""What `diana bench` measures: one module per benchmark, and the stories they are measured on."""
