"""The speech engine's own process: loads libespeak-ng, speaks one plan, leaves.

Run by file name with `python -I -S`, standard library only, because starting is most of what a short request costs.
A fresh process per request is not a luxury: the library keeps global state (threads corrupt each other, later calls
drift by samples), and it keeps the GPL library outside the studio's processes.

Standard input: one JSON object. {"library", "data", "list": true} answers {"version", "voices", "variants"};
{"library", "data", "pcm", "seed", "segments": [{"text", "voice", "rate", "pitch", "range", "phonemes"}]} appends 16-bit mono
samples to the file `pcm` and answers one JSON line per segment: {"frames", "words": [[sample, position, length], …]}.
"""

import ctypes
import json
import os
import sys

TYPE_CHECKING = False  # typing itself would double the start-up time
if TYPE_CHECKING:
    from typing import Any

RETRIEVAL = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples come to the callback on this thread
UTF8 = 1
PHONEMES = 0x100  # read [[…]] as phoneme mnemonics
RATE, PITCH, RANGE = 1, 3, 4
WORD = 1


class Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class EngineVoice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


def languages(pointer: int) -> list[str]:
    """The zero-ended list of (priority byte, zero-ended name) that the engine keeps per voice."""
    found = []
    while pointer and ctypes.string_at(pointer, 1) != b"\0":
        name = ctypes.string_at(pointer + 1)
        found.append(name.decode())
        pointer += len(name) + 2
    return found


def listed(library: ctypes.CDLL, data: str) -> "dict[str, object]":
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(EngineVoice))
    library.espeak_Info.restype = ctypes.c_char_p
    voices = []
    table = library.espeak_ListVoices(None)
    index = 0
    while table[index]:
        voice = table[index].contents
        voices.append(
            {
                "name": voice.name.decode(),
                "languages": languages(voice.languages),
                "file": voice.identifier.decode(),
            }
        )
        index += 1
    variants = sorted(os.listdir(os.path.join(data, "voices", "!v")))
    version = library.espeak_Info(None).decode()
    return {"version": version, "voices": voices, "variants": variants}


def speak(library: ctypes.CDLL, plan: "dict[str, Any]") -> None:
    words = []
    frames = 0
    # Breathy voices draw their noise, which the library seeds with the time of day: seeded here instead, the same plan
    # gives the same samples.
    with open(plan["pcm"], "ab") as pcm:

        def receive(samples: "Any", count: int, events: "Any") -> int:
            nonlocal frames
            index = 0
            while events[index].type:
                event = events[index]
                if event.type == WORD:
                    words.append((event.sample, event.text_position - 1, event.length))
                index += 1
            if samples and count > 0:
                pcm.write(ctypes.string_at(samples, count * 2))
                frames += count
            return 0

        callback = Callback(receive)
        library.espeak_SetSynthCallback(callback)
        current = None
        for segment in plan["segments"]:
            if segment["voice"] != current:
                if library.espeak_SetVoiceByName(segment["voice"].encode()) != 0:
                    raise SystemExit(3)
                current = segment["voice"]
            for parameter, name in ((RATE, "rate"), (PITCH, "pitch"), (RANGE, "range")):
                library.espeak_SetParameter(parameter, segment[name], 0)
            words.clear()
            frames = 0
            library.espeak_ng_SetRandSeed(ctypes.c_long(plan["seed"]))
            text = segment["text"].encode()
            flags = UTF8 | (PHONEMES if segment["phonemes"] else 0)
            if library.espeak_Synth(text, len(text) + 1, 0, 1, 0, flags, None, None) != 0:
                raise SystemExit(4)
            sys.stdout.write(json.dumps({"frames": frames, "words": words}) + "\n")
            sys.stdout.flush()


def main() -> None:
    plan = json.loads(sys.stdin.buffer.read())
    library = ctypes.CDLL(plan["library"])
    if library.espeak_Initialize(RETRIEVAL, 0, plan["data"].encode(), 0) <= 0:
        raise SystemExit(2)
    if plan.get("list"):
        sys.stdout.write(json.dumps(listed(library, plan["data"])))
    else:
        speak(library, plan)


if __name__ == "__main__":
    main()
