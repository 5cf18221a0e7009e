"""Making a voice ready to publish: gate, de-esser, equaliser, compressor, loudness; measured before and after."""
