"""Every mistake is two lines and a code: 2 the user's, 3 missing set-up, 4 money, 5 rights, 1 otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.cli import main as module_main
from core.kit import errors
from tests.cli.conftest import Answer, Command

MEDIA = Path(__file__).parents[1] / "media"

MISTAKES: dict[str, tuple[str, ...]] = {
    "no such command": ("compose",),
    "no such option": ("speak", "hi", "--loud", "--out", "o.wav"),
    "no text": ("speak", "--out", "o.wav"),
    "no out": ("speak", "hi"),
    "empty text": ("speak", "", "--out", "o.wav"),
    "blank text": ("speak", " \n\t ", "--out", "o.wav"),
    "only emoji": ("speak", "🎉🎷", "--out", "o.wav"),
    "only control characters": ("speak", "\x01\x02\x1f", "--out", "o.wav"),
    "dash-leading text": ("speak", "-5 degrees", "--out", "o.wav"),
    "unknown voice": ("speak", "hi", "--voice", "Nobody At All", "--out", "o.wav"),
    "unknown language": ("speak", "hi", "--voice", "xx-klingon", "--out", "o.wav"),
    "speed too high": ("speak", "hi", "--speed", "9", "--out", "o.wav"),
    "speed is not a number": ("speak", "hi", "--speed", "nan", "--out", "o.wav"),
    "speed is a word": ("speak", "hi", "--speed", "fast", "--out", "o.wav"),
    "pitch too low": ("speak", "hi", "--pitch", "-40", "--out", "o.wav"),
    "unknown tag": ("speak", "a [whisper]b[/whisper]", "--out", "o.wav"),
    "no ending": ("speak", "hi", "--out", "o"),
    "unknown ending": ("speak", "hi", "--out", "o.xyz"),
    "out is a folder": ("speak", "hi", "--out", "folder.wav"),
    "out below a file": ("speak", "hi", "--out", "file/o.wav"),
    "out where nobody may write": ("speak", "hi", "--out", "/proc/self/o.wav"),
    "captions of no format": ("speak", "hi", "--out", "o.wav", "--captions", "c.txt"),
    "captions below a file": ("speak", "hi", "--out", "o.wav", "--captions", "file/c.srt"),
    "unknown mood": ("music", "--mood", "grumpy", "--out", "o.wav"),
    "unknown genre": ("music", "--genre", "polka-punk", "--out", "o.wav"),
    "unknown key": ("music", "--key", "H flat", "--out", "o.wav"),
    "unknown intensity": ("music", "--intensity", "11", "--out", "o.wav"),
    "0 bpm": ("music", "--bpm", "0", "--out", "o.wav"),
    "a billion bpm": ("music", "--bpm", "1e9", "--out", "o.wav"),
    "nan bpm": ("music", "--bpm", "nan", "--out", "o.wav"),
    "0 seconds": ("music", "--seconds", "0", "--out", "o.wav"),
    "negative seconds": ("music", "--seconds", "-5", "--out", "o.wav"),
    "ten hours": ("music", "--seconds", "36000", "--out", "o.wav"),
    "endless": ("music", "--seconds", "inf", "--out", "o.wav"),
    "negative seed": ("music", "--seed", "-1", "--out", "o.wav"),
    "seed of a person": ("music", "--seed", "x", "--out", "o.wav"),
    "midi of no format": ("music", "--out", "o.wav", "--midi", "m.txt"),
    "stems below a file": ("music", "--out", "o.wav", "--stems", "file/stems"),
    "nothing to mix": ("mix", "--out", "o.wav"),
    "no such voice file": ("mix", "--voice", "nowhere.wav", "--out", "o.wav"),
    "no such asset": ("mix", "--voice", "asset_nowhere", "--out", "o.wav"),
    "mix of a text": ("mix", "--voice", str(MEDIA / "text_renamed.wav"), "--out", "o.wav"),
    "unknown loudness": ("mix", "--voice", str(MEDIA / "very_short_20ms.wav"), "--loudness", "loud", "--out", "o.wav"),
    "gain of nan": ("mix", "--voice", str(MEDIA / "opus_24k.opus"), "--music-gain-db", "nan", "--music",
                    str(MEDIA / "opus_24k.opus"), "--out", "o.wav"),
    "analyse nothing": ("analyse", "nowhere.wav"),
    "analyse a folder": ("analyse", "."),
    "analyse a text": ("analyse", str(MEDIA / "text_renamed.wav")),
    "analyse zero bytes": ("analyse", str(MEDIA / "zero_bytes.wav")),
    "expect 0 bpm": ("analyse", str(MEDIA / "opus_24k.opus"), "--expected-bpm", "0"),
    "show no asset": ("library", "show", "nope"),
    "import nothing": ("library", "import", "nowhere.wav"),
    "import a folder": ("library", "import", "."),
    "import as what": ("library", "import", str(MEDIA / "opus_24k.opus"), "--kind", "trumpet"),
    "import under what": ("library", "import", str(MEDIA / "opus_24k.opus"), "--licence", "mine"),
    "credit is due": ("library", "import", str(MEDIA / "opus_24k.opus"), "--licence", "cc-by-4.0"),
    "export no asset": ("library", "export", "nope", "--to", "."),
    "edit no asset": ("library", "edit", "nope", "--name", "x"),
    "purge no asset": ("library", "purge", "nope"),
    "show no job": ("jobs", "show", "nope"),
    "cancel no job": ("jobs", "cancel", "nope"),
    "retry no job": ("jobs", "retry", "nope"),
    "pause no job": ("jobs", "pause", "nope"),
    "move no job": ("jobs", "move", "nope"),
    "resolve no job": ("jobs", "resolve", "nope", "--billed"),
    "list by no status": ("jobs", "list", "--status", "funny"),
    "limit is a word": ("jobs", "list", "--limit", "many"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_the_users_mistake(cli: Command, tmp_path: Path, what: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "file").write_text("")
    cli(*MISTAKES[what]).fails(2)
    assert not (tmp_path / "o.wav").exists()


UNSEEN: dict[str, tuple[str, ...]] = {
    "bin no asset": ("library", "bin", "nope"),
    "restore no asset": ("library", "restore", "nope"),
    "list no kind": ("library", "list", "--kind", "trumpet"),
    "list less than nothing": ("library", "list", "--limit", "-1"),
    "list fewer jobs than none": ("jobs", "list", "--limit", "-1"),
}


@pytest.mark.parametrize("arguments", list(UNSEEN.values()), ids=list(UNSEEN))
def test_the_users_mistake_unseen(cli: Command, arguments: tuple[str, ...]) -> None:
    cli(*arguments).fails(2)


def test_a_text_of_a_megabyte(cli: Command) -> None:
    said = cli("speak", "-", "--out", "o.wav", stdin="word " * 200_000).fails(2)
    assert "50,000" in said


def test_a_done_job_cannot_be_changed(cli: Command) -> None:
    job = cli("speak", "Done.", "--out", "d.wav", "--json").json["job_id"]
    assert "done" in cli("jobs", "pause", job).fails(2)


@pytest.mark.parametrize("act", [("retry",), ("move",), ("resolve", "--billed")])
def test_a_done_job_says_what_to_do_instead(cli: Command, act: tuple[str, ...]) -> None:
    job = cli("speak", "Done.", "--out", "d.wav", "--json").json["job_id"]
    cli("jobs", act[0], job, *act[1:]).fails(2)


def test_resume_of_a_done_job_speaks_of_resuming(cli: Command) -> None:
    job = cli("speak", "Done.", "--out", "d.wav", "--json").json["job_id"]
    assert "held" not in cli("jobs", "resume", job).fails(2)


def test_captions_cannot_be_mixed(cli: Command) -> None:
    assert cli("speak", "Mix me.", "--out", "v.wav", "--captions", "c.srt").code == 0
    said = cli("mix", "--voice", "c.srt", "--out", "o.wav").fails(2)
    assert "no sound" in said


def test_the_message_names_the_file_that_was_given(cli: Command) -> None:
    assert "text_renamed.wav" in cli("library", "import", str(MEDIA / "text_renamed.wav")).fails(2)


def test_missing_setup(cli: Command, tmp_path: Path) -> None:
    """Permission bits do not bind root, so the data folder lies below a file."""
    (tmp_path / "file").write_text("")
    for arguments in (("doctor",), ("speak", "hi", "--out", "o.wav"), ("mart", "refresh"), ("jobs", "list"), ("up",)):
        said = cli(*arguments, STUDIO_HOME=str(tmp_path / "file" / "home")).fails(3)
        assert "STUDIO_HOME" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("STUDIO_PORT", "http"), ("STUDIO_CAP_DAY_USD", "lots"), ("STUDIO_DATABASE_URL", "mysql://u@h/d"),
     ("STUDIO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")],
)  # fmt: skip
def test_a_setting_that_cannot_work(cli: Command, name: str, value: str) -> None:
    cli("costs", **{name: value}).fails(3)


def test_money_rights_and_the_rest(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What raised it does not matter: the kind of error decides."""
    from core.cli import main as shadow  # the package's `main` is the function; its module hides behind it

    assert shadow is module_main
    module = sys.modules["core.cli.main"]
    kinds: list[tuple[errors.StudioError, int]] = [
        (errors.MoneyError("The day's cap is reached.", "Raise it."), 4), (errors.RightsError("No.", "Ask."), 5),
        (errors.SetupError("No key.", "Set it."), 3), (errors.AccessError("Not yours.", "Ask."), 2),
        (errors.NotFound("Nothing.", "Look."), 2), (errors.RateLimited("Slow down.", "Wait."), 1),
        (errors.OutcomeUnknown("Who knows.", "Look."), 1), (errors.Cancelled(), 1),
    ]  # fmt: skip
    for error, code in kinds:

        def refuse(error: errors.StudioError = error, **_: object) -> None:
            raise error

        monkeypatch.setattr(module, "app", refuse)
        with pytest.raises(SystemExit) as left:
            module.main()
        out, err = capsys.readouterr()
        Answer(int(str(left.value.code)), out, err).fails(code)


def test_a_defect_is_two_lines_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["core.cli.main"]

    def break_down(**_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(module, "app", break_down)
    with pytest.raises(SystemExit) as left:
        module.main()
    out, err = capsys.readouterr()
    Answer(int(str(left.value.code)), out, err).fails(1)


def test_as_typed(typed: Command, tmp_path: Path) -> None:
    """The sweeps above run inside this process; the installed command says the same."""
    typed("speak", "", "--out", "o.wav").fails(2)
    typed("analyse", "nowhere.wav").fails(2)
    (tmp_path / "file").write_text("")
    typed("doctor", STUDIO_HOME=str(tmp_path / "file" / "x")).fails(3)


def test_not_cleared(typed: Command, cli: Command, tone: Path) -> None:
    asset = cli("library", "import", str(tone), "--name", "Nobody knows", "--json").json["id"]
    said = typed("library", "export", asset, "--to", "out", "--platform", "youtube").fails(5)
    assert "Nobody knows" in said
    assert not list(Path("out").glob("*")), "something was written although the gate said no"


def test_a_second_studio_on_the_same_folder(typed: Command) -> None:
    for command in ("worker", "up"):
        said = typed(command).fails(3)
        assert "already runs" in said
