"""Telling people: the channels that alerts go out by, and how messages are tried until they arrive."""
