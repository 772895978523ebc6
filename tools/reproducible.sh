#!/bin/bash
# Builds and installs twice, with one compiler, from copies of the sources in folders of different names and depths, at
# different times, under different umasks, languages, time zones and numbers of jobs, and compares every installed file.
# The debugging information in the programs names no folder of the machine. Environment: MAKE, CC, JOBS.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD bad=0
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES SOURCE_DATE_EPOCH

build() { # folder, umask, jobs, settings
    local folder=$scratch/$1 mask=$2 jobs=$3
    shift 3
    mkdir -p "$folder" && umask "$mask" || return 1
    tar -C "$root" --exclude=./.git --exclude=./build --exclude=./out --exclude='./vramsweep*' -cf - . | tar -C "$folder" -xf - || return 1
    find "$folder" -name '*.c' -exec touch -d "$((RANDOM % 300)) days ago" {} +
    env "$@" "${MAKE:-make}" -s -C "$folder" "-j$jobs" "CC=${CC:-gcc}" PREFIX=/usr DESTDIR="$folder/installed" install >"$folder.log" 2>&1 ||
        { tail -5 "$folder.log"; return 1; }
}
(build one 022 1 LC_ALL=C TZ=UTC) || exit 1
sleep 1
(build 'another/one, much deeper/in the tree' 077 "${JOBS:-2}" LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu HOME=/nonexistent COLUMNS=31) || exit 1

first=$scratch/one/installed second="$scratch/another/one, much deeper/in the tree/installed"
diff -r "$first" "$second" || bad=1
modes() { (cd "$1" && find . -type f -printf '%m %p\n' | sort -k 2); }
diff <(modes "$first") <(modes "$second") || { echo 'the modes of installed files differ'; bad=1; }
grep -rlF "$scratch" "$first" && { echo 'the name of the folder is in what it built'; bad=1; }
[ $bad = 0 ] && (cd "$first" && echo "the same $(find . -type f | wc -l) files twice; $(sha256sum usr/bin/vramsweep)")
exit $bad
