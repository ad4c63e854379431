"""The command line: one file per subcommand, thin over the packages below it."""
