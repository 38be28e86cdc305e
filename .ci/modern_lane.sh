#!/usr/bin/env bash
# Runs a command of the project in the modern lane: Python 3.11 to 3.13 with TensorFlow 2.21 and Keras 3.
#
#   .ci/modern_lane.sh COMMAND...    in a copy of the commit that is checked out here, after `make setup`
#
# Where the machine has such a Python and glibc 2.39, the copy is set up on the machine itself. Elsewhere, as root, it is
# set up inside a Debian 13 system of its own, which is made once, in some minutes, and takes 5 GB. Both are kept in
# COUNTERPOISE_CACHE, by default ~/.cache/counterpoise, and brought up to date by every call. The folder that
# COUNTERPOISE_SHARED names is the command's at the same path.
#
# Exit status: the command's; 75 where the machine lacks the means, with the reason as the last line.
set -euo pipefail
cd "$(dirname "$0")/.."
source_folder=$PWD
cache=${COUNTERPOISE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/counterpoise}
root=$cache/debian13
log=$cache/modern_lane.log
# Of the machine's settings, what the way to packages depends on.
passed_on=(http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_INDEX_URL UV_INDEX_URL UV_DEFAULT_INDEX
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE PIP_CERT CI)

lack() {
    echo "The modern lane cannot be set up here: $1" >&2
    exit 75
}

# The version of a Python of the modern lane that this machine itself can run, or nothing.
own_python() {
    local glibc version
    glibc=$(getconf GNU_LIBC_VERSION 2> /dev/null | cut -d' ' -f2) || return 0
    [ "$(printf '%s\n2.39\n' "$glibc" | sort -V | head -1)" = 2.39 ] || return 0
    for version in 3.13 3.12 3.11; do
        if command -v "python$version" > /dev/null; then echo "$version" && return; fi
    done
}

# The first mirror of Debian that apt is told of.
debian_mirror() {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2> /dev/null |
        grep -oE '(https?|mirror\+https?)://[^ ]*/debian/?( |$)' | head -1 | tr -d ' ' || true
}

make_root() {
    [ "$(id -u)" = 0 ] || lack "it needs glibc 2.39 or, to make a system that has it, root."
    unshare --mount --pid --fork true 2> /dev/null || lack "mounts are not allowed (unshare)."
    mkdir -p "$root" "$cache"
    if [ -e "$root/.made" ]; then return; fi
    [ "$(df --output=avail -BG "$cache" | tail -1 | tr -dc 0-9)" -ge 8 ] || lack "less than 8 GB are free at $cache."
    if ! command -v debootstrap > /dev/null; then
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y debootstrap; } > "$log" 2>&1 ||
            lack "debootstrap cannot be installed; see $log."
    fi
    local mirror
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || lack "apt names no mirror of Debian."
    # What a broken attempt has left. Nothing is ever mounted in it outside of a namespace that ends with its command.
    rm -rf --one-file-system "$root" && mkdir -p "$root"
    # The compiler and the headers are for a package of TFDV's that has no wheel.
    debootstrap --variant=minbase \
        --include=python3,python3-pip,python3-dev,g++,make,ca-certificates,git \
        trixie "$root" "$mirror" > "$log" 2>&1 || lack "debootstrap failed; see $log."
    copy_settings
    # For the tests of the pages; debootstrap does not get its dependencies right.
    in_root DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium' > "$log" 2>&1 ||
        lack "chromium cannot be installed in $root; see $log."
    touch "$root/.made"
}

# Files that the way to packages depends on, at the same places inside.
copy_settings() {
    local name file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.config/uv/uv.toml" \
        $(grep -lsE '^ *Acquire' /etc/apt/apt.conf.d/* || true); do
        [ ! -f "$file" ] || install -D -m 644 "$file" "$root$file"
    done
    cp -Ln /etc/ssl/certs/*.pem "$root/etc/ssl/certs/" 2> /dev/null || true
    install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    for name in "${passed_on[@]}"; do
        file=${!name:-}
        [ ! -f "$file" ] || install -D -m 644 "$file" "$root$file"
    done
}

# Brings a copy to the commit that is checked out here; what git does not know there stays, .venv above all.
check_out() {
    { [ -d "$1/.git" ] || git clone -q --no-checkout "$source_folder" "$1"; } && git -C "$1" fetch -q "$source_folder" HEAD &&
        git -C "$1" checkout -q -f --detach FETCH_HEAD || lack "git cannot read $source_folder."
}

in_root() {
    local name environment=(HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin)
    for name in "${passed_on[@]}"; do [ -z "${!name:-}" ] || environment+=("$name=${!name}"); done
    # Mounts and processes are those of a namespace that ends with the command, however that ends.
    unshare --mount --propagation private --pid --fork --kill-child bash -c '
        root=$1; shift
        mount -t proc proc "$root/proc"
        mount --rbind --make-rslave /sys "$root/sys"
        mount --rbind --make-rslave /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/dev/shm"
        if [ -n "${COUNTERPOISE_SHARED:-}" ]; then
            mkdir -p "$root$COUNTERPOISE_SHARED"
            mount --bind "$COUNTERPOISE_SHARED" "$root$COUNTERPOISE_SHARED"
        fi
        # Not by exec: the first process of a namespace is left the orphans, and this shell lets go of those that end.
        chroot "$root" /usr/bin/env -i "$@"
        exit $?' bash "$root" "${environment[@]}" "$@"
}

run() {
    if [ -n "$own" ]; then
        (cd "$copy" && env COUNTERPOISE_PYTHON="$own" "$@")
    else
        in_root COUNTERPOISE_PYTHON=3.13 bash -c 'cd /counterpoise && exec "$@"' bash "$@"
    fi
}

own=$(own_python)
mkdir -p "$cache"
if [ -n "$own" ]; then
    copy=$cache/modern
else
    make_root
    copy_settings
    copy=$root/counterpoise
fi
check_out "$copy"
if ! run make setup > "$log" 2>&1; then
    tail -n 20 "$log" >&2
    # Where packages cannot be had, nothing is wrong with the project.
    if grep -qiE 'failed to (fetch|download)|could not be fetched|error sending request|timed out|no space left' "$log"; then
        lack "the packages cannot be fetched; see $log."
    fi
    exit 1
fi
run "$@"
