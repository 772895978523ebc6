#!/bin/sh
# Writes docs/accuracy.md and its charts: the error of every dataset in tests/truth against the program, failures as openly
# as successes. Environment: VRAMSWEEP, the program.
set -eu
cd "$(dirname "$0")/.."
charts=$(mktemp -d)
trap 'rm -rf "$charts"' EXIT
{
    cat <<'TEXT'
# Error against measurements

Made by `make docs` from the rows in `tests/truth/`, which name their sources. Every row can be printed:
`vramsweep accuracy --rows --catalogs tests/truth/training-models.csv tests/truth/*_*.csv`.
What the terms mean: [formulas.md](formulas.md); what is known to be missing: [training.md](training.md).

Files: `gguf` holds what llama.cpp's own quantizer makes, as far as the source tells: the recorded type is one of its
file types, and neither name nor thread speak of types picked tensor by tensor (`gguf-dynamic`). Logs of a fork, which
quantizes by rules of its own, are `gguf-fork`. The column `cause` of a row says what explains its error where that is
known; the row keeps its dataset. `checkpoints` counts everything in a repository's weight files (term `checkpoint`);
MLX and MLC conversions drop MTP layers (term `weights`).

TEXT
    "${VRAMSWEEP:-./vramsweep}" accuracy --format md -o - --charts "$charts" --catalogs tests/truth/training-models.csv \
        tests/truth/*_*.csv
    for picture in "$charts"/*.png; do
        name=$(basename "$picture" .png)
        printf '\n![Predicted over measured: %s](images/%s.png)\n' "${name#accuracy-}" "$name"
        cp "$picture" docs/images/
    done
} >docs/accuracy.md.tmp
mv docs/accuracy.md.tmp docs/accuracy.md
