/*
 * recommend_cases.c - the workloads that published guides give advice on (recommendations.csv), held against what we
 * compute: bytes on the fullest GPU, the smallest hardware among the GPUs of the sweep, and whether the advice holds.
 */
#include "sweep/recommend.h"

#include <stddef.h>
#include <string.h>

#include "report/number.h"
#include "sweep/min_gpu.h"
#include "sweep/output.h"
#include "sweep/facts.h"
#include "sweep/scenario.h"
#include "sweep/table_load.h"

/** One row of the file; the names of scenario columns are resolved as those of `eval` are. */
typedef struct advice {
    const char *document, *use_case, *workload, *model, *weights, *context, *batch, *mode, *checkpointing, *layout,
        *gpu, *gpus, *claim, *source;
} advice;

#define TEXT(name, required)                                                                                           \
    { #name, SWEEP_FIELD_TEXT, offsetof(advice, name), 0, 0, NULL, required }
static const sweep_field fields[] = {
    TEXT(document, 1), TEXT(use_case, 1), TEXT(workload, 1), TEXT(model, 1),         TEXT(weights, 1),
    TEXT(context, 1),  TEXT(batch, 1),    TEXT(mode, 1),     TEXT(checkpointing, 0), TEXT(layout, 0),
    TEXT(gpu, 1),      TEXT(gpus, 1),     TEXT(claim, 1),    TEXT(source, 1),
};
#undef TEXT

enum {
    CASE_WORK,
    CASE_MODEL,
    CASE_FORMAT,
    CASE_NEEDS,
    CASE_SMALLEST,
    CASE_SAID,
    CASE_USABLE,
    CASE_HOLDS,
    CASE_DOCUMENT,
    CASE_COLUMNS
};

static const report_column columns[CASE_COLUMNS] = {
    {"Workload", "", 0, 1},
    {"Model", "", 0, 1},
    {"Weights", "", 0, 1},
    {"Needs per GPU", "GB", 1, 0},
    {"Smallest hardware", "", 0, 1},
    {"The guide says", "", 0, 1},
    {"Usable per GPU", "GB", 1, 0},
    {"Holds", "", 0, 1},
    {"Guide", "", 0, 1},
};

/** One advice, resolved. */
typedef struct verdict {
    sweep_scenario sc;
    kern_layout layout; /* on the hardware that the guide names */
    double needs, usable;
    int holds;
    const char *smallest;
} verdict;

static err resolve(sweep_ctx *ctx, const advice *a, const char *path, int line, sweep_scenario *out) {
    const char *text[SC_COLUMNS] = {0};
    const sweep_place at = {.file = path, .line = line};
    text[SC_MODEL] = a->model;
    text[SC_WEIGHTS] = a->weights;
    text[SC_CONTEXT] = a->context;
    text[SC_BATCH] = a->batch;
    text[SC_MODE] = a->mode;
    text[SC_CHECKPOINTING] = a->checkpointing;
    text[SC_LAYOUT] = a->layout;
    text[SC_GPU] = a->gpu;
    text[SC_GPUS] = a->gpus;
    return sweep_scenario_build(&ctx->catalogs, text, &at, out, &ctx->faults);
}

/** Bytes of the fullest GPU and what one can give, with the layout at hand. */
static int measure(const sweep_scenario *sc, const kern_layout *layout, const kern_gpu *gpu, double *needs,
                   double *usable) {
    sweep_scenario at = *sc;
    at.k.layout = *layout;
    at.gpu = gpu;
    at.gpus = kern_layout_gpus(layout);
    if (at.k.mode == &sc->mode) at.k.mode = &at.mode;
    if (at.k.engine == &sc->engine) at.k.engine = &at.engine;
    const sweep_point p = {&at.k, at.context, at.batch, gpu, at.gpus};
    char why[DIAG_TEXT];
    if (sweep_measure_value(SWEEP_TOTAL, &p, 0, needs, why) != ERR_OK) return 0;
    *usable = kern_capacity(&at.k, gpu, at.gpus, KERN_USE_FIT);
    return *needs <= *usable;
}

/** A layout of several GPUs is kept as the guide has it; otherwise as many GPUs as it names may share the model. */
static void judge(const sweep_min_gpu *search, verdict *v) {
    const sweep_scenario *sc = &v->sc;
    int given = kern_layout_gpus(&sc->k.layout) > 1;
    v->layout = sc->k.layout;
    if (!given) {
        int fewest = kern_min_gpus(&sc->k, sc->gpu, sc->batch, sc->context, &v->layout);
        if (fewest < 1 || fewest > sc->gpus) v->layout = sc->k.layout;
        v->holds = measure(sc, &v->layout, sc->gpu, &v->needs, &v->usable) && fewest >= 1 && fewest <= sc->gpus;
        if (!v->holds) v->needs /= sc->gpus; /* at best */
        const sweep_point p = {&sc->k, sc->context, sc->batch, NULL, 1};
        v->smallest = sweep_min_gpu_text(search, &p);
        return;
    }
    v->holds = measure(sc, &v->layout, sc->gpu, &v->needs, &v->usable);
    const kern_gpu *best = NULL;
    for (size_t i = 0; i < search->n_gpus; i++) {
        double needs, usable;
        if (best && search->gpu[i]->usable_bytes >= best->usable_bytes) continue;
        if (measure(sc, &v->layout, search->gpu[i], &needs, &usable)) best = search->gpu[i];
    }
    v->smallest = best ? arena_printf(search->mem, "%dx %s", kern_layout_gpus(&v->layout), best->display)
                       : "none of those offered";
}

static err fill_row(sweep_run *run, const sweep_min_gpu *search, report_table *t, size_t row, const advice *a,
                    const char *path) {
    verdict v = {.needs = 0};
    double gb = report_unit_find("GB")->bytes;
    TRY(resolve(run->ctx, a, path, (int)row + 2, &v.sc));
    judge(search, &v);
    sweep_cell_text(t, row, CASE_WORK, a->workload);
    sweep_cell_text(t, row, CASE_MODEL, v.sc.k.model->display);
    sweep_cell_text(t, row, CASE_FORMAT, a->weights);
    sweep_cell_number(t, row, CASE_NEEDS, v.needs / gb);
    sweep_cell_text(t, row, CASE_SMALLEST, v.smallest);
    sweep_cell_text(t, row, CASE_SAID, a->claim);
    sweep_cell_number(t, row, CASE_USABLE, v.usable / gb);
    sweep_cell_text(t, row, CASE_HOLDS, v.holds ? "yes" : "no");
    sweep_table_cell(t, row, CASE_HOLDS)->mark = !v.holds                   ? REPORT_FITS_NOT
                                                 : v.needs > 0.9 * v.usable ? REPORT_TIGHT
                                                                            : REPORT_FITS;
    const char *document = arena_printf(&run->ctx->mem, "%s: %s", a->document, a->source);
    sweep_cell_text(t, row, CASE_DOCUMENT, document);
    return document ? ERR_OK : sweep_run_no_memory(run);
}

static err offers(sweep_run *run, const sweep_report *r, const sweep_pick *k, sweep_min_gpu *out) {
    static const int64_t counts[] = {1, 2, 4, 8};
    const kern_gpu **gpu = arena_alloc(&run->ctx->mem, k->n[SWEEP_GPU] + 1, sizeof *gpu);
    if (!gpu) return sweep_run_no_memory(run);
    for (size_t i = 0; i < k->n[SWEEP_GPU]; i++)
        gpu[i] = k->plan->gpu[k->index[SWEEP_GPU][i]];
    (void)r;
    *out = (sweep_min_gpu){&run->ctx->mem, gpu, k->n[SWEEP_GPU], counts, sizeof counts / sizeof *counts};
    return ERR_OK;
}

static err write_cases(sweep_run *run, const sweep_report *r, report_table *t, const advice *a, size_t n) {
    static const char *const notes[] = {
        "Needs: weights, KV cache or training states, and activations on the fullest GPU, method exact, without an "
        "engine's "
        "own overhead: what fails here fails in practice too. Where it fails, an even share over the guide's GPUs.",
        "Smallest hardware: of the GPUs offered the fewest (1, 2, 4 or 8 sharing the model), then the least memory; "
        "with "
        "data-parallel layouts the smallest card at the guide's number of GPUs.",
        ("Documents: orbit2x, Ultimate VRAM Calculator Guide; vram-2026, How Much GPU VRAM Do You Need for AI in 2026; "
         "appendix-b, Appendix B. GPU Memory Calculator. Their workloads as scenarios: recommendations.csv.")};
    report_group *g = arena_alloc(&run->ctx->mem, n + 1, sizeof *g);
    size_t k = 0;
    if (!g) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(a[i].use_case, a[i - 1].use_case) != 0) g[k++] = (report_group){i, a[i].use_case};
    }
    const sweep_draft draft = {t, "Hardware by use case, and what guides recommend", "use case", g, k, notes, 3};
    return sweep_recommend_write(run, r, &draft);
}

static const sweep_shape shape = {fields, sizeof fields / sizeof *fields, sizeof(advice)};

err sweep_cases_check(sweep_ctx *ctx, const char *path) {
    void *rows = NULL;
    size_t n = 0;
    err first = sweep_table_load(&ctx->mem, path, &shape, &rows, &n, &ctx->faults);
    for (size_t i = 0; i < n && first == ERR_OK; i++) {
        sweep_scenario sc;
        first = resolve(ctx, (const advice *)rows + i, path, (int)i + 2, &sc);
    }
    return first;
}

err sweep_recommend_cases(sweep_run *run, const sweep_report *r) {
    const char *path = sweep_facts_path(run->ctx, "recommendations.csv");
    sweep_pick pick;
    sweep_min_gpu search = {0};
    void *rows = NULL;
    size_t n = 0;
    if (!path) return sweep_run_no_memory(run);
    TRY(sweep_pick_build(&pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(offers(run, r, &pick, &search));
    TRY(sweep_table_load(&run->ctx->mem, path, &shape, &rows, &n, &run->ctx->faults));
    const advice *a = rows;
    report_table *t = sweep_table_new(&run->ctx->mem, columns, CASE_COLUMNS, n);
    if (!t) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++)
        TRY(fill_row(run, &search, t, i, &a[i], path));
    return write_cases(run, r, t, a, n);
}
