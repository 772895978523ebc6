#!/bin/bash
# Makes the same results in many ways and compares every byte: each instruction set that this machine has, 1, 2, 3 and 7
# threads, programs built by two compilers; languages, time zones, umasks, hash seeds, other folders, an empty and a noisy
# environment, shuffled catalogs, SOURCE_DATE_EPOCH. Results are the files of the example configs and of
# tests/same/reports.yaml, and what the commands print. Arguments: instruction sets. Environment: VRAMSWEEP and OTHER, the
# programs of two compilers (OTHER may be missing); CONFIGS, other configs; CC, a compiler for the hash seeds.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
configs=${CONFIGS:-tests/same/reports.yaml $(ls configs/*.yaml configs/published/*.yaml | grep -v -e million -e whole-catalog)}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
bad=0 ways=0
fail() { echo "$*"; bad=1; }

# Scenarios of a list: every model with formats, recipes, optimizers, engines and GPUs in turn; some rows cannot be evaluated.
"$VRAMSWEEP" list models --format csv | awk -F, 'NR == 1 { print "id,model,weights,mode,optimizer,engine,gpu,context,batch"; next }
    { for (i = 0; i < 6; i++)
          printf "%d,%s,%s,%s,%s,%s,%s,%dk,%d\n", NR * 6 + i, $1, substr("bf16  q4_k_mnative", 6 * (NR % 3) + 1, 6),
              i < 3 ? "inference" : i < 5 ? "full-adafactor" : "no-such-mode", i == 4 ? "adamw" : i == 3 ? "sgd" : "",
              i == 1 ? "vllm" : i == 2 ? "sglang" : "", NR % 2 ? "h100-sxm" : "no-gpu", 2 ^ (NR % 8), NR % 33 + 1 }' |
    sed 's/  *,/,/' >"$scratch/scenarios.csv"

# What a program is run with: settings of the environment, a umask, a folder to find configs/ and tests/ in.
settings=() mask=022 home=$root

# The results of one way, in a new folder. Arguments: folder, program, options for the commands that take --threads.
results() {
    local out=$1 program=$2 config what
    shift 2
    run() { env ${settings[@]+"${settings[@]}"} "$program" "$@"; }
    cd "$home" && umask $mask && mkdir -p "$out/printed" || return 1
    for config in $configs; do
        run run "$config" --quiet -o "$out/$(basename "$config" .yaml)" "$@" || { echo "$config: status $?"; return 1; }
    done
    {
        for what in models gpus weights kv modes engines methods; do run list $what --format json || return 1; done
        run fit model=llama-3.3-70b weights=fp8-channel context=32k batch=8 "$@" &&
            run fit model=llama-3.1-405b mode=full-adamw-mixed gpu=h100-sxm gpus=256 layout=auto "$@" &&
            run fit model=mixtral-8x22b layout=auto gpus=8 --objective cost "$@" &&
            run explain model=deepseek-v3 context=128k layout=tp8 engine=vllm gpu=h200-sxm || return 1
    } >"$out/printed/questions"
    run eval "$scratch/scenarios.csv" --range "$@" >"$out/printed/scenarios.csv" 2>"$out/printed/faults"
    run eval - --format jsonl <"$scratch/scenarios.csv" "$@" >"$out/printed/scenarios.jsonl" 2>/dev/null
    run accuracy --catalogs tests/truth/training-models.csv tests/truth/*_*.csv --format md >"$out/printed/accuracy.md" || return 1
    run import tests/data/import/*.json --assume >"$out/printed/imported.csv" 2>"$out/printed/assumed"
    [ "$(wc -l <"$out/printed/scenarios.csv")" = "$(wc -l <"$scratch/scenarios.csv")" ]
}

# One way, compared with the reference, which is the first one. Arguments: its name, then settings, `--`, program, options.
reference='' ignored=''
way() {
    local name=$1 out=$scratch/way
    shift
    settings=()
    while [ "$1" != -- ]; do settings+=("$1"); shift; done
    shift
    ways=$((ways + 1))
    (results "$out" "$@") >"$scratch/log" 2>&1 || fail "$name: $(head -3 "$scratch/log")"
    if [ -z "$reference" ]; then
        reference=$scratch/reference
        mv "$out" "$reference"
        return
    fi
    # shellcheck disable=SC2086  # words
    diff -rq $ignored "$reference" "$out" >"$scratch/diff" || fail "$name: $(head -5 "$scratch/diff")"
    [ $mask = 022 ] || check_modes "$name" "$out"
    rm -rf "$out"
}
check_modes() { # every file and folder that the program made has what the umask leaves
    local files folders
    files=$(printf '%o' $((0666 & ~0$mask))) folders=$(printf '%o' $((0777 & ~0$mask)))
    find "$2" -mindepth 1 \( -type f ! -perm "$files" -o -type d ! -perm "$folders" \) -ls | grep . && fail "$1: other modes"
}
begin() { # a new reference, made by the way that follows
    rm -rf "$scratch/reference"
    reference=
}

# ---- instruction sets, threads, compilers; charts as scripts, since gnuplot knows nothing of these ----
begin
for isa in "$@"; do
    "$VRAMSWEEP" --version | grep -q " $isa (not" && { echo "skip: this machine has no $isa"; continue; }
    for threads in 1 2 3 7; do
        for program in "$VRAMSWEEP" ${OTHER:+"$OTHER"}; do
            way "$program, $isa, $threads threads" VRAMSWEEP_ISA="$isa" GNUPLOT=none -- "$program" --threads $threads
        done
    done
done

# ---- languages, time zones, hashes, memory, threads as the environment has them ----
begin
way plain -- "$VRAMSWEEP"
locales=$scratch/locales
mkdir "$locales"
for name in de_DE tr_TR; do
    localedef -i $name -f UTF-8 "$locales/$name.UTF-8" 2>"$scratch/log" ||
        fail "no locale $name (Debian package locales): $(head -1 "$scratch/log")"
    [ "$(LOCPATH=$locales LC_ALL=$name.UTF-8 bash -c 'printf %.1f 1,5')" = 1,5 ] || fail "the locale $name is not in use"
    way $name LOCPATH="$locales" LC_ALL=$name.UTF-8 LANGUAGE=de -- "$VRAMSWEEP"
done
way C.UTF-8 LC_ALL=C.UTF-8 TZ=Asia/Kathmandu -- "$VRAMSWEEP"
way 'parts of a locale' LOCPATH="$locales" LC_NUMERIC=de_DE.UTF-8 LC_COLLATE=tr_TR.UTF-8 LC_ALL= TZ=America/St_Johns -- "$VRAMSWEEP"
if "${CC:-cc}" -shared -fPIC -o "$scratch/hash_seed.so" tests/same/hash_seed.c -ljansson; then
    way 'hash seed 1' LD_PRELOAD="$scratch/hash_seed.so" JSON_SEED=1 -- "$VRAMSWEEP"
    way 'hash seed 4242' LD_PRELOAD="$scratch/hash_seed.so" JSON_SEED=4242 -- "$VRAMSWEEP"
else
    fail 'no hash seeds'
fi
way 'dirty memory' MALLOC_PERTURB_=165 MALLOC_ARENA_MAX=1 -- "$VRAMSWEEP"
way 'clean memory' MALLOC_PERTURB_=255 MALLOC_TOP_PAD_=0 -- "$VRAMSWEEP"
way 'noisy environment' OMP_NUM_THREADS=5 OMP_SCHEDULE=dynamic,1 OMP_DYNAMIC=true OMP_WAIT_POLICY=passive COLUMNS=31 \
    TERM=dumb NO_COLOR=1 CLICOLOR_FORCE=1 TMPDIR="$scratch" MALLOC_CHECK_=3 -- "$VRAMSWEEP"
cat >"$scratch/bare" <<E
#!/bin/sh
exec env -i PATH="$PATH" '$VRAMSWEEP' "\$@"
E
chmod +x "$scratch/bare"
way 'empty environment' -- "$scratch/bare"

# ---- another folder, another path to the program; then the rows of its catalogs in another order ----
copy="$scratch/a folder, 学習"
mkdir "$copy"
cp -r configs "$copy/"
mkdir "$copy/tests"
cp -r tests/same tests/truth tests/data "$copy/tests/"
ln -s "$VRAMSWEEP" "$copy/program"
home=$copy
way 'another folder' VRAMSWEEP_CATALOGS="$copy/configs/catalogs" -- "$copy/program"

# Rows with a name stand in any order. The rules of one mix or reserve keep theirs, for the first that applies decides, and
# so do lists whose order is what they say: quality, recommendations, images, published cells.
shuffle() { # a catalog, a seed
    local together=0
    case $1 in */mixes.csv | */reserves.csv) together=1 ;; esac
    awk -F, -v seed="$2" -v together=$together 'BEGIN { srand(seed) } NR == 1 { print "0\t0\t" $0; next }
        { if (!together || !($1 in place)) place[$1] = 1 + rand(); print place[$1] "\t" NR "\t" $0 }' "$1" |
        sort -t "$(printf '\t')" -k1,1g -k2,2n | cut -f 3- >"$1.new"
    cmp -s "$1" "$1.new" && [ "$(wc -l <"$1")" -gt 9 ] && fail "$1 did not change"
    mv "$1.new" "$1"
}
ignored='-x .vramsweep' # it holds the digests of the catalogs
for seed in 1 2; do
    for name in models formats mixes modes engines reserves methods gpus prices; do
        for f in "$copy"/configs/catalogs/$name.csv "$copy"/configs/published/*/$name.csv; do
            [ ! -e "$f" ] || shuffle "$f" $seed
        done
    done
    way "catalogs shuffled, seed $seed" VRAMSWEEP_CATALOGS="$copy/configs/catalogs" -- "$copy/program"
done

home=$root ignored=

# ---- umask: the same bytes, and the modes that it asks for ----
for mask in 077 000 027; do way "umask $mask" -- "$VRAMSWEEP"; done
mask=022

# ---- SOURCE_DATE_EPOCH: nothing but workbooks holds a date, and this is it, wherever one is ----
mkdir "$scratch/dates"
dated() { # folder, settings
    local out=$scratch/dates/$1
    shift
    settings=("$@") ways=$((ways + 1))
    (results "$out" "$VRAMSWEEP") >"$scratch/log" 2>&1 || fail "dates: $(head -3 "$scratch/log")"
}
dated one SOURCE_DATE_EPOCH=1700000000 TZ=Asia/Tokyo
dated two SOURCE_DATE_EPOCH=1700000000 TZ=America/New_York
diff -rq "$scratch/dates/one" "$scratch/dates/two" || fail 'SOURCE_DATE_EPOCH: two time zones differ'
diff -rq -x .vramsweep "$reference" "$scratch/dates/one" | awk '{ print $2 }' >"$scratch/dated"
grep -v '\.xlsx$' "$scratch/dated" && fail 'SOURCE_DATE_EPOCH changes more than workbooks'
books=$(find "$scratch/dates/one" -name '*.xlsx')
[ "$(wc -l <"$scratch/dated")" = "$(wc -l <<<"$books")" ] || fail 'SOURCE_DATE_EPOCH: some workbooks do not have it'
for book in $books; do
    unzip -p "$book" docProps/core.xml | grep -q 2023-11-14T22:13:20Z || fail "$book: not the date asked for"
    unzip -Z -T "$book" | grep -v '19800[0-9]*\.' | grep '^-' && fail "$book: a date inside the archive"
done

[ $bad = 0 ] && echo "the same bytes in $ways ways: $(find "$reference" -type f | wc -l) files each"
exit $bad
