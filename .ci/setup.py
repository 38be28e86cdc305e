"""Sets up the project's environment on a machine that has python3 and a package index.

Installs uv into .tools, finds or fetches the Python that .python-version names, and syncs .venv from
uv.lock. Runs on any Python 3.6 or later, and needs neither pip nor venv.
"""

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


def main():
    os.chdir(ROOT)
    if not os.path.exists(UV):
        uv_by_pip() or uv_from_lock()
    with open(".python-version") as handle:
        version = handle.read().strip()
    if not has_python(version):
        sys.exit(
            "Counterpoise needs Python {0}, and none could be found or fetched: install Python {0} "
            "(as python{0} on the PATH, or with pyenv) and run this again.".format(version)
        )
    extras = [word for extra in sys.argv[1:] for word in ("--extra", extra)]
    # Where Python may write no byte code, each of a run's processes would compile TensorFlow anew.
    sync = [UV, "sync", "--locked", "--quiet", "--compile-bytecode", "--extra", "dev"]
    sys.exit(subprocess.call(sync + extras))


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


def has_python(version):
    """Finds a Python, or fetches one; returns whether there is one."""
    with open(os.devnull, "w") as nowhere:
        found = subprocess.call([UV, "python", "find", version], stdout=nowhere, stderr=nowhere) == 0
        return (
            found or subprocess.call([UV, "python", "install", version], stdout=nowhere, stderr=nowhere) == 0
        )


if __name__ == "__main__":
    main()
