"""From a source's server to kept bytes: one partition at a time, refusing what is not the file that was due."""
