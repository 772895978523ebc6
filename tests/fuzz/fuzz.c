/*
 * fuzz.c - catalogs, inputs as paths, and the checks that what was read is put through.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/text.h"
#include "kernels/eval/eval.h"
#include "sweep/limits.h"
#include "tests/fuzz/fuzz.h"

_Noreturn void fuzz_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

const sweep_catalogs *fuzz_catalogs(void) {
    static arena mem;
    static sweep_catalogs catalogs;
    static int loaded;
    if (loaded) return &catalogs;
    diags faults = {.n = 0};
    arena_init(&mem, NULL, NULL);
    if (sweep_catalogs_load(&catalogs, &mem, "configs/catalogs", NULL, 0, &faults) != ERR_OK) {
        diags_print(stderr, &faults);
        abort();
    }
    catalogs.imports = NULL; /* config_json columns would open files by the fuzzer's names */
    loaded = 1;
    return &catalogs;
}

static void *own_allocation(void *ctx, void *ptr, size_t bytes) {
    (void)ctx;
    if (bytes) return realloc(ptr, bytes);
    free(ptr);
    return NULL;
}

void fuzz_arena(arena *mem) {
    arena_init(mem, own_allocation, NULL);
}

const char *fuzz_path(const uint8_t *data, size_t n) {
    static int fd = -1;
    static char path[64];
    if (fd < 0) fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, n, 0) != (ssize_t)n) {
        perror("memfd");
        abort();
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

char *fuzz_text(const uint8_t *data, size_t n) {
    char *text = malloc(n + 1);
    if (!text) abort();
    if (n) memcpy(text, data, n);
    text[n] = 0;
    return text;
}

uint64_t fuzz_hash(const uint8_t *data, size_t n) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ data[i]) * 1099511628211u;
    return h ^ h >> 29;
}

void fuzz_faults(err e, const diags *faults) {
    FUZZ_CHECK(e >= ERR_OK && e < ERR_COUNT);
    FUZZ_CHECK(e == ERR_OK || faults->n > 0);
    FUZZ_CHECK(faults->n <= DIAG_MAX);
    for (int i = 0; i < faults->n; i++) {
        const char *text = faults->item[i].text;
        FUZZ_CHECK(*text && text_utf8(text, strlen(text), NULL));
    }
}

kern_scenario fuzz_scenario(void) {
    const sweep_catalogs *c = fuzz_catalogs();
    int older;
    return (kern_scenario){.model = sweep_find_model(c, "llama-3.1-8b"),
                           .weights = sweep_find_weights(c, "bf16"),
                           .k = sweep_find_kv(c, "bf16"),
                           .v = sweep_find_kv(c, "bf16"),
                           .mode = sweep_find_mode(c, "inference"),
                           .engine = sweep_find_engine(c, "none", &older),
                           .method = sweep_find_method(c, "exact"),
                           .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}};
}

/** Components that add up, and to what whole numbers add up to. */
static void check_sum(const kern_record *r, int exact, double b, double s) {
    __int128 whole[KERN_COMPONENTS];
    double part[KERN_COMPONENTS], charge, sum = 0;
    double total = kern_eval_cell(r, b, s, part, &charge);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
        FUZZ_CHECK(part[c] >= 0 && isfinite(part[c]));
        FUZZ_CHECK(!exact || part[c] == floor(part[c]));
        sum += part[c];
    }
    FUZZ_CHECK(sum == total && total < 0x1p53);
    FUZZ_CHECK(isfinite(charge) && charge >= 0);
    if (!exact) return;
    FUZZ_CHECK(charge == total);
    FUZZ_CHECK(kern_eval_oracle(r, (int64_t)b, (int64_t)s, whole) == (__int128)total);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        FUZZ_CHECK((double)whole[c] == part[c]);
}

void fuzz_lower(const kern_scenario *sc, double s, double b) {
    static kern_record r;
    char why[DIAG_TEXT] = "";
    if (kern_lower(sc, &(kern_bounds){s, b}, &r, why, NULL, NULL) != ERR_OK) {
        FUZZ_CHECK(*why);
        return;
    }
    check_sum(&r, sc->method->exact, b, s);
    check_sum(&r, sc->method->exact, 1, 1);
}

/** What is said to be held at b sequences of s tokens is, and lies within the limits of the question. */
static void check_largest(const kern_record *r, double capacity, double b, double s, double found, double limit) {
    double charge;
    FUZZ_CHECK(found >= 0 && found <= limit);
    if (found < 1) return;
    kern_eval_cell(r, b, s, NULL, &charge);
    FUZZ_CHECK(charge <= capacity);
}

void fuzz_answer(const kern_scenario *sc, const kern_gpu *gpu, double s, double b) {
    static kern_record r;
    char why[DIAG_TEXT] = "";
    double capacity = kern_capacity(sc, gpu, 1, KERN_USE_FIT), low, high, part[KERN_COMPONENTS];
    FUZZ_CHECK(isfinite(capacity));
    if (kern_lower(sc, &(kern_bounds){s, b}, &r, why, NULL, NULL) != ERR_OK) return;
    kern_eval_cell(&r, b, s, part, NULL);
    if (kern_total_range(sc, part, &low, &high)) FUZZ_CHECK(isfinite(low) && isfinite(high) && low >= 0);
    double batch = kern_max_batch(&r, s, capacity, sweep_batch_limit(s));
    double context = kern_max_context(&r, b, capacity, sweep_context_limit(b));
    check_largest(&r, capacity, batch, s, batch, sweep_batch_limit(s));
    check_largest(&r, capacity, b, context, context, sweep_context_limit(b));
    double tokens = kern_kv_capacity(&r, s, capacity);
    FUZZ_CHECK(isfinite(tokens) && tokens >= 0);
    int gpus = kern_min_gpus(sc, gpu, b, s, NULL);
    FUZZ_CHECK(gpus >= 0);
}

/** A model with one engine. */
static void lower_with(const kern_model *m, const kern_engine *e, uint64_t pick) {
    static const struct { double s, b; } sizes[] = {{8192, 1}, {131072, 64}, {1, 1}, {0x1p30, 0x1p10}, {4097, 3}};
    static const kern_layout layouts[] = {{.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1},
                                          {.tp = 2, .pp = 1, .dp = 1, .ep = 2, .cp = 1},
                                          {.tp = 1, .pp = 3, .dp = 2, .ep = 1, .cp = 1, .zero = 2},
                                          {.tp = 8, .pp = 2, .dp = 8, .ep = 8, .cp = 2, .zero = 3}};
    const sweep_catalogs *c = fuzz_catalogs();
    kern_scenario sc = fuzz_scenario();
    sc.model = m;
    sc.engine = e;
    sc.mode = pick & 1 ? c->modes.rows[pick / 2 % c->modes.n] : sc.mode;
    sc.layout = layouts[pick / 64 % 4];
    sc.weights = c->formats.rows[pick / 256 % c->formats.n];
    if (!sc.weights->for_weights || sc.weights->kind == KERN_FORMAT_NATIVE || pick & 2)
        sc.weights = sc.mode->base ? sc.mode->base : sweep_native_format(c, m);
    fuzz_lower(&sc, sizes[pick / 65536 % 5].s, sizes[pick / 65536 % 5].b);
}

void fuzz_model(const kern_model *m, uint64_t pick) {
    const sweep_catalogs *c = fuzz_catalogs();
    uint64_t third = pick % 3;
    for (size_t i = 0; i < c->engines.n; i++) { /* one version of an engine */
        size_t versions = 1;
        while (i + versions < c->engines.n && text_same(c->engines.rows[i + versions]->name, c->engines.rows[i]->name))
            versions++;
        if (third++ % 3 == 0) lower_with(m, c->engines.rows[i + pick % versions], pick);
        i += versions - 1;
        pick = pick * 6364136223846793005u + 1442695040888963407u;
        pick ^= pick >> 33;
    }
}
