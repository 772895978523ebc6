/*
 * bench_run.c - a config's rows from end to end: planned, lowered, evaluated, formatted, written. Twin: the same rows
 * cell by cell with fprintf. Floor: writing as many bytes. And start-up: a process that answers one row, against one
 * that does nothing.
 */
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bench/bench.h"
#include "bench/grid.h"

extern char **environ;

static bench_grid grid;
static size_t n_text;
static FILE *sink;
static const char *path, *raw, *list, *program;

static void run_null(void) {
    bench_keep(bench_grid_write(&grid, "/dev/null", 1));
}

static void run_null_two(void) {
    bench_keep(bench_grid_write(&grid, "/dev/null", 2));
}

static void run_file(void) {
    bench_keep(bench_grid_write(&grid, path, 1));
    remove(path);
}

static void run_file_two(void) {
    bench_keep(bench_grid_write(&grid, path, 2));
    remove(path);
}

static void print_null(void) {
    bench_keep(bench_grid_print(&grid, sink));
}

static void write_raw(void) {
    bench_write_raw(raw, n_text, 1);
}

/** Whether the file at `path` holds exactly this text. */
static int file_is(const char *text, size_t n) {
    char *got = malloc(n + 1);
    FILE *in = fopen(path, "r");
    int same = got && in && fread(got, 1, n + 1, in) == n && memcmp(got, text, n) == 0;
    if (in) fclose(in);
    free(got);
    remove(path);
    return same;
}

static int rows_agree(void) {
    char *want = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&want, &n);
    int same = out && bench_grid_print(&grid, out) && fclose(out) == 0 && n == n_text;
    for (int threads = 1; same && threads <= 2; threads++)
        same = bench_grid_write(&grid, path, threads) && file_is(want, n);
    free(want);
    return same;
}

/** Size of what the twin prints. 0 when it cannot. */
static size_t printed_bytes(void) {
    FILE *out = fopen(path, "w");
    int ok = out && bench_grid_print(&grid, out);
    long n = ok ? ftell(out) : 0;
    if (out) fclose(out);
    remove(path);
    return n > 0 ? (size_t)n : 0;
}

/** Runs a command to its end; 1 when it succeeds. */
static int spawn(char *const argv[]) {
    pid_t child;
    int status = 1;
    if (posix_spawnp(&child, argv[0], NULL, NULL, argv, environ) != 0) return 0;
    return waitpid(child, &status, 0) == child && status == 0;
}

static int answer_one_row(const char *to) {
    return spawn((char *const[]){(char *)program, "eval", (char *)list, "-o", (char *)to, NULL});
}

static void start_up(void) {
    bench_keep(answer_one_row("/dev/null"));
}

static void start_nothing(void) {
    bench_keep(spawn((char *const[]){"true", NULL}));
}

static int answers(void) {
    static const char want[] = "model,context,weights_bytes,kv_cache_bytes,activations_bytes,gradients_bytes,"
                               "optimizer_bytes,overhead_bytes,total_bytes,usable_bytes,headroom_bytes,fits,min_gpus,"
                               "max_batch,max_context,kv_capacity_tokens,status\n"
                               "llama-3.1-8b,8k,16060522496,1073741824,0,0,0,0,17134264320,,,,,,,,ok\n";
    return answer_one_row(path) && file_is(want, sizeof want - 1);
}

static int write_list(void) {
    FILE *out = fopen(list, "w");
    if (!out) return 0;
    fputs("model,context\nllama-3.1-8b,8k\n", out);
    return fclose(out) == 0;
}

int bench_add_run(bench_set *set) {
    arena *mem = set->catalogs->mem;
    sink = fopen("/dev/null", "w");
    path = arena_printf(mem, "%s/rows.csv", set->scratch);
    raw = arena_printf(mem, "%s/raw", set->scratch);
    list = arena_printf(mem, "%s/one-row.csv", set->scratch);
    program = set->program;
    if (!sink || !path || !raw || !list || !write_list() || !bench_grid_open(&grid, "bench/run.yaml")) return 0;
    n_text = printed_bytes();
    const bench_case cases[] = {{.name = "run: 200,000 rows to /dev/null",
                                 .unit = "byte",
                                 .ours = run_null,
                                 .two = run_null_two,
                                 .plain = print_null,
                                 .plain_means = "fprintf cell by cell",
                                 .units = (double)n_text,
                                 .agree = rows_agree},
                                {.name = "run: 200,000 rows to a file",
                                 .unit = "byte",
                                 .ours = run_file,
                                 .two = run_file_two,
                                 .floor = write_raw,
                                 .floor_means = "writing the bytes",
                                 .units = (double)n_text,
                                 .agree = rows_agree},
                                {.name = "start-up: catalogs read, one row answered",
                                 .unit = "process",
                                 .ours = start_up,
                                 .floor = start_nothing,
                                 .floor_means = "a process that does nothing",
                                 .units = 1,
                                 .agree = answers}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        set->item[set->n++] = cases[i];
    return n_text > 0;
}
