/*
 * cmd_diff.c - `diff OLD NEW`: two CSV files or two folders. The result goes to standard output or --out; the exit
 * status says whether there is a difference.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "sweep/diff.h"
#include "sweep/output.h"

static err look(const char *path, int *is_folder, diags *faults) {
    struct stat is;
    if (stat(path, &is) != 0) return diag_input(faults, ERR_OPEN, path, NULL, "", errno);
    *is_folder = S_ISDIR(is.st_mode);
    return ERR_OK;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static err compare(sweep_ctx *ctx, sweep_diff *d, const char *before, const char *after) {
    int folder[2] = {0};
    TRY(look(before, &folder[0], &ctx->faults));
    TRY(look(after, &folder[1], &ctx->faults));
    if (folder[0] != folder[1]) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "diff", "'%.100s' is a %s, '%.100s' a %s", before,
                        folder[0] ? "folder" : "file", after, folder[1] ? "folder" : "file");
    }
    if (folder[0]) return sweep_diff_folders(d, before, after, &ctx->faults);
    return sweep_diff_csv(d, base_name(after), before, after, &ctx->faults);
}

err sweep_cmd_diff(sweep_ctx *ctx) {
    const sweep_options *o = ctx->options;
    sweep_diff d;
    if (o->n_args != 2) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "diff", "expected OLD and NEW: two folders or CSV files");
    }
    sweep_diff_init(&d, &ctx->mem);
    TRY(compare(ctx, &d, o->args[0], o->args[1]));
    if (sweep_diff_total(&d) == 0 && o->format == SWEEP_FORMAT_TEXT) return ERR_OK;
    const report_table *t = sweep_diff_table(&d, "Changes");
    if (!t) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (!o->quiet || o->out) TRY(sweep_output_table(ctx, t));
    return sweep_diff_total(&d) ? ERR_DIFFERS : ERR_OK;
}
