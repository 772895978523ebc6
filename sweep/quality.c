/*
 * quality.c - reads quality.csv; the figures are other people's, each with its source.
 */
#include "sweep/quality.h"

#include "common/text.h"
#include "sweep/table_load.h"

#include <stddef.h>

#define F(name, kind, least, most, required) \
    { #name, kind, offsetof(sweep_quality, name), least, most, NULL, required }
static const sweep_field fields[] = {
    F(document, SWEEP_FIELD_TEXT, 0, 0, 1),        F(model, SWEEP_FIELD_TEXT, 0, 0, 0),
    F(format, SWEEP_FIELD_TEXT, 0, 0, 1),          F(metric, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(value, SWEEP_FIELD_REAL, 0, 1e6, 0),         F(loss_low, SWEEP_FIELD_REAL, -100, 1000, 1),
    F(loss_high, SWEEP_FIELD_REAL, -100, 1000, 1), F(unit, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(source, SWEEP_FIELD_TEXT, 0, 0, 1),
};
#undef F

const char *sweep_facts_path(sweep_run *run, const char *name) {
    const char *home = sweep_catalogs_home(&run->ctx->mem);
    return arena_printf(&run->ctx->mem, "%s/%s", home ? home : ".", name);
}

err sweep_quality_load(sweep_run *run, const sweep_quality **rows, size_t *n) {
    static const sweep_shape shape = {fields, sizeof fields / sizeof *fields, sizeof(sweep_quality)};
    const char *path = sweep_facts_path(run, "quality.csv");
    void *read = NULL;
    if (!path) return sweep_run_no_memory(run);
    TRY(sweep_table_load(&run->ctx->mem, path, &shape, &read, n, &run->ctx->faults));
    *rows = read;
    for (size_t i = 0; i < *n; i++) {
        if (sweep_find_weights(&run->ctx->catalogs, (*rows)[i].format)) continue;
        return diag_add(&run->ctx->faults, ERR_NAME, path, (int)i + 2, 0, "format", "no weight format is called '%s'",
                        (*rows)[i].format);
    }
    return ERR_OK;
}

const sweep_quality *sweep_quality_find(const sweep_run *run, const sweep_quality *rows, size_t n, const kern_format *f,
                                        const char *model) {
    const sweep_quality *any = NULL;
    for (size_t i = 0; i < n; i++) {
        if (sweep_find_weights(&run->ctx->catalogs, rows[i].format) != f) continue;
        if (text_same(rows[i].model, model)) return &rows[i];
        if (!any) any = &rows[i];
    }
    return any;
}

const char *sweep_quality_text(arena *mem, const sweep_quality *q) {
    const char *what = text_same(q->metric, "perplexity") ? "ppl" : text_same(q->metric, "mmlu") ? "MMLU" : q->metric;
    int percent = text_same(q->unit, "%");
    if (q->loss_high <= 0) return arena_printf(mem, "no loss");
    if (q->loss_low <= 0) return arena_printf(mem, "< %g%s %s", q->loss_high, percent ? "%" : " points", what);
    if (q->loss_low < q->loss_high)
        return arena_printf(mem, "%g to %g%s %s", q->loss_low, q->loss_high, percent ? "%" : " points", what);
    return arena_printf(mem, "%g%s %s", q->loss_low, percent ? "%" : " points", what);
}
