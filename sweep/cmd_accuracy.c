/*
 * cmd_accuracy.c - `accuracy FILE...`: our error against measured rows, per dataset and term, or row by row, and as
 * charts.
 */
#include "sweep/accuracy.h"
#include "sweep/output.h"

static err draw(sweep_ctx *ctx, const sweep_measured *rows, size_t n) {
    int rendered;
    TRY(sweep_accuracy_charts(&ctx->mem, ctx->options->charts, rows, n, &rendered, &ctx->faults));
    if (rendered) return ERR_OK;
    return diag_add(&ctx->faults, ERR_OK, NULL, 0, 0, "--charts",
                    "gnuplot is not installed; scripts and data are written");
}

err sweep_cmd_accuracy(sweep_ctx *ctx) {
    const sweep_options *o = ctx->options;
    sweep_measured *rows;
    size_t n;
    if (o->n_args == 0) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "accuracy", "expected one or more files of measured rows");
    }
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    TRY(sweep_accuracy_load(&ctx->mem, &ctx->catalogs, o->args, (size_t)o->n_args, &rows, &n, &ctx->faults));
    if (o->charts) TRY(draw(ctx, rows, n));
    const report_table *t =
        o->rows ? sweep_accuracy_rows(&ctx->mem, rows, n) : sweep_accuracy_summary(&ctx->mem, rows, n);
    if (!t) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    return sweep_output_table(ctx, t);
}
