#!/bin/sh
# Installs what vramsweep is compared with (Debian: numpy, pandas; npm, into the build folder: DuckDB, Polars), runs the
# comparison and rewrites docs/performance.md, its numbers and its chart. Arguments: vramsweep, vramsweep-mpi, our side
# of the comparison. Environment: BENCH_FLAGS, flags of the compiler; ROUNDS; FILES, folder for the files that are
# measured: the build folder, or /dev/shm where the disk is busy.
set -eu
cd "$(dirname "$0")/../.."
scratch=build/peers
packages='python3 python3-numpy python3-pandas'
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || packages="$packages nodejs npm"
# shellcheck disable=SC2086  # one word per package
tools/deps.sh $packages
mkdir -p "$scratch"
cp bench/peers/package.json bench/peers/*.mjs "$scratch"
# Polars' library is named, because npm leaves out optional packages whose C library it cannot tell.
npm install --prefix "$scratch" --no-audit --no-fund --no-package-lock --no-save --loglevel=error \
    "nodejs-polars-linux-$(node -p process.arch)-gnu@0.26.1" >/dev/null
/usr/bin/python3 bench/peers/drive.py --program "$1" --mpi "$2" --ours "$3" --scratch "$scratch" \
    --files "${FILES:-$scratch}" --rounds "${ROUNDS:-5}" --json "$scratch/performance.json"
cp "$scratch/performance.json" docs/performance.json
/usr/bin/python3 bench/peers/page.py docs/performance.json docs/performance.md docs/images/performance
