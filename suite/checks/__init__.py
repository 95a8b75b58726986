"""The contract that every plug-in file keeps, as plain functions: `suite check` calls them on a folder of the user, the
tests on the files of the house."""
