"""Store and forward: what is kept on disk until a host says that it is durable."""
