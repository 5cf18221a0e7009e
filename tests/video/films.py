"""Films made here, by the studio's own ffmpeg, from the real one: dissolves, portraits, odd rates, broken ends."""

from __future__ import annotations

import subprocess
from pathlib import Path

from core.audio.ffmpeg import executable

MEDIA = Path(__file__).parents[1] / "media"
BUNNY = MEDIA / "big_buck_bunny_0_30.webm"
MONTAGE = MEDIA / "montage_bbb_hardcuts.mp4"
BUNNY_CUTS, MONTAGE_CUTS = [283, 376, 551], [61, 122, 173, 234, 260, 280, 321]


def ffmpeg(*arguments: object) -> None:
    command = [executable(), "-hide_banner", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def dissolves(out: Path, seconds: float = 1.0) -> Path:
    """Two shots that dissolve into each other; the middle lies at 2.2 s."""
    shot = "setpts=PTS-STARTPTS,scale=320:-2"
    first, second = f"trim=11.9:15.6,{shot}", f"trim=16:20,{shot}"
    mixed = (
        f"[0:v]{first}[a];[0:v]{second}[b];[a][b]xfade=transition=fade:duration={seconds}:offset={2.2 - seconds / 2}"
    )
    ffmpeg("-i", BUNNY, "-filter_complex", mixed, "-an", "-c:v", "libx264", "-preset", "ultrafast", out)
    return out


def faded(out: Path, seconds: float, black_s: float, darker: float = 1.0) -> list[float]:
    """Five shots, each fading to black and the next out of it, in `seconds` both ways; between them so much black. When the
    middles of the black are."""
    shots = ((2.5, 4.9), (5, 7.4), (12, 15), (16, 18.6), (24, 26.4))
    parts, middles, at = [], [], 0.0
    for number, (start, end) in enumerate(shots):
        ways = [f"trim={start}:{end},setpts=PTS-STARTPTS,scale=160:-2,lutyuv=y=16+(val-16)*{darker}"]
        if number:
            ways.append(f"fade=in:st=0:d={seconds / 2}")
        if number < len(shots) - 1:
            ways.append(f"fade=out:st={end - start - seconds / 2}:d={seconds / 2}")
            ways += [f"tpad=stop_duration={black_s}:color=black"] * (black_s > 0)
            middles.append(at + end - start + black_s / 2)
            at += end - start + black_s
        parts.append(f"[0:v]{','.join(ways)}[v{number}]")
    joined = "".join(f"[v{number}]" for number in range(len(shots))) + f"concat=n={len(shots)}"
    ffmpeg(
        "-i",
        BUNNY,
        "-filter_complex",
        ";".join([*parts, joined]),
        "-an",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        out,
    )
    return middles


def looked(out: Path, how: str) -> Path:
    """The montage through one of ffmpeg's filters."""
    ffmpeg("-i", MONTAGE, "-vf", f"scale=160:-2,{how}", "-an", "-c:v", "libx264", "-preset", "ultrafast", out)
    return out


def bunny(out: Path) -> Path:
    """Nine seconds of the real film with its sound: three scenes."""
    ffmpeg("-ss", 10, "-t", 9, "-i", BUNNY, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", out)
    return out


def turned(out: Path) -> Path:
    """As a telephone writes a portrait: a wide picture and a note to turn it."""
    ffmpeg("-display_rotation", 90, "-i", MONTAGE, "-t", 6, "-c", "copy", out)
    return out


def uneven(out: Path) -> Path:
    """Every third frame is missing: no even rate, the cuts at the same times."""
    drop = "select='mod(n,3)',scale=320:-2"
    ffmpeg("-i", MONTAGE, "-vf", drop, "-fps_mode", "vfr", "-an", "-c:v", "libx264", "-preset", "ultrafast", out)
    return out


def hdr(out: Path) -> Path:
    """Ten bits with the PQ curve, as telephones film it."""
    ffmpeg(
        "-i", MONTAGE, "-t", 3, "-an", "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le",
        "-x265-params", "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
        "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", out,
    )  # fmt: skip
    return out


def mute(out: Path) -> Path:
    ffmpeg("-i", MONTAGE, "-an", "-c:v", "copy", out)
    return out


def talking(out: Path, speech: Path, start_s: float = 2.0) -> Path:
    """The montage with somebody speaking from `start_s` on."""
    delayed = f"[1:a]adelay={round(1000 * start_s)}:all=1,apad[s]"
    ffmpeg(
        "-i", MONTAGE, "-i", speech, "-filter_complex", delayed, "-map", "0:v", "-map", "[s]", "-c:v", "copy",
        "-c:a", "aac", "-shortest", out,
    )  # fmt: skip
    return out


def framed(out: Path) -> Path:
    """A track for a picture, and no frame in it."""
    ffmpeg("-i", MONTAGE, "-c", "copy", "-frames:v", 0, out)
    return out


def late(out: Path, speech: Path, seconds: float = 1.5) -> Path:
    """Its sound begins so long after its picture, told by the file and not by silence. Below 0: before it."""
    offsets = [("-itsoffset", -seconds) if seconds < 0 else (), ("-itsoffset", seconds) if seconds > 0 else ()]
    ffmpeg(
        *offsets[0], "-i", MONTAGE, *offsets[1], "-i", speech, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac",
        "-ar", 44100, "-t", 6, out,
    )  # fmt: skip
    return out


def captioned(out: Path, seconds: float = 3.0) -> Path:
    """With subtitles that a viewer may switch on."""
    text = out.with_suffix(".srt")
    text.write_text("1\n00:00:00,500 --> 00:00:02,000\nA rabbit wakes up.\n", encoding="utf-8")
    kind = "mov_text" if out.suffix == ".mp4" else "srt"
    ffmpeg("-i", MONTAGE, "-i", text, "-t", seconds, "-map", "0", "-map", "1", "-c", "copy", "-c:s", kind, out)
    return out


def covered(out: Path, seconds: float = 3.0) -> Path:
    """A cover beside the moving picture, and before it."""
    cover = out.with_suffix(".png")
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", 1, cover)
    ffmpeg(
        "-i", cover, "-i", MONTAGE, "-t", seconds, "-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic",
        out,
    )  # fmt: skip
    return out


def truncated(out: Path) -> Path:
    """An upload that broke off after its index: it announces all of it and holds a third."""
    whole = out.with_suffix(".whole.mp4")
    ffmpeg("-i", MONTAGE, "-c", "copy", "-movflags", "+faststart", whole)
    data = whole.read_bytes()
    out.write_bytes(data[: len(data) * 2 // 5])
    return out


def hours(out: Path, seconds: float = 3 * 3600) -> Path:
    """A few kilobytes that are three hours long."""
    ffmpeg(
        "-f", "lavfi", "-i", f"color=gray:s=16x16:r=1/60:d={seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-g", 9999, out
    )  # fmt: skip
    return out


def odd(out: Path, codec: str, rate: str, seconds: float = 3.0) -> Path:
    """Another codec at another rate, with no even number of points."""
    ffmpeg("-i", MONTAGE, "-t", seconds, "-vf", "scale=161:91", "-r", rate, "-pix_fmt", "yuv444p", "-c:v", codec, out)
    return out
