"""Names in and out of other programs: XMP, Picasa, Google Takeout, CSV, JSON."""
