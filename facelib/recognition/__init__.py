"""Who is it? Arrays in, arrays out; no database, no files. It may use facelib.clustering."""
