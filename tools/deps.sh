#!/bin/sh
# Installs the Debian packages that the build needs and that are missing; when none is, no package manager is called.
# Arguments: more packages; `check` stands for those of `make check` and `make check-long`. On a system that is not
# Debian or like it: content when the headers are there, else names the packages and ends with 2. Environment:
# OS_RELEASE, the file that says which system this is.
set -eu

checks="clang clang-format clang-tidy cppcheck binutils libomp-14-dev valgrind gcovr locales libreoffice-calc zip unzip chromium \
libopenmpi-dev openmpi-bin"

more=
for word; do
    [ "$word" = check ] && word=$checks
    more="$more $word"
done
packages="gcc make libc6-dev libxlsxwriter-dev libcsv-dev libyaml-dev libjansson-dev zlib1g-dev libzstd-dev libxxhash-dev \
nettle-dev libcunit1-dev gnuplot-nox$more"

is_debian() {
    command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 &&
        grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null
}

has_headers() {
    for h in xlsxwriter.h csv.h yaml.h jansson.h zlib.h zstd.h xxhash.h nettle/sha2.h CUnit/CUnit.h omp.h; do
        printf '#include <stdio.h>\n#include <%s>\n' "$h"
    done | "${CC:-cc}" -fopenmp -E -x c -o /dev/null - >/dev/null 2>&1
}

if ! is_debian; then
    has_headers && exit 0
    echo "This is not Debian. Please install what these Debian packages hold:" >&2
    # shellcheck disable=SC2086  # words, so that blanks are single
    echo $packages >&2
    exit 2
fi

missing=
for p in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "Neither root nor sudo. Please install:$missing" >&2; exit 2; }
    as_root=sudo
fi
echo "Installing:$missing"
$as_root apt-get update -qq </dev/null || echo "The package lists could not be renewed; trying with those at hand." >&2
# shellcheck disable=SC2086  # one word per package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null
