#!/bin/sh
# Installs what is missing to build civex, then runs the command given, if any:
#
#   scripts/setup.sh                     install what is missing
#   scripts/setup.sh cargo test --locked the same, then the command, where it finds Rust and GDAL
#   scripts/setup.sh --tests …           also Chromium, in which tests open pages, and pyarrow, which reads GeoParquet
#
# Needed: a C compiler (it links the program), pkg-config (it finds GDAL) and GDAL with its headers
# (it reads and writes maps and rasters). Knows Debian, Ubuntu, Fedora and macOS; says what it
# installs before it does; asks nothing. Rust is not installed, only looked for: that is your choice.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
gdal_oldest=3.4    # the prebuilt bindings of the crate gdal-sys cover these versions
gdal_newest=3.12

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    say "$1"
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# True if version $1 is older than $2; only the first two numbers count.
older() {
    minor=${1#*.}
    other_minor=${2#*.}
    [ "${1%%.*}" -lt "${2%%.*}" ] ||
        { [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${minor%%[!0-9]*}" -lt "${other_minor%%[!0-9]*}" ]; }
}

# A compiler alone does not link: the C library's start file must be there as well.
has_compiler() {
    has cc || return 1
    if [ "$system" = Darwin ]; then
        xcode-select -p >/dev/null 2>&1
    else
        case $(cc -print-file-name=crt1.o) in */*) ;; *) return 1 ;; esac
    fi
}
has_pkg_config() { has pkg-config; }
has_gdal() { has pkg-config && pkg-config --exists gdal; }
# macOS has SQLite built in.
has_sqlite() { [ "$system" = Darwin ] || { has pkg-config && pkg-config --exists sqlite3; }; }

# A browser for tests; CIVEX_BROWSER may name one.
has_browser() {
    [ -z "$for_tests" ] || [ -n "${CIVEX_BROWSER:-}" ] || has chromium || has chromium-browser || has google-chrome ||
        [ -d /Applications/Chromium.app ] || [ -d "/Applications/Google Chrome.app" ]
}

has_venv() { [ -z "$for_tests" ] || has_pyarrow || python3 -c 'import venv, ensurepip' 2>/dev/null; }
has_ogrinfo() { [ -z "$for_tests" ] || has ogrinfo; }
# pyarrow in a folder of its own; CIVEX_PYTHON may name a Python that has it.
python=$here/target/python
has_pyarrow() {
    [ -z "$for_tests" ] || [ -n "${CIVEX_PYTHON:-}" ] || "$python/bin/python" -c 'import pyarrow' 2>/dev/null
}
install_pyarrow() {
    say "will install pyarrow into target/python: it reads GeoParquet in tests"
    python3 -m venv "$python" && "$python/bin/pip" install --quiet --disable-pip-version-check 'pyarrow>=16'
}

# Runs a command as root, by sudo only where needed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo; as root, run:" "$*"
    fi
}

# What is missing, as packages: $1 compiler, $2 pkg-config, $3 GDAL, $4 SQLite, $5 Chromium, $6 Python, $7 ogrinfo.
missing_packages() {
    packages=''
    has_compiler || { packages="$packages $1" && say "will install $1: a C compiler, to link the program"; }
    has_pkg_config || { packages="$packages $2" && say "will install $2: finds GDAL for the build"; }
    has_gdal || { packages="$packages $3" && say "will install $3: GDAL, reads and writes maps and rasters"; }
    has_sqlite || { packages="$packages $4" && say "will install $4: SQLite, which GeoPackages are made of"; }
    has_venv || { packages="$packages $6" && say "will install $6: Python, in which tests read GeoParquet"; }
    has_ogrinfo || { packages="$packages $7" && say "will install $7: ogrinfo, by which tests look at every format"; }
    has_browser || { packages="$packages $5" && say "will install $5: a browser, in which tests open pages"; }
}

# The lists of packages are words to be split.
# shellcheck disable=SC2086
install_missing() {
    if has apt-get; then
        missing_packages 'gcc libc6-dev' pkg-config libgdal-dev libsqlite3-dev chromium python3-venv gdal-bin
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
            install -qq -y --no-install-recommends $packages
    elif has dnf; then
        missing_packages 'gcc glibc-devel' pkgconf-pkg-config gdal-devel sqlite-devel chromium python3 gdal
        as_root dnf install -q -y $packages
    elif [ "$system" = Darwin ]; then
        has_compiler || fail "no C compiler; install Apple's and run this again:" "xcode-select --install"
        has brew || fail "no Homebrew, which GDAL comes from; see https://brew.sh, then run this again"
        missing_packages '' pkgconf gdal '' chromium python gdal
        # Homebrew refuses to run as root.
        brew install --quiet $packages
    else
        fail "neither apt-get, dnf nor brew here; install these yourself and run this again:" \
            "a C compiler, pkg-config, GDAL $gdal_oldest to $gdal_newest with its headers"
    fi
}

check_gdal() {
    gdal=$(pkg-config --modversion gdal)
    if older "$gdal" "$gdal_oldest"; then
        fail "GDAL $gdal is too old: $gdal_oldest or newer is needed" \
            "or build with GDAL inside: cargo build --release --locked --features bundled (some 20 minutes)"
    fi
    if older "$gdal_newest" "$gdal" && [ -z "${GDAL_VERSION:-}" ]; then
        # GDAL keeps its C interface: bindings of an older version work with a newer library.
        GDAL_VERSION=$gdal_newest.0
        export GDAL_VERSION
        say "GDAL $gdal is newer than the prebuilt bindings; building with GDAL_VERSION=$GDAL_VERSION"
        say "(for cargo by hand: export GDAL_VERSION=$GDAL_VERSION, or --features bindgen if libclang is there)"
    fi
}

check_rust() {
    # A fresh rustup is on the path only after the next login.
    has cargo || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/Cargo.toml")
    if ! has cargo; then
        fail "no Rust here; civex needs Rust $wanted or newer. To get it:" \
            "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" \
            "(or see https://rustup.rs), then run this again"
    fi
    version=$(cargo --version) || fail "cargo is there but does not run; see https://rustup.rs"
    rust=${version#cargo }
    rust=${rust%% *}
    if older "$rust" "$wanted"; then
        fail "Rust $rust is too old; civex needs $wanted or newer. To get it:" \
            "rustup update stable" "(without rustup, see https://rustup.rs)"
    fi
}

for_tests=''
if [ "${1:-}" = --tests ]; then
    for_tests=yes
    shift
fi
system=$(uname -s)
if ! { has_compiler && has_pkg_config && has_gdal && has_sqlite && has_browser && has_venv && has_ogrinfo; }; then
    install_missing
    has_gdal || fail "GDAL was installed, but pkg-config does not find it (pkg-config --exists gdal)"
fi
check_gdal
check_rust
has_pyarrow || install_pyarrow
if [ $# -gt 0 ]; then
    export PATH
    exec "$@"
fi
