"""Sets up the project's environment on a machine that has python3 and a package index.

Installs uv into .tools, chooses one of the two lanes of uv.lock by the Python that is there (COUNTERPOISE_PYTHON
decides by hand), and syncs .venv. Runs on any Python 3.6 or later, and needs neither pip nor venv.
"""

import glob
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from urllib.request import urlopen

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools")
UV = os.path.join(TOOLS, "bin", "uv")

# What each lane of uv.lock runs on, the Python to be preferred first.
OLD = "3.10"
MODERN = ("3.13", "3.12", "3.11")
# TFDV and ML Metadata of the modern lane have wheels for this glibc and later ones alone.
MODERN_GLIBC = (2, 39)
VARIABLE = "COUNTERPOISE_PYTHON"


def main():
    os.chdir(ROOT)
    if not os.path.exists(UV):
        uv_by_pip() or uv_from_lock()
    version, reason = choose_python()
    print("Python {} ({}): {}.".format(version, lane_of(version), reason), flush=True)
    python = find_python(version) or fetch_python(version)
    if python is None:
        sys.exit(
            "Counterpoise needs Python {0}, and none could be found or fetched: install Python {0} "
            "(as python{0} on the PATH, or with pyenv) and run this again.".format(version)
        )
    extras = [word for extra in sys.argv[1:] for word in ("--extra", extra)]
    # Where Python may write no byte code, each of a run's processes would compile TensorFlow anew.
    sync = [UV, "sync", "--locked", "--quiet", "--compile-bytecode", "--python", python, "--extra", "dev"]
    status = subprocess.call(sync + extras)
    if not status:
        # By its name the Makefile tells whether .venv is of the Python that is asked for.
        open(os.path.join(".venv", ".python-" + version), "w").close()
    sys.exit(status)


def choose_python():
    """Returns the version of Python to set up with, and why it is that one."""
    asked = os.environ.get(VARIABLE)
    glibc = glibc_version()
    is_new = glibc >= MODERN_GLIBC
    if asked:
        if asked != OLD and asked not in MODERN:
            fail("Expected {}, 3.11, 3.12 or 3.13. Received: {}={}.".format(OLD, VARIABLE, asked))
        if asked in MODERN and not is_new:
            fail(
                "{}={} needs glibc {} or later, and this machine has {}: set {}={}, or leave it out.".format(
                    VARIABLE, asked, dotted(MODERN_GLIBC), dotted(glibc) or "none", VARIABLE, OLD
                )
            )
        return asked, VARIABLE + " asks for it"
    present = environment_version()
    if present in (OLD,) + MODERN:
        return present, ".venv has it, and {} asks for no other".format(VARIABLE)
    if not is_new:
        has = "glibc " + dotted(glibc) if glibc else "no glibc"
        return OLD, "this machine has {}, and the modern lane needs {}".format(has, dotted(MODERN_GLIBC))
    for version in MODERN:
        if has_headers(version):
            return version, "glibc {} and this Python are there".format(dotted(glibc))
    return OLD, "no Python 3.11 to 3.13 with its headers is there (python3-dev)"


def lane_of(version):
    return "TensorFlow 2.15, Keras 2" if version == OLD else "TensorFlow 2.21, Keras 3"


def dotted(version):
    return ".".join(map(str, version))


def glibc_version():
    """Returns the version of the C library as numbers, `(2, 36)`; `()` where it is another one."""
    name, version = platform.libc_ver()
    numbers = re.match(r"(\d+)\.(\d+)", version) if name == "glibc" else None
    return tuple(map(int, numbers.groups())) if numbers else ()


def environment_version():
    """Returns the Python version of .venv, `3.13`, or None where there is none."""
    try:
        with open(os.path.join(".venv", "pyvenv.cfg")) as handle:
            found = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", handle.read(), re.MULTILINE)
    except OSError:
        return None
    return found and found.group(1)


def has_headers(version):
    """Tells whether a Python is there with its headers, which a package of TFDV's without a wheel is built with."""
    look = "import os, sysconfig as s; print(os.path.exists(os.path.join(s.get_path('include'), 'Python.h')))"
    python = find_python(version)
    with open(os.devnull, "w") as nowhere:
        try:
            return python and subprocess.check_output([python, "-c", look], stderr=nowhere).strip() == b"True"
        except (OSError, subprocess.CalledProcessError):
            return False


def fail(message):
    """Ends with the exit status of bad input."""
    print(message, file=sys.stderr)
    sys.exit(2)


def uv_by_pip():
    """Installs uv with pip, which knows of the machine's own package index; returns whether it could."""
    target = os.path.join(TOOLS, "lib")
    with open("uv.lock") as handle:
        version = re.search(r'name = "uv"\nversion = "([^"]+)"', handle.read()).group(1)
    # uv is a binary: that its own metadata ask for a newer Python than this one does not matter.
    options = [
        "--quiet",
        "--disable-pip-version-check",
        "--ignore-requires-python",
        "--no-deps",
        "--target",
        target,
    ]
    command = [sys.executable, "-m", "pip", "install"] + options + ["uv==" + version]
    with open(os.devnull, "w") as nowhere:
        if subprocess.call(command, stdout=nowhere, stderr=nowhere):
            return False
    os.makedirs(os.path.dirname(UV), exist_ok=True)
    shutil.copy(os.path.join(target, "bin", "uv"), UV)
    shutil.rmtree(target)
    return True


def uv_from_lock():
    """Fetches the wheel of uv that uv.lock names, checks its hash, and takes the program out of it."""
    libc = "musllinux" if platform.libc_ver()[0] == "" else "manylinux"
    with open("uv.lock") as handle:
        lock = handle.read()
    wheels = re.findall(r'url = "([^"]+/uv-[^"]+\.whl)", hash = "sha256:([0-9a-f]+)"', lock)
    fitting = [
        wheel for wheel in wheels if libc in wheel[0] and wheel[0].endswith(platform.machine() + ".whl")
    ]
    if not fitting:
        sys.exit(
            "uv has no build for this machine ({}): install uv and put it at {}.".format(
                platform.platform(), UV
            )
        )
    url, expected = fitting[0]
    try:
        content = urlopen(url, timeout=120).read()
    except OSError as error:
        sys.exit("uv could not be fetched from the package index: {}. Is there a connection?".format(error))
    if hashlib.sha256(content).hexdigest() != expected:
        sys.exit(
            "The package index gave another uv than uv.lock names: the hash differs. Nothing was installed."
        )
    with zipfile.ZipFile(BytesIO(content)) as wheel:
        [name] = [name for name in wheel.namelist() if name.endswith("/scripts/uv")]
        os.makedirs(os.path.dirname(UV), exist_ok=True)
        with open(UV, "wb") as handle:
            handle.write(wheel.read(name))
    os.chmod(UV, 0o755)


def find_python(version):
    """Returns the path of a Python that is there, or None."""
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.check_output([UV, "python", "find", version], stderr=nowhere).decode().strip()
        except (OSError, subprocess.CalledProcessError):
            return pyenv_python(version)


def pyenv_python(version):
    """Returns the path of the latest one that pyenv has, or None.

    What pyenv puts on the PATH runs a version only where a file or a variable of its own names that version.
    """
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser(os.path.join("~", ".pyenv"))
    found = glob.glob(os.path.join(root, "versions", version + ".*", "bin", "python" + version))
    return max(found, key=lambda path: [int(one) for one in re.findall(r"\d+", path)], default=None)


def fetch_python(version):
    """Fetches a Python, and returns its path, or None where that cannot be."""
    with open(os.devnull, "w") as nowhere:
        if subprocess.call([UV, "python", "install", version], stdout=nowhere, stderr=nowhere):
            return None
    return find_python(version)


if __name__ == "__main__":
    main()
