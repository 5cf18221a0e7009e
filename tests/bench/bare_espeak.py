"""espeak-ng alone in a process: load the library, speak a sentence, write a WAV. Nothing else."""

import ctypes
import sys
import wave

import espeakng_loader

if __name__ == "__main__":
    text, out = sys.argv[1:3]
    engine = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = engine.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
    chunks: list[bytes] = []
    CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    @CALLBACK
    def collect(samples, count, _events):
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    engine.espeak_SetSynthCallback(collect)
    engine.espeak_SetVoiceByName(b"en-us")
    data = text.encode()
    engine.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(chunks))
