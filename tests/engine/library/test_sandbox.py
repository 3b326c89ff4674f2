"""The reviewed code and its configuration have no say: nothing of it is run or read."""

import os
import subprocess
from pathlib import Path

from engine.library.review import ruff, worker
from engine.library.review.sources import read
from tests.engine.library.rounds import fixed, review

CONFIGS = {
    "ruff.toml": 'extend = "/etc/passwd"\n',
    ".ruff.toml": "select = []\nline-length = 1\n",
    "pyproject.toml": '[tool.ruff.lint]\nselect = []\n[tool.ruff]\ncache-dir = "/tmp/elsewhere"\n',
}


def test_configuration_beside_the_process_is_never_read(tmp_path, monkeypatch):
    for name, text in CONFIGS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "text")
    monkeypatch.setenv("RUFF_NO_CACHE", "false")

    (found,) = ruff.lint([read("a.py", "import os\n# unlikely text 1\n")])

    assert [d.rule for d in found.diagnostics] == ["F401"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(CONFIGS)


def test_configuration_inside_the_upload_is_never_written_for_the_linter():
    state = review(files={**CONFIGS, "a.py": "import os\n"}, max_passes=0)

    assert [issue["rule"] for issue in state["report"]["issues"]] == ["F401"]
    assert {entry["reason"] for entry in state["report"]["skipped"]} == {"not_python"}


def test_nothing_of_the_code_is_imported_or_run(tmp_path):
    proof = tmp_path / "it-ran"
    text = f"import pathlib\nimport os\nx = 1 \npathlib.Path({str(proof)!r}).touch()\n"

    state = review(
        files={"a.py": text, "conftest.py": text, "setup.py": text}, quality_threshold=10
    )

    assert not proof.exists()
    assert "import os" not in fixed(state)["a.py"]


def test_names_that_look_like_options_or_leave_the_folder_are_harmless(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [
        "-h.py",
        "--fix.py",
        "../../escape.py",
        "/etc/cron.d/x.py",
        "a b.py",
        "é.py",
        "venv/c.py",
    ]

    state = review(files=dict.fromkeys(names, "import os\n"), max_passes=0)

    assert sorted(i["path"] for i in state["report"]["issues"]) == sorted(names)
    assert list(tmp_path.iterdir()) == []


def test_the_same_basename_in_many_folders_is_kept_apart():
    files = {f"p{n}/a.py": "import os\n" if n % 2 else "x = 1\n" for n in range(6)}

    state = review(files=files, max_passes=0)

    assert [i["path"] for i in state["report"]["issues"]] == ["p1/a.py", "p3/a.py", "p5/a.py"]


def test_the_linter_gets_a_clean_environment_and_no_shell(monkeypatch):
    calls = []
    honest = subprocess.Popen

    def watching(argv, **options):
        calls.append((argv, options))
        return honest(argv, **options)

    monkeypatch.setattr(ruff.subprocess, "Popen", watching)
    monkeypatch.setenv("SECRET_KEY", "do not tell")

    ruff.lint([read("a.py", "import os\n# unlikely text 2\n")])

    ((argv, options),) = calls
    assert argv[:2] == [ruff.binary(), "check"]
    assert {"--isolated", "--no-cache", "--no-respect-gitignore"} <= set(argv)
    assert set(options["env"]) == {"PATH", "RAYON_NUM_THREADS", "NO_COLOR"}
    assert options["start_new_session"] is True
    assert "shell" not in options
    assert Path(options["cwd"]).name.startswith("treadle-review-")
    assert not Path(options["cwd"]).exists()


def test_the_worker_is_isolated_limited_and_has_no_environment():
    one = worker.Worker()
    try:
        facts = Path(f"/proc/{one.process.pid}")
        limits = (facts / "limits").read_text() if facts.exists() else ""
        one.ask(b'{"do":"measure","texts":["x = 1"]}', 10)
        limits = (facts / "limits").read_text() if facts.exists() else limits
        assert one.process.args[1:3] == ["-I", "-S"]
        assert os.getsid(one.process.pid) == one.process.pid
        if facts.exists():
            rows = {row[:26].strip(): row[26:].split() for row in limits.splitlines()}
            assert rows["Max address space"][0] == str(1024**3)
            assert int(rows["Max cpu time"][0]) <= 12
            assert (facts / "environ").read_bytes() == b""
    finally:
        one.close()
