"""What exists: enterprise, site, area, line, station, and what each machine type measures."""
