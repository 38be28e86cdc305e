"""What may be done to an image: one module for each kind of operation."""
