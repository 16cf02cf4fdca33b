"""The file names that photos have."""

from __future__ import annotations

import importlib.util

RAW_FORMAT_SUFFIXES: frozenset[str] = frozenset(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .rw2 .rwl .sr2 .srf .srw .x3f".split()
)
"""Suffixes of camera raw files, lower case, whether they can be decoded here or not."""

RAW_SUFFIXES: frozenset[str] = RAW_FORMAT_SUFFIXES if importlib.util.find_spec("rawpy") else frozenset()
"""The same where the optional package rawpy (extra ``raw``) is installed, else empty."""

PHOTO_SUFFIXES: frozenset[str] = RAW_SUFFIXES | frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .gif .bmp .tif .tiff .heic .heif .hif .avif .ico .jp2 .j2k .ppm .pgm .pbm .pnm .psd .tga .mpo".split()
)
"""Lower-case suffixes, with the dot, of the files a folder is searched for."""
