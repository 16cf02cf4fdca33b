"""Who is it? Arrays in, arrays out; may use the people that clustering found, no database, no files."""
