"""The storage port by noun: the records that cross it and the protocols that every store keeps."""
