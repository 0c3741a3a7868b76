"""Make the environment that a command needs, or say in one sentence what is missing.

    python tools/environment.py VENV book       what reading and building the book needs
    python tools/environment.py VENV test       what the chapters and the tests need as well
    python tools/environment.py VENV check      only: is this Python new and whole enough?

It is run by the system's Python, which may be old: nothing below is newer than Python 3.6 but the
modules that it asks for.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys

NEEDED = {"book": ["-r", "requirements-book.txt"], "test": ["-e", ".[chapters,test]"]}
FILES = {"book": ["requirements-book.txt", "constraints.txt"]}
FILES["test"] = FILES["book"] + ["pyproject.toml", "setup.py"]
"""What an environment is made from: when one of them changes, it is installed again."""
SIZE = {"book": 0.3, "test": 3.0}
"""Gigabytes on the disk."""
UNREACHED = re.compile(
    "NameResolution|name resolution|Name or service|Network is unreachable|Connection refused"
    "|NewConnectionError|ConnectTimeout|Read timed out|ProxyError|No route to host",
    re.I,
)
UNKNOWN = re.compile("No matching distribution found for (\\S+)")


def stop(sentence):
    """End with one sentence on stderr."""
    sys.exit(sentence)


def check_python():
    """Stop unless this Python is 3.11 or newer, and can make environments."""
    if sys.version_info < (3, 11):  # noqa: UP036
        stop(
            "Python 3.11 or newer is needed, and {} is {}.{}: install one and say which, as in "
            "make book PYTHON=python3.11.".format(sys.executable, *sys.version_info[:2])
        )
    try:
        import ensurepip
        import venv
    except ImportError:
        stop("Python was installed without venv: install it (on Debian: apt install python3-venv).")
    return ensurepip, venv


def python_of(folder):
    """Path of an environment's interpreter."""
    return os.path.join(folder, "Scripts" if os.name == "nt" else "bin", "python")


def is_whole(folder):
    """Whether the environment starts, has pip, and stands where it was made.

    One that a reader has made by hand, perhaps with a torch of their own, is taken as it is.
    """
    here, stamp = os.path.abspath(folder), os.path.join(folder, "created")
    starts = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        if subprocess.call([python_of(folder), "-c", starts], stderr=subprocess.DEVNULL):
            return False
        if not os.path.exists(stamp):
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(here)
        with open(stamp, encoding="utf-8") as file:
            return file.read() == here
    except (OSError, UnicodeError):
        return False


def create(folder):
    """Make an empty environment; one that was left unfinished, moved or broken is made anew."""
    holds = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    whole = "pyvenv.cfg" in holds or not holds - {"bin", "include", "lib", "lib64", "Scripts"}
    if os.path.exists(folder) and not (whole and os.path.isdir(folder)):
        stop(f"{folder} is in the way: it is not a Python environment; move it.")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", folder], capture_output=True, text=True
    )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        stop(f"The environment {folder} cannot be made: {last_line(done)}")
    with open(os.path.join(folder, "created"), "w", encoding="utf-8") as file:
        file.write(os.path.abspath(folder))


def last_line(done):
    """What a command said last."""
    lines = (done.stderr + done.stdout).strip().splitlines()
    return lines[-1] if lines else "no reason was given."


def wanted(what):
    """A number for what the files ask for."""
    digest = hashlib.sha256()
    for name in FILES[what]:
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def has(folder, what):
    """Whether this set was installed from the files as they are now."""
    try:
        with open(os.path.join(folder, what), encoding="utf-8") as file:
            return file.read() == wanted(what)
    except (OSError, UnicodeError):
        return False


def install(folder, what):
    """Install one set of packages; afterwards the file VENV/WHAT says from which files."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < SIZE[what]:
        stop(f"{SIZE[what]:.1f} GB of disk are needed and {free:.1f} are free.")
    print(f"Installing into {folder} (once; {SIZE[what]} GB).", flush=True)
    command = [python_of(folder), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["-q", "--retries", "2", "-c", "constraints.txt", *NEEDED[what]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        log = os.path.abspath(os.path.join(folder, "install.log"))
        with open(log, "w", encoding="utf-8") as file:
            file.write(done.stdout + done.stderr)
        if UNREACHED.search(done.stderr):
            reason = "the package index cannot be reached (is there a network?)"
        elif UNKNOWN.search(done.stderr):
            reason = f"there is no {UNKNOWN.search(done.stderr).group(1)} for this Python"
        else:
            reason = last_line(done)
        stop(
            "The packages could not be installed: {}; all that pip said is in {}, and the same "
            "command goes on from here.".format(reason.rstrip("."), log)
        )
    with open(os.path.join(folder, what), "w", encoding="utf-8") as file:
        file.write(wanted(what))


def main(folder, what):
    """Do what the command line says."""
    check_python()
    if what == "check":
        return
    if what not in NEEDED:
        stop(f"{what} is not one of book, test, check.")
    if not is_whole(folder):
        create(folder)
    for part in ("book", "test")[: 1 + (what == "test")]:
        if not has(folder, part):
            install(folder, part)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        stop("Interrupted; the same command goes on from here.")
    except OSError as error:
        stop(f"The environment cannot be made: {error}")
