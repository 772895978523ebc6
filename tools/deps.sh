#!/bin/sh
# Installs the Debian packages that the build needs and that are missing. When none is, no package manager is called.
# Arguments: more packages to check for. Exit 2 on a system without apt whose packages we cannot see.
set -eu

packages="gcc make libc6-dev libxlsxwriter-dev libcsv-dev libyaml-dev libjansson-dev zlib1g-dev libzstd-dev libcunit1-dev gnuplot-nox $*"

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    # Another system: fine when the headers are there already, else say what is needed.
    if printf '#include <xlsxwriter.h>\n#include <csv.h>\n#include <yaml.h>\n#include <jansson.h>\n#include <zlib.h>\n#include <zstd.h>\n#include <CUnit/CUnit.h>\n' |
        cc -E -x c - >/dev/null 2>&1; then
        exit 0
    fi
    echo "This is not Debian. Packages needed, by their Debian names: $packages" >&2
    exit 2
fi

missing=
for p in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "Root is needed to install:$missing" >&2; exit 2; }
    as_root=sudo
fi
echo "Installing:$missing"
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing" </dev/null
