"""facelib: a private people indexer for photo libraries."""

__version__ = "0.1.0"
