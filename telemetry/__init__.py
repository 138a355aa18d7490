"""What is measured and how it travels. Pure: no event loop, no I/O, no clock but `clock`."""
