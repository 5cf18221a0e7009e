"""Voice matching: pitch, timbre and pace of a person's recordings laid on an embedded voice. It is not a clone: the
embedded voice's own articulation remains, and `likeness` says in figures how near it came."""
