"""What is reported, who is accused and believed, and what migrants and readers feel of it: one file a mechanism."""
