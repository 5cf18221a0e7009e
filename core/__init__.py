"""Creator Workbench: everything that is made or bought travels one way. See AGENTS.md."""
