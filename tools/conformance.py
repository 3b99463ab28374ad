"""Play recorded conversations with AWS against this server, and fail where one that passed before passes no longer.

    python tools/conformance.py                  play all that can be played, and compare with what passed before
    python tools/conformance.py --area base -v   some of them, and show the differences
    python tools/conformance.py --update         add what passes now to tests/conformance-passing.json

The conversations, and the player that compares them, are a folder of their own: $STEPWELL_CONFORMANCE, or
../shared/conformance beside this checkout. Where there is none, nothing is played, and that is no failure.
"""

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PASSING = ROOT / "tests" / "conformance-passing.json"
EXEMPT = ROOT / "tests" / "conformance-exempt.json"
"""Cases that can't pass, with the reason: what differs is the doing of the services' stand-in."""
CLASSES = "engine,engine+nested-states,lambda-only,other-services"
ACCOUNT = "111111111111"
"""The player's; the stand-in for the other services has to be of the same."""

SETTINGS = '[events]\nforward_status_changes = true\nforwarded_source = "aws.states"\n'
"""The stand-in takes events of this source, which AWS keeps for itself."""

READY_SECONDS = 30.0
STOP_SECONDS = 15.0
ATTEMPTS = 3
"""How often a port is looked for that somebody else took meanwhile."""
NO_PLAY = 2
"""The player's exit status where it could not play at all."""
_READY = re.compile(r"stepwell is ready on (http://\S+)")

Row = dict[str, Any]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--area", help="only these areas, with commas between them")
    parser.add_argument("--id", help="only cases whose id has this text")
    parser.add_argument("--jobs", type=int, default=8, help="cases at the same time")
    parser.add_argument("--timeout", type=float, default=30, help="seconds that one wait of a case may last")
    parser.add_argument("--update", action="store_true", help="add what passes now to the list")
    parser.add_argument("--force", action="store_true", help="with --update: take out what fails now, too")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the first differences of what fails")
    return parser.parse_args()


def find_kit() -> Path | None:
    """Return the folder of the player and its cases, if there is one."""
    named = os.environ.get("STEPWELL_CONFORMANCE")
    kit = Path(named) if named else ROOT.parent / "shared" / "conformance"
    return kit if (kit / "play.py").is_file() else None


@contextlib.contextmanager
def services() -> Iterator[str]:
    """Start the stand-in for the other services; give its URL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-P", "-m", "stepwell.app.emulator", "0"]
    stand_in = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment | {"MOTO_ACCOUNT_ID": ACCOUNT},
    )
    try:
        assert stand_in.stdout is not None
        yield f"http://127.0.0.1:{int(stand_in.stdout.readline())}"
    finally:
        stand_in.communicate()


@contextlib.contextmanager
def serving(functions_port: int, mocks: Path, services_url: str) -> Iterator[str]:
    """Start an empty server that finds functions and services, and has a file of mocked responses; give its URL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["AWS_ENDPOINT_URL"] = services_url
    environment["AWS_ENDPOINT_URL_LAMBDA"] = f"http://127.0.0.1:{functions_port}"
    environment["SFN_MOCK_CONFIG"] = str(mocks)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "stepwell.toml").write_text(SETTINGS, encoding="utf-8")
        log = Path(folder) / "log"
        stepwell = str(Path(sys.executable).parent / "stepwell")
        command = [stepwell, "serve", "--port", "0", "--data", str(Path(folder) / "data")]
        with log.open("w") as errors:
            server = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=folder
            )
        try:
            yield _url(server, log)
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_SECONDS)
            server.kill()
            server.communicate()


def _url(server: "subprocess.Popen[str]", log: Path) -> str:
    assert server.stdout is not None
    watchdog = threading.Timer(READY_SECONDS, server.kill)
    watchdog.start()
    found = _READY.match(server.stdout.readline())
    watchdog.cancel()
    if found is None:
        sys.exit(f"the server did not start:\n{log.read_text(errors='replace')}")
    return found[1]


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def play(kit: Path, options: list[str]) -> list[Row]:
    """Play cases against a fresh server; return what became of each."""
    player = [sys.executable, str(kit / "play.py")]
    with tempfile.TemporaryDirectory() as folder:
        report, mocks = Path(folder) / "report.json", Path(folder) / "mocks.json"
        subprocess.run([*player, "--write-mock-config", str(mocks)], check=True, stdout=subprocess.DEVNULL)
        for _ in range(ATTEMPTS):
            port = free_port()
            with services() as services_url, serving(port, mocks, services_url) as url:
                command = [*player, "--endpoint", url, "--services-endpoint", services_url]
                command += ["--functions-port", str(port), "--mock-config"]
                done = subprocess.run([*command, "--report", str(report), *options], check=False)
            if report.exists():
                rows: list[Row] = json.loads(report.read_text(encoding="utf-8"))
                return rows
            if done.returncode != NO_PLAY:
                break
    sys.exit("the cases could not be played: see above")


def play_again(kit: Path, rows: list[Row], ids: set[str]) -> list[Row]:
    """Play some cases once more, alone: what failed on a busy machine only is no step back."""
    print(f"\nonce more, one by one: {len(ids)}")
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "ids.json"
        chosen.write_text(json.dumps(sorted(ids)), encoding="utf-8")
        again = {row["id"]: row for row in play(kit, ["--ids-file", str(chosen), "--jobs", "1", "-v"])}
    return [again.get(row["id"], row) for row in rows]


def passed(rows: list[Row]) -> set[str]:
    """Return the ids of the cases that passed."""
    return {row["id"] for row in rows if row["result"] == "passed"}


def exempt(rows: list[Row]) -> list[Row]:
    """Say of what failed and can't pass why; it counts as not played."""
    reasons: dict[str, str] = json.loads(EXEMPT.read_text(encoding="utf-8")) if EXEMPT.exists() else {}
    excused = {row["id"] for row in rows if row["result"] == "failed" and row["id"] in reasons}
    for name in sorted(excused):
        print(f"exempt: {name.rpartition('::')[2]}: {reasons[name]}")
    return [row | {"result": "unsupported"} if row["id"] in excused else row for row in rows]


def show(rows: list[Row], before: set[str]) -> None:
    """Print a table: by class, what passed, what did before, what is new."""
    ids_by_class = {klass: {row["id"] for row in rows if row["class"] == klass} for klass in CLASSES.split(",")}
    results = Counter((row["class"], row["result"]) for row in rows)
    now = passed(rows)
    print(f"\n{'class':24}{'cases':>8}{'passed':>8}{'failed':>8}{'not played':>12}{'before':>8}{'new':>6}")
    for klass, ids in ids_by_class.items():
        counts = [results[klass, result] for result in ("passed", "failed", "unsupported")]
        print(
            f"{klass:24}{len(ids):8}{counts[0]:8}{counts[1]:8}{counts[2]:12}"
            f"{len(ids & before):8}{len(ids & now - before):6}"
        )


def main() -> int:
    """Do what the command line says."""
    options = arguments()
    kit = find_kit()
    if kit is None:
        print("the recorded cases are not here (STEPWELL_CONFORMANCE, ../shared/conformance): nothing is played")
        return 0
    before = set(json.loads(PASSING.read_text(encoding="utf-8"))) if PASSING.exists() else set()
    chosen = ["--class", CLASSES, "--jobs", str(options.jobs), "--timeout", str(options.timeout)]
    for name in ("area", "id"):
        if value := getattr(options, name):
            chosen += [f"--{name}", value]
    rows = play(kit, [*chosen, *(["-v"] if options.verbose else [])])
    asked = {row["id"] for row in rows} if options.area or options.id else before
    if back := (before & asked) - passed(rows):
        rows = play_again(kit, rows, back)
    rows = exempt(rows)
    show(rows, before)
    now = passed(rows)
    back = (before & asked) - now
    if options.update:
        kept = (before | now) - (back if options.force else set())
        PASSING.write_text(json.dumps(sorted(kept), indent=1) + "\n", encoding="utf-8")
        print(f"{PASSING.relative_to(ROOT)}: {len(kept)} cases, before {len(before)}")
    for name in sorted(back):
        print(f"PASSED BEFORE, AND NOT NOW: {name}")
    return 1 if back and not (options.update and options.force) else 0


if __name__ == "__main__":
    sys.exit(main())
