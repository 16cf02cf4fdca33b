"""People to look at: the local review page and the contact sheet."""
