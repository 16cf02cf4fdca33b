"""The local review page, and the contact sheet."""
