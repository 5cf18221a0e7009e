"""Voices made from recordings of somebody who consented: their records, their training, their end."""
