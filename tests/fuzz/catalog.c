/*
 * catalog.c - readers of the catalogs. Target `models`: the bytes are a models.csv. Target `catalog`: the first byte
 * says which file the rest is ('a' formats.csv, 'b' mixes.csv, ... as in the table below). A file is read twice, as the
 * second time its rows replace those of the first; then its rows are put to use among the shipped ones.
 */
#include <string.h>

#include "sweep/catalog_internal.h"
#include "sweep/compare.h"
#include "sweep/facts.h"
#include "tests/fuzz/fuzz.h"

enum { ROWS = 3 }; /* put to use */

/** Catalogs with the rows of one kind read anew. */
typedef struct reading {
    sweep_catalogs c;
    sweep_loader l;
    arena mem;
    diags faults;
} reading;

static void use_models(const reading *r, uint64_t pick) {
    for (size_t i = 0; i < r->c.models.n && i < ROWS; i++)
        fuzz_model(r->c.models.rows[i], pick + i);
}

static void use_format(const kern_format *f, uint64_t pick) {
    kern_scenario sc = fuzz_scenario();
    int older;
    if (f->kind == KERN_FORMAT_NATIVE || (f->kind == KERN_FORMAT_MIX && !f->n_rules)) return;
    if (f->for_weights) sc.weights = f;
    if (f->for_kv && f->kind != KERN_FORMAT_MIX) sc.k = f;
    if (pick & 1) sc.model = sweep_find_model(fuzz_catalogs(), "mixtral-8x7b");
    if (pick & 2) sc.engine = sweep_find_engine(fuzz_catalogs(), "llamacpp", &older);
    fuzz_lower(&sc, 8192, 4);
    sc.layout = (kern_layout){.tp = 8, .pp = 2, .dp = 1, .ep = 1, .cp = 1};
    fuzz_lower(&sc, 8192, 4);
}

static void use_formats(const reading *r, uint64_t pick) {
    for (size_t i = 0; i < r->c.formats.n && i < ROWS; i++)
        use_format(r->c.formats.rows[i], pick);
}

static void use_mixes(const reading *r, uint64_t pick) {
    for (size_t i = 0, used = 0; i < r->c.formats.n && used < ROWS; i++) {
        const kern_format *f = r->c.formats.rows[i];
        if (f->kind != KERN_FORMAT_MIX || !f->n_rules) continue;
        use_format(f, pick);
        used++;
    }
}

static void use_modes(const reading *r, uint64_t pick) {
    for (size_t i = 0; i < r->c.modes.n && i < ROWS; i++) {
        const sweep_catalogs *c = fuzz_catalogs();
        kern_scenario sc = fuzz_scenario();
        sc.mode = r->c.modes.rows[i];
        sc.engine = c->engines.rows[pick % c->engines.n];
        fuzz_lower(&sc, 4096, 2);
        sc.method = c->methods.rows[pick % c->methods.n];
        sc.layout = (kern_layout){.tp = 2, .pp = 1, .dp = 8, .ep = 1, .cp = 1, .zero = (int)(pick % 4)};
        fuzz_lower(&sc, 4096, 2);
    }
}

static void use_engine(const kern_engine *e, uint64_t pick) {
    const sweep_catalogs *c = fuzz_catalogs();
    kern_scenario sc = fuzz_scenario();
    sc.engine = e;
    fuzz_answer(&sc, c->gpus.rows[pick % c->gpus.n], 8192, 4);
    fuzz_lower(&sc, 131072, 64);
    sc.mode = c->modes.rows[pick / 256 % c->modes.n];
    sc.model = c->models.rows[pick / 65536 % c->models.n];
    fuzz_lower(&sc, 4096, 2);
    sc.layout = (kern_layout){.tp = 4, .pp = 2, .dp = 8, .ep = 1, .cp = 1, .zero = (int)(pick % 4)};
    fuzz_lower(&sc, 4096, 2);
}

static void use_engines(const reading *r, uint64_t pick) {
    for (size_t i = 0; i < r->c.engines.n && i < ROWS; i++)
        use_engine(r->c.engines.rows[i], pick);
}

static void use_reserves(const reading *r, uint64_t pick) {
    for (size_t i = 0; i < r->c.n_reserves && i < ROWS; i++) {
        int older;
        kern_engine e = *sweep_find_engine(fuzz_catalogs(), "sglang", &older);
        e.reserves = r->c.reserves[i].rows;
        e.n_reserves = r->c.reserves[i].n;
        use_engine(&e, pick);
    }
}

static void use_methods(const reading *r, uint64_t pick) {
    const sweep_catalogs *c = fuzz_catalogs();
    for (size_t i = 0; i < r->c.methods.n && i < ROWS; i++) {
        kern_scenario sc = fuzz_scenario();
        sc.method = r->c.methods.rows[i];
        fuzz_answer(&sc, c->gpus.rows[pick % c->gpus.n], 8192, 4);
        sc.mode = c->modes.rows[pick / 256 % c->modes.n];
        sc.model = c->models.rows[pick / 65536 % c->models.n];
        fuzz_lower(&sc, 8192, 4);
    }
}

static void use_gpus(const reading *r, uint64_t pick) {
    const sweep_catalogs *c = fuzz_catalogs();
    for (size_t i = 0; i < r->c.gpus.n && i < ROWS; i++) {
        kern_scenario sc = fuzz_scenario();
        sc.engine = c->engines.rows[pick % c->engines.n];
        fuzz_answer(&sc, r->c.gpus.rows[i], 8192, 4);
    }
}

static void use_prices(const reading *r, uint64_t pick) {
    (void)pick;
    for (size_t i = 0; i < r->c.n_prices; i++)
        FUZZ_CHECK(r->c.prices[i].gpu && r->c.prices[i].gpus >= 1);
}

/** Published or measured figures: not of the catalogs, but a file of rows like them. */
static err check_cells(sweep_ctx *ctx, const char *path) {
    report_table all = {0}, discrepancies = {0};
    return sweep_compare_build(&ctx->mem, &ctx->catalogs, path, "fuzz", &all, &discrepancies, &ctx->faults);
}

static const struct {
    const sweep_kind *kind;
    void (*use)(const reading *r, uint64_t pick);
    err (*facts)(sweep_ctx *ctx, const char *path);
} files[] = {{&sweep_kind_formats, use_formats, NULL}, {&sweep_kind_mixes, use_mixes, NULL},
             {&sweep_kind_modes, use_modes, NULL},     {&sweep_kind_reserves, use_reserves, NULL},
             {&sweep_kind_engines, use_engines, NULL}, {&sweep_kind_methods, use_methods, NULL},
             {&sweep_kind_gpus, use_gpus, NULL},       {&sweep_kind_prices, use_prices, NULL},
             {NULL, NULL, sweep_quality_check},        {NULL, NULL, sweep_images_check},
             {NULL, NULL, sweep_cases_check},          {NULL, NULL, check_cells}};

/** Mixes are put into the rows of formats: the shipped ones stay as they are. */
static void copy_formats(reading *r) {
    const kern_format **rows = arena_alloc(&r->mem, r->c.formats.n, sizeof *rows);
    FUZZ_CHECK(rows != NULL);
    for (size_t i = 0; i < r->c.formats.n; i++) {
        kern_format *copy = arena_alloc(&r->mem, 1, sizeof *copy);
        FUZZ_CHECK(copy != NULL);
        *copy = *r->c.formats.rows[i];
        copy->n_rules = 0;
        rows[i] = copy;
    }
    r->c.formats.rows = rows;
}

static void read_catalog(const sweep_kind *kind, void (*use)(const reading *, uint64_t), const uint8_t *data,
                         size_t n) {
    reading r = {.c = *fuzz_catalogs()};
    sweep_raws rows = {0};
    fuzz_arena(&r.mem);
    r.c.files = NULL;
    r.c.n_files = r.c.cap_files = 0;
    r.l = (sweep_loader){.c = &r.c, .mem = &r.mem, .faults = &r.faults};
    rows.index = sweep_index_new(&r.mem, 8);
    FUZZ_CHECK(rows.index != NULL);
    const char *path = fuzz_path(data, n);
    sweep_kind_read(&r.l, kind, &rows, path);
    if (r.l.first == ERR_OK) sweep_kind_read(&r.l, kind, &rows, path);
    if (kind == &sweep_kind_mixes) copy_formats(&r);
    if (r.l.first == ERR_OK) {
        err e = kind->finish(&r.l, &rows);
        if (r.l.first == ERR_OK) r.l.first = e;
    }
    fuzz_faults(r.l.first, &r.faults);
    if (r.l.first == ERR_OK) use(&r, fuzz_hash(data, n));
    arena_fini(&r.mem);
}

static void read_facts(err (*check)(sweep_ctx *, const char *), const uint8_t *data, size_t n) {
    sweep_ctx ctx = {.catalogs = *fuzz_catalogs()};
    fuzz_arena(&ctx.mem);
    err e = check(&ctx, fuzz_path(data, n));
    fuzz_faults(e, &ctx.faults);
    arena_fini(&ctx.mem);
}

void fuzz_models(const uint8_t *data, size_t n) {
    read_catalog(&sweep_kind_models, use_models, data, n);
}

void fuzz_catalog(const uint8_t *data, size_t n) {
    if (n == 0) return;
    size_t i = (size_t)(uint8_t)(data[0] - 'a') % (sizeof files / sizeof *files);
    if (files[i].kind)
        read_catalog(files[i].kind, files[i].use, data + 1, n - 1);
    else
        read_facts(files[i].facts, data + 1, n - 1);
}
