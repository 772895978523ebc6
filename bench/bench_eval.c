/*
 * bench_eval.c - a list of scenarios from end to end: read, looked up, evaluated, written; with a GPU, the inverse
 * questions too. Twin: the same answers row by row with getline, strsep and fprintf. Floor: reading the list and
 * writing as many bytes as the answers take, to /dev/null.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "sweep/command.h"
#include "sweep/scenario.h"

enum { ROWS = 20000, FIELDS = 7 };

static const sweep_column columns[FIELDS] = {SC_MODEL, SC_WEIGHTS, SC_KV, SC_CONTEXT, SC_BATCH, SC_LAYOUT, SC_GPU};
static const sweep_catalogs *catalogs;
static const char *list, *answers;
static size_t n_text;
static FILE *sink;

static void eval_to(const char *to, int threads) {
    static sweep_ctx ctx;
    char *const args[] = {(char *)list};
    const sweep_options o = {
        .command = SWEEP_CMD_eval, .quiet = 1, .out = to, .threads = threads, .args = args, .n_args = 1};
    memset(&ctx, 0, sizeof ctx);
    ctx.options = &o;
    arena_init(&ctx.mem, NULL, NULL);
    bench_keep(sweep_cmd_eval(&ctx));
    arena_fini(&ctx.mem);
}

static void eval_one(void) {
    eval_to("/dev/null", 1);
}

static void eval_two(void) {
    eval_to("/dev/null", 2);
}

static void put_answer(FILE *out, const sweep_scenario *sc, const sweep_answer *a) {
    for (unsigned k = 0; k < KERN_COMPONENTS; k++)
        fprintf(out, ",%.0f", a->component[k]);
    fprintf(out, ",%.0f", a->total);
    if (!sc->gpu) {
        fputs(",,,,,,,,ok\n", out);
        return;
    }
    fprintf(out, ",%.0f,%.0f,%s,", floor(a->usable), floor(a->headroom), a->fits ? "yes" : "no");
    if (a->min_gpus > 0) fprintf(out, "%.0f", a->min_gpus);
    fprintf(out, ",%.0f,%.0f,%.0f,ok\n", a->max_batch, a->max_context, a->kv_capacity);
}

/** One row as text, answered; the line is cut up. */
static void print_row(char *line, FILE *out) {
    static const sweep_place at = {.file = NULL};
    static diags faults;
    sweep_scenario sc;
    sweep_answer a;
    const char *text[SC_COLUMNS] = {NULL};
    char why[DIAG_TEXT], *rest = line;
    for (int i = 0; i < FIELDS; i++) {
        text[columns[i]] = strsep(&rest, ",\n");
        fprintf(out, "%s%s", i ? "," : "", text[columns[i]]);
    }
    if (sweep_scenario_build(catalogs, text, &at, &sc, &faults) != ERR_OK) return;
    if (sweep_scenario_answer(&sc, &a, why) == ERR_OK) put_answer(out, &sc, &a);
}

static void print_rows(FILE *out) {
    char *line = NULL;
    size_t cap = 0;
    FILE *in = fopen(list, "r");
    if (!in || getline(&line, &cap, in) < 0) return;
    fprintf(out,
            "%.*s,weights_bytes,kv_cache_bytes,activations_bytes,gradients_bytes,optimizer_bytes,overhead_bytes,"
            "total_bytes,usable_bytes,headroom_bytes,fits,min_gpus,max_batch,max_context,kv_capacity_tokens,status\n",
            (int)strcspn(line, "\n"), line);
    while (getline(&line, &cap, in) > 0)
        print_row(line, out);
    fclose(in);
    free(line);
}

static void print_null(void) {
    print_rows(sink);
}

static void read_and_write(void) {
    static char piece[1 << 16];
    int fd = open(list, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && read(fd, piece, sizeof piece) > 0)
        continue;
    close(fd);
    bench_write_raw("/dev/null", n_text, 0);
}

static char *file_text(const char *path, size_t *n) {
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t cap = 0;
    ssize_t got = in ? getdelim(&text, &cap, EOF, in) : -1;
    if (in) fclose(in);
    *n = got > 0 ? (size_t)got : 0;
    return text;
}

static int answers_agree(void) {
    char *want = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&want, &n);
    if (!out) return 0;
    print_rows(out);
    fclose(out);
    n_text = n;
    int same = n > 0;
    for (int threads = 1; same && threads <= 2; threads++) {
        eval_to(answers, threads);
        size_t n_got;
        char *got = file_text(answers, &n_got);
        same = got && n_got == n && memcmp(got, want, n) == 0;
        free(got);
    }
    remove(answers);
    free(want);
    return same;
}

int bench_write_scenarios(const char *path, int n) {
    static const char *const weights[] = {"bf16", "fp8-channel", "int4-g128-awq", "q4_k_m", "q8_0"};
    static const char *const kv[] = {"bf16", "fp8", "q8_0"};
    static const char *const layouts[] = {"tp1", "tp2", "tp4", "tp8"};
    static const char *const models[] = {"llama-3.1-8b", "llama-3.1-70b",    "qwen3-8b",     "qwen3-32b",
                                         "deepseek-v3",  "mistral-nemo-12b", "qwen3-30b-a3b"};
    static const char *const gpus[] = {"", "h100-sxm", "b200", "rtx-4090"};
    FILE *out = fopen(path, "w");
    if (!out) return 0;
    fputs("model,weights,kv,context,batch,layout,gpu\n", out);
    for (int i = 0; i < n; i++) {
        fprintf(out, "%s,%s,%s,%dk,%d,%s,%s\n", models[i % 7], weights[i / 7 % 5], kv[i / 35 % 3], 1 + i / 105 % 64,
                1 + i % 256, layouts[i / 13 % 4], gpus[i / 5 % 4]);
    }
    return fclose(out) == 0;
}

int bench_add_eval(bench_set *set) {
    catalogs = set->catalogs;
    sink = fopen("/dev/null", "w");
    list = arena_printf(catalogs->mem, "%s/scenarios.csv", set->scratch);
    answers = arena_printf(catalogs->mem, "%s/answers.csv", set->scratch);
    if (!sink || !list || !answers || !bench_write_scenarios(list, ROWS)) return 0;
    set->item[set->n++] = (bench_case){.name = "eval: a list of 20,000 scenarios to /dev/null",
                                       .unit = "row",
                                       .units = ROWS,
                                       .ours = eval_one,
                                       .two = eval_two,
                                       .plain = print_null,
                                       .plain_means = "getline, fprintf",
                                       .floor = read_and_write,
                                       .floor_means = "reading and writing the bytes",
                                       .agree = answers_agree};
    return 1;
}
