#!/bin/bash
# Rewrites, in the Markdown files given, what stands between `<!-- output of: COMMAND -->` and `<!-- end -->`: the command
# and its standard output, as a fenced block. `vramsweep` is the program of this build. With CHECK=1 nothing is written:
# the differences are shown and the exit status is 1. Environment: VRAMSWEEP, the program.
set -eu
cd "$(dirname "$0")/.."
bad=0
vramsweep() { "$VRAMSWEEP" "$@"; }

rewritten() { # a Markdown file, to stdout
    local line command inside=
    while IFS= read -r line; do
        if [ "$line" = '<!-- end -->' ]; then inside=; fi
        if [ -z "$inside" ]; then printf '%s\n' "$line"; fi
        case $line in '<!-- output of: '*' -->')
            command=${line#<!-- output of: } command=${command% -->}
            printf '```console\n$ %s\n' "$command"
            eval "$command" </dev/null
            printf '```\n'
            inside=yes ;;
        esac
    done <"$1"
}

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
for page in "$@"; do
    rewritten "$page" >"$scratch"
    cmp -s "$page" "$scratch" && continue
    if [ -n "${CHECK:-}" ]; then
        diff -u "$page" "$scratch" || bad=1
    else
        cat "$scratch" >"$page"
        echo "rewritten: $page"
    fi
done
exit $bad
