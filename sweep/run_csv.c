/*
 * run_csv.c - `csv`: every scenario as a row, CSV or JSON lines. A part of a combination is a run of batches at one
 * context, small enough that a thread's text stays well below a megabyte however long the axes are, or all batches at a
 * run of contexts.
 */
#include <stdlib.h>
#include <string.h>

#include "kernels/reduce/ladder.h"
#include "report/scenario_csv.h"
#include "sweep/auto_layout.h"
#include "sweep/combos.h"
#include "sweep/layout.h"
#include "sweep/limits.h"
#include "sweep/rows_kind.h"

enum {
    ROWS_OF_PART = 2048,
    ROWS_AT_ONCE = 12288 /* more than a megabyte: a write, a piece to pack */,
    TEXT_AT_ONCE = 4096
};

/** What the parts share. */
typedef struct csv_job {
    const sweep_pick *pick;
    const report_rows_number *batch;
    size_t batches;  /* of a part: a multiple of 8 */
    size_t runs;     /* parts of a context */
    size_t contexts; /* of a part: 1 where a context has several */
    size_t n_gpus;
    int skips, json;
    int neutral; /* for a spreadsheet */
} csv_job;

static const report_rows_style *style_of(const csv_job *j) {
    return j->json ? &report_rows_json : &report_rows_csv;
}

static size_t rows_per_batch(const csv_job *j) {
    return j->n_gpus ? j->n_gpus : 1;
}

/** A text as the rows have it. */
static void put_value(const csv_job *j, const char *name, const char *text, report_csv_text *t) {
    if (!j->json) {
        (j->neutral ? report_csv_inert : report_csv_field)(t, text);
        return;
    }
    report_csv_raw(t, "\"");
    report_csv_raw(t, name);
    report_csv_raw(t, "\":");
    report_json_string(t, text);
}

static void put_nul(report_csv_text *t) {
    if (report_csv_room(t, 1)) t->text[t->n++] = 0;
}

/** Categorical fields before and after the numbers. */
static void put_fields(const csv_job *j, const sweep_combo *c, const sweep_axis *order, size_t n, report_csv_text *t) {
    t->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (i) report_csv_raw(t, ",");
        put_value(j, sweep_axis_name[order[i]], j->pick->plan->value[order[i]][c->at[order[i]]].label, t);
    }
    put_nul(t);
    if (t->n > REPORT_ROWS_FIELDS) t->failed = 1;
}

/** A text that there may not be: empty, in JSON null. */
static void put_optional(const csv_job *j, const char *name, const char *text, report_csv_text *t) {
    if (*text || !j->json) {
        put_value(j, name, text, t);
    } else {
        report_csv_raw(t, "\"");
        report_csv_raw(t, name);
        report_csv_raw(t, "\":null");
    }
    report_csv_raw(t, ",");
}

/** Layout and checkpointing chosen for the combination, with a comma after each; nothing without layout auto. */
static void put_chosen(const csv_job *j, const sweep_combo *c, report_csv_text *t) {
    char layout[KERN_LAYOUT_TEXT] = "";
    int trains = c->sc.mode->train != KERN_INFERENCE;
    if (!j->pick->plan->layouts) return;
    if (c->sc.layout.tp > 0) sweep_layout_text(&c->sc.layout, layout);
    put_optional(j, "chosen_layout", layout, t);
    put_optional(j, "chosen_checkpointing", trains ? sweep_checkpointing_name[c->sc.mode->checkpointing] : "", t);
}

/** Names and capacities of the GPUs for this combination. Returns 0 when memory is gone. */
static int fill_gpus(const csv_job *j, const sweep_combo *c, report_rows_gpu *gpus, report_csv_text *names) {
    int n = sweep_pick_gpus(j->pick, &c->sc), needs = kern_layout_gpus(&c->sc.layout);
    names->n = 0;
    for (size_t g = 0; g < j->n_gpus; g++) {
        const kern_gpu *gpu = j->pick->plan->gpu[j->pick->index[SWEEP_GPU][g]];
        gpus[g].usable_bytes = kern_capacity(&c->sc, gpu, n, KERN_USE_FIT);
        gpus[g].too_few = n < needs;
        put_value(j, "gpu", gpu->name, names);
        report_csv_raw(names, j->json ? ",\"gpus\":" : ",");
        report_csv_whole(names, n);
        put_nul(names);
    }
    if (names->failed) return 0;
    const char *at = names->text;
    for (size_t g = 0; g < j->n_gpus; g++, at += strlen(at) + 1)
        gpus[g].text = at;
    return 1;
}

/**
 * Answers to the inverse questions for the rows of a part: largest batch at this context, longest context at each
 * batch, fewest GPUs for each cell. They are solved from the record; batches ascend, so the search for GPUs moves
 * forward only.
 */
typedef struct limits {
    double *memory, *min_gpus, *max_context, *max_batch, *kv_tokens;
} limits;

static int limits_init(limits *x, const csv_job *j, size_t n) {
    size_t cells = n * j->n_gpus;
    x->memory = malloc((2 * cells + 2 * j->n_gpus + 1) * sizeof *x->memory);
    x->min_gpus = x->memory;
    x->max_context = x->memory + cells;
    x->max_batch = x->memory + 2 * cells;
    x->kv_tokens = x->max_batch + j->n_gpus;
    return x->memory != NULL;
}

/** Longest context of a batch on a GPU: solved once for all contexts of the combination. */
static double longest(const csv_job *j, sweep_tile *t, size_t batch, size_t g, double serve) {
    double *known = &t->max_context[batch * j->n_gpus + g];
    if (*known < 0) *known = kern_max_context(&t->record, t->batch[batch], serve, sweep_context_limit(t->batch[batch]));
    return *known;
}

static void fill_limits(limits *x, const csv_job *j, const sweep_combo *c, sweep_tile *t, const report_rows *rows,
                        size_t first) {
    int n = sweep_pick_gpus(j->pick, &c->sc), enough = n >= kern_layout_gpus(&c->sc.layout);
    int serves = c->sc.mode->train == KERN_INFERENCE;
    for (size_t g = 0; g < j->n_gpus; g++) {
        const kern_gpu *gpu = j->pick->plan->gpu[j->pick->index[SWEEP_GPU][g]];
        double serve = kern_capacity(&c->sc, gpu, n, KERN_USE_SERVE);
        kern_ladder *ladder = sweep_tile_ladder(t, &c->sc, gpu->max_per_node);
        size_t rung = 0;
        x->max_batch[g] =
            enough ? kern_max_batch(&t->record, rows->context, serve, sweep_batch_limit(rows->context)) : 0;
        x->kv_tokens[g] = !serves ? -1 : enough ? kern_kv_capacity(&t->record, rows->context, serve) : 0;
        for (size_t i = 0; i < rows->n; i++) {
            int gpus = kern_ladder_climb(ladder, gpu, t->batch[first + i], rows->context, &rung, NULL);
            x->min_gpus[i * j->n_gpus + g] = gpus > 0 ? gpus : -1;
            x->max_context[i * j->n_gpus + g] = enough ? longest(j, t, first + i, g, serve) : 0;
        }
    }
}

/** Marks the cells that skip rules drop. NULL when there are no such rules. */
static uint8_t *skipped(const csv_job *j, const sweep_combo *c, size_t context, size_t first, size_t n) {
    const sweep_pick *k = j->pick;
    size_t wide = rows_per_batch(j);
    uint8_t *skip = j->skips ? malloc(n * wide) : NULL;
    for (size_t i = 0; skip && i < n * wide; i++) {
        long gpu = j->n_gpus ? (long)k->index[SWEEP_GPU][i % wide] : -1;
        skip[i] = (uint8_t)sweep_plan_skips(k->plan, c, k->index[SWEEP_CONTEXT][context],
                                            k->index[SWEEP_BATCH][first + i / wide], gpu);
    }
    return skip;
}

static void format_rows(const report_rows *rows, report_csv_text *out) {
    size_t at = 0, row = report_rows_row_max(rows);
    while (at < report_rows_count(rows)) {
        char *room = report_csv_room(out, TEXT_AT_ONCE + row);
        if (!room) return;
        out->n += report_rows_format(room, out->cap - out->n, rows, &at);
    }
}

static void format_refused(const csv_job *j, const sweep_combo *c, const char *before, const char *after,
                           const char *why, report_csv_text *out) {
    report_csv_text status = {0};
    put_chosen(j, c, &status);
    put_value(j, "status", why, &status);
    put_nul(&status);
    size_t bytes = strlen(before) + strlen(after) + status.n + REPORT_ROWS_REFUSED;
    char *room = status.failed ? NULL : report_csv_room(out, bytes);
    if (room) out->n += report_rows_refused(style_of(j), room, bytes, before, after, status.text);
    report_csv_text_free(&status);
}

/** Evaluates and formats the batches of a part at one context. */
static void format_batches(const csv_job *j, const sweep_combo *c, size_t context, size_t first, sweep_tile *t,
                           report_rows *rows, report_csv_text *out) {
    const sweep_pick *k = j->pick;
    size_t all = k->n[SWEEP_BATCH];
    rows->n = first + j->batches < all ? j->batches : all - first;
    rows->context = k->plan->context[k->index[SWEEP_CONTEXT][context]];
    sweep_tile_eval(t, rows->context, first, rows->n);
    rows->batch = j->batch + first;
    for (unsigned i = 0; i < KERN_COMPONENTS; i++)
        rows->component[i] = t->row.component[i];
    rows->total = t->row.total;
    rows->charge = t->row.charge;
    limits x;
    if (!limits_init(&x, j, rows->n)) {
        out->failed = 1;
        return;
    }
    fill_limits(&x, j, c, t, rows, first);
    rows->min_gpus = x.min_gpus;
    rows->max_context = x.max_context;
    rows->max_batch = x.max_batch;
    rows->kv_tokens = x.kv_tokens;
    uint8_t *skip = skipped(j, c, context, first, rows->n);
    rows->skip = skip;
    format_rows(rows, out);
    free(skip);
    free(x.memory);
}

static void format_part(const csv_job *j, const sweep_combo *c, uint64_t part, sweep_tile *t, report_rows *rows,
                        report_csv_text *out) {
    size_t from = part / j->runs * j->contexts, to = from + j->contexts, all = j->pick->n[SWEEP_CONTEXT];
    for (size_t i = from; i < to && i < all && !out->failed; i++)
        format_batches(j, c, i, part % j->runs * j->batches, t, rows, out);
}

static int csv_part(const void *ctx, const sweep_combo *c, uint64_t part, sweep_tile *t, const char *why,
                    report_csv_text *out) {
    static const sweep_axis front[] = {SWEEP_MODEL, SWEEP_WEIGHTS, SWEEP_KV};
    static const sweep_axis back[] = {SWEEP_MODE, SWEEP_LAYOUT, SWEEP_ENGINE, SWEEP_METHOD};
    const csv_job *j = ctx;
    report_csv_text before = {0}, after = {0}, names = {0}, status = {0};
    report_rows_gpu *gpus = calloc(j->n_gpus + 1, sizeof *gpus);
    put_fields(j, c, front, 3, &before);
    put_fields(j, c, back, 4, &after);
    put_chosen(j, c, &status);
    put_value(j, "status", "ok", &status);
    put_nul(&status);
    if (!gpus || before.failed || after.failed || status.failed || !fill_gpus(j, c, gpus, &names)) {
        out->failed = 1;
    } else if (why) {
        if (part == 0) format_refused(j, c, before.text, after.text, why, out);
    } else {
        report_rows rows = {.style = style_of(j),
                            .before = before.text,
                            .after = after.text,
                            .status = status.text,
                            .gpu = gpus,
                            .n_gpus = j->n_gpus};
        format_part(j, c, part, t, &rows, out);
    }
    free(gpus);
    report_csv_text_free(&before);
    report_csv_text_free(&after);
    report_csv_text_free(&names);
    report_csv_text_free(&status);
    return why == NULL;
}

/** The batches as text; NULL when memory is gone. */
static const report_rows_number *numbers_of(const sweep_pick *k, arena *mem) {
    size_t n = k->n[SWEEP_BATCH];
    report_rows_number *all = arena_alloc(mem, n, sizeof *all);
    for (size_t i = 0; all && i < n; i++)
        report_rows_number_put(&all[i], k->plan->batch[k->index[SWEEP_BATCH][i]]);
    return all;
}

/** Cuts combinations into parts; the rows of one. */
static size_t cut_parts(csv_job *j) {
    size_t wide = rows_per_batch(j), least = 8, n = j->pick->n[SWEEP_BATCH];
    j->batches = (ROWS_OF_PART / wide + least - 1) / least * least;
    if (j->batches < least) j->batches = least;
    j->runs = (n + j->batches - 1) / j->batches;
    size_t rows = (j->runs > 1 ? j->batches : n) * wide;
    if (rows == 0) rows = 1; /* no axis is empty: for those who cannot know */
    j->contexts = j->runs == 1 && rows < ROWS_OF_PART ? ROWS_OF_PART / rows : 1;
    return rows * j->contexts;
}

err sweep_csv_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out) {
    sweep_pick *pick = arena_alloc(&run->ctx->mem, 1, sizeof *pick);
    csv_job *job = arena_alloc(&run->ctx->mem, 1, sizeof *job);
    if (!pick || !job) return sweep_run_no_memory(run);
    TRY(sweep_pick_build(pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    *job = (csv_job){.pick = pick,
                     .n_gpus = pick->n[SWEEP_GPU],
                     .skips = sweep_plan_skips_cells(pick->plan),
                     .json = sweep_rows_kind_of(r->target) == SWEEP_ROWS_JSON,
                     .neutral = !sweep_keeps_formulas(r) && sweep_rows_kind_of(r->target) == SWEEP_ROWS_CSV};
    job->batch = numbers_of(pick, &run->ctx->mem);
    if (!job->batch) return sweep_run_no_memory(run);
    size_t part_rows = cut_parts(job), cells = pick->n[SWEEP_CONTEXT] * pick->n[SWEEP_BATCH];
    *out = (sweep_combo_work){.pick = pick,
                              .label = "writing rows",
                              .parts = (pick->n[SWEEP_CONTEXT] + job->contexts - 1) / job->contexts * job->runs,
                              .cells = cells,
                              .rows = cells * rows_per_batch(job),
                              .at_once = part_rows < ROWS_AT_ONCE ? ROWS_AT_ONCE / part_rows : 1,
                              .job = csv_part,
                              .ctx = job};
    return ERR_OK;
}

err sweep_run_csv(sweep_run *run, const sweep_report *r) {
    sweep_combo_work work;
    sweep_rows_kind kind = sweep_rows_kind_of(r->target);
    TRY(sweep_csv_work(run, r, &work));
    const char *header = report_rows_header(), *last = strrchr(header, ',');
    if (run->plans[r->i_sweep].layouts) {
        header = arena_printf(&run->ctx->mem, "%.*s,chosen_layout,chosen_checkpointing%s", (int)(last - header), header,
                              last);
        if (!header) return sweep_run_no_memory(run);
    }
    if (kind == SWEEP_ROWS_XLSX) return sweep_run_bulk(run, r, &work, header);
    return sweep_run_rows(run, r, &work, kind == SWEEP_ROWS_JSON ? "" : header);
}
