"""One process of the product each, from one settings file each; a module loads only what it runs."""
