"""Who belongs together? Arrays in, arrays out; no database, no files."""
