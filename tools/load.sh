#!/bin/bash
# Work by the billion in flat memory: scenarios that are added up, rows that are written, config.json files that are
# imported, catalogs of a million rows. Each part prints its time and the most memory it took, counts what came out, and
# fails over its bound (200 MB where memory must not grow with the work). LOAD=N takes an N-th of each.
# Environment: VRAMSWEEP, the program.
set -u
cd "$(dirname "$0")/.." || exit 2
program=${VRAMSWEEP:-$PWD/vramsweep}
part=${LOAD:-1}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
bad=0
"${CC:-cc}" -O1 -std=c11 -D_GNU_SOURCE -o "$scratch/peak" tools/peak.c || exit 2
cd "$scratch" || exit 2

run() { # what, most megabytes, command
    local status=0
    ./peak "$@" || status=$?
    [ $status = 0 ] || echo "FAILED: $1: status $status$([ $status = 99 ] && echo ", more than $2 MB")"
    [ $status = 0 ] || bad=1
}
expect() { # what, found, wanted
    [ "$2" = "$3" ] || { echo "FAILED: $1: $2, expected $3"; bad=1; }
}

# ---- 10^9 scenarios, added up: every cell of a grid held against every GPU of a kind
batches=$((4000 / part))
cat >reduce.yaml <<C
sweep: {model: [llama-3.1-8b, qwen3-8b, gemma-2-9b, mamba2-2.7b], context: 1k..1000k +1k, batch: 1..$batches +1,
        gpu: "*"}
reports:
  - reduce: all.csv
C
run "scenarios added up" 200 "$program" run reduce.yaml -q -o reduced
cells=$(awk -F, 'NR > 1 { cells += $10 } END { printf "%.0f", cells }' reduced/all.csv)
echo "    $cells scenarios"
[ "$cells" -ge $((1000000000 / part)) ] || { echo "FAILED: fewer than 10^9 scenarios"; bad=1; }

# ---- 10^8 rows
batches=$((10000 / part))
cat >rows.yaml <<C
sweep: {model: [llama-3.1-8b, qwen3-8b], context: 1k..1000k +1k, batch: 1..$batches +1, gpu: [h100-sxm, b200, l40s, rtx-4090, mi300x]}
reports:
  - csv: /dev/null
C
"$program" run rows.yaml --dry-run --allow-outside | sed 's/^/    /'
run "10^8 rows as CSV to /dev/null" 200 "$program" run rows.yaml -q -o rows --allow-outside
awk -v n=$((1000000 / part)) 'BEGIN { print "model,context,batch"; for (i = 0; i < n; i++) printf "llama-3.1-8b,%d,%d\n", 1 + i, 1 + i % 64 }' |
    run "a list of $((1000000 / part)) scenarios" 200 "$program" eval - -o /dev/null

# ---- 100,000 config.json files
files=$((100000 / part))
mkdir configs
awk -v n=$files 'BEGIN {
    for (i = 0; i < n; i++) {
        f = sprintf("configs/m%06d.json", i)
        printf "{\"architectures\":[\"LlamaForCausalLM\"],\"hidden_size\":4096,\"num_hidden_layers\":%d,", 1 + i % 120 >f
        printf "\"num_attention_heads\":32,\"num_key_value_heads\":8,\"intermediate_size\":14336,\"vocab_size\":%d,", 32000 + i >f
        print "\"max_position_embeddings\":8192,\"tie_word_embeddings\":false,\"torch_dtype\":\"bfloat16\",\"hidden_act\":\"silu\"}" >f
        close(f)
        print f >"list"
    }
}'
run "import of $files config.json files" 200 "$program" import --files-from list -o some-models.csv
expect "imported rows" "$(wc -l <some-models.csv)" $((files + 1))
some=$((files < 10000 ? files : 10000)) # as many names as any system takes
run "the first $some by arguments" 200 sh -c 'exec "$0" import $(head -'$some' list) -o again-models.csv' "$program"
head -$((some + 1)) some-models.csv | cmp - again-models.csv || bad=1
run "import of $files damaged files" 200 sh -c 'sed "s/json$/none/" list | "$0" import --files-from - >none 2>&1; [ $? = 2 ]' "$program"

# ---- catalogs of a million rows
n=$((1000000 / part))
awk -v n=$n 'BEGIN {
    print "name,display_name,family,params_total,params_total_exact,hidden_size,num_layers,num_q_heads,num_kv_heads,head_dim,v_head_dim,intermediate_size,vocab_size,tie_embeddings,gated_mlp,attn_bias,qk_norm,norm,position,max_position,native,layer_groups,source"
    for (i = 0; i < n; i++) printf "load-%d,Model %d,llama,8030261248,no,4096,32,32,8,128,128,14336,128256,no,yes,none,none,rms,rope,131072,bf16,32*attn+mlp,load\n", i, i
}' >load-models.csv
awk -v n=$n 'BEGIN {
    print "provider,instance,gpu,gpu_count,usd_per_hour_on_demand,date,source"
    for (i = 0; i < n; i++) printf "p%d,i%d,h100-sxm,8,%.2f,2026-01-01,load\n", i % 100, i, 10 + i / 1e5
}' >load-prices.csv
awk -v n=$n 'BEGIN {
    print "name,display_name,vendor,architecture,marketed_gb,usable_mib,usable_basis,max_per_node,street_usd,source"
    for (i = 0; i < n; i++) printf "g-%d,G %d,V,x,80,75000,rule,8,%d,load\n", i, i, 1000 + i
}' >load-gpus.csv
printf 'model,gpu\nload-%d,h100-sxm\nload-1,h100-sxm\n' $((n - 1)) >two.csv
run "$n models, two looked up" 3000 "$program" eval --catalogs load-models.csv two.csv -o answers.csv
expect "answers" "$(grep -c ',ok$' answers.csv)" 2
run "$n models, a wrong name" 3000 sh -c '! "$0" explain --catalogs load-models.csv model=load-x 2>said' "$program"
grep -q 'did you mean' said || { echo "FAILED: no right name is near"; bad=1; }
run "$n prices" 1000 "$program" check -q load-prices.csv
run "$n GPUs" 1500 "$program" check -q load-gpus.csv
{ head -1 load-prices.csv && yes 'p,i,h100-sxm,8,1,2026-01-01,load' | head -$n; } >twice-prices.csv
run "$n rows that repeat one" 1000 sh -c '! "$0" check twice-prices.csv 2>said' "$program"
grep -q 'stands twice' said || { echo "FAILED: repeated rows are taken"; bad=1; }
if [ "$part" = 1 ]; then
    { head -1 load-prices.csv && awk 'BEGIN { for (i = 0; i < 2000001; i++) printf "p,i%d,h100-sxm,8,1,2026-01-01,load\n", i }'; } >many-prices.csv
    run "more rows than are accepted" 1500 sh -c '! "$0" check many-prices.csv 2>said' "$program"
    grep -q 'more than 2,000,000 rows' said || { echo "FAILED: the bound on rows is not told"; bad=1; }
fi
[ $bad = 0 ] && echo "load: all parts passed"
exit $bad
