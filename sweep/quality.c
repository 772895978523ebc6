/*
 * quality.c - reads quality.csv; the figures are other people's, each with its source.
 */
#include "sweep/quality.h"

#include "common/text.h"
#include "sweep/facts.h"
#include "sweep/table_load.h"

#include <stddef.h>

#define F(name, kind, least, most, required)                                                                           \
    { #name, kind, offsetof(sweep_quality, name), least, most, NULL, required }
static const sweep_field fields[] = {
    F(document, SWEEP_FIELD_TEXT, 0, 0, 1),        F(model, SWEEP_FIELD_TEXT, 0, 0, 0),
    F(format, SWEEP_FIELD_TEXT, 0, 0, 1),          F(metric, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(value, SWEEP_FIELD_REAL, 0, 1e6, 0),         F(loss_low, SWEEP_FIELD_REAL, -100, 1000, 1),
    F(loss_high, SWEEP_FIELD_REAL, -100, 1000, 1), F(unit, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(source, SWEEP_FIELD_TEXT, 0, 0, 1),
};
#undef F

/** A name that stands in a cell must be in the catalogs. */
static err unknown(sweep_ctx *ctx, const char *path, size_t row, const char *column, const char *what,
                   const char *name) {
    return diag_add(&ctx->faults, ERR_NAME, path, (int)row + 2, 0, column, "no %s is called '%s'", what, name);
}

err sweep_quality_load(sweep_ctx *ctx, const char *path, const sweep_quality **rows, size_t *n) {
    static const sweep_shape shape = {fields, sizeof fields / sizeof *fields, sizeof(sweep_quality)};
    void *read = NULL;
    TRY(sweep_table_load(&ctx->mem, path, &shape, &read, n, &ctx->faults));
    const sweep_quality *q = read;
    for (size_t i = 0; i < *n; i++) {
        if (!sweep_find_weights(&ctx->catalogs, q[i].format))
            return unknown(ctx, path, i, "format", "weight format", q[i].format);
        if (*q[i].model && !sweep_find_model(&ctx->catalogs, q[i].model))
            return unknown(ctx, path, i, "model", "model", q[i].model);
    }
    *rows = q;
    return ERR_OK;
}

const sweep_quality *sweep_quality_find(const sweep_catalogs *c, const sweep_quality *rows, size_t n,
                                        const kern_format *f, const char *model) {
    const sweep_quality *any = NULL;
    for (size_t i = 0; i < n; i++) {
        if (sweep_find_weights(c, rows[i].format) != f) continue;
        if (text_same(rows[i].model, model)) return &rows[i];
        if (!any) any = &rows[i];
    }
    return any;
}

/** " points MMLU", "% ppl", "%": what stands behind the figure. */
static const char *unit_of(arena *mem, const sweep_quality *q, int brief) {
    int perplexity = text_same(q->metric, "perplexity"), mmlu = text_same(q->metric, "mmlu");
    const char *what = perplexity ? " ppl" : mmlu ? " MMLU" : brief ? "" : arena_printf(mem, " %s", q->metric);
    return what ? arena_printf(mem, "%s%s", text_same(q->unit, "%") ? "%" : brief ? "" : " points", what) : NULL;
}

const char *sweep_quality_text(arena *mem, const sweep_quality *q, int brief) {
    const char *sign = text_same(q->metric, "perplexity") ? "+" : "-", *unit = unit_of(mem, q, brief);
    if (!unit) return NULL;
    if (q->loss_high <= 0) return "no loss";
    if (q->loss_low <= 0) return arena_printf(mem, "%s%g%s", brief ? "< " : "under ", q->loss_high, unit);
    if (q->loss_low < q->loss_high)
        return arena_printf(mem, "%s%g to %s%g%s", sign, q->loss_low, sign, q->loss_high, unit);
    return arena_printf(mem, "%s%g%s", sign, q->loss_low, unit);
}

err sweep_quality_check(sweep_ctx *ctx, const char *path) {
    const sweep_quality *rows;
    size_t n;
    return sweep_quality_load(ctx, path, &rows, &n);
}
