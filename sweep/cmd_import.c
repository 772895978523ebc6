/*
 * cmd_import.c - `import FILE...`: configs and checkpoints to rows of models.csv on standard output. A tensor file
 * takes its architecture from the config.json beside it, a GGUF file from its metadata; without one its bytes by class
 * and type are the answer. Files that cannot be used are reported and the others still written.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/csv_text.h"
#include "report/file.h"
#include "sweep/command.h"
#include "sweep/import_internal.h"
#include "sweep/import_tensors.h"
#include "sweep/json_memory.h"

typedef struct job {
    sweep_ctx *ctx;
    report_csv_text rows;   /* models.csv */
    report_csv_text tables; /* bytes of checkpoints without a row */
    int bad;
} job;

static int ends_with(const char *text, const char *ending) {
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

static int column_is(size_t i, const char *name) {
    return strcmp(sweep_model_column(i), name) == 0;
}

static void put_header(report_csv_text *t) {
    for (size_t i = 0; sweep_model_column(i); i++) {
        report_csv_raw(t, i ? "," : "");
        report_csv_raw(t, sweep_model_column(i));
    }
    report_csv_raw(t, "\n");
}

/** A row; `note` is added to its notes. */
static void put_row(job *j, const sweep_import_row *row, const char *note) {
    if (!j->rows.n) put_header(&j->rows);
    for (size_t i = 0; sweep_model_column(i); i++) {
        report_csv_raw(&j->rows, i ? "," : "");
        if (column_is(i, "notes") && *note) {
            const char *both = arena_printf(&j->ctx->mem, "%s%s%s", row->value[i], *row->value[i] ? "; " : "", note);
            report_csv_field(&j->rows, both ? both : note);
        } else {
            report_csv_field(&j->rows, row->value[i]);
        }
    }
    report_csv_raw(&j->rows, "\n");
}

/** What was taken for granted, as a note on the error stream. */
static void tell_assumed(job *j, const char *path, const sweep_import_row *row) {
    char piece[DIAG_TEXT];
    if (!j->ctx->options->assume) return;
    for (const char *p = row->assumed; *p;) {
        size_t n = strcspn(p, ";");
        snprintf(piece, sizeof piece, "%.*s", (int)n, p);
        diag_add(&j->ctx->faults, ERR_OK, path, 0, 0, "assumed", "%s", piece);
        p += n + strspn(p + n, "; ");
    }
}

static err take_config(job *j, const char *path, const char *note) {
    sweep_import_row *row = arena_alloc(&j->ctx->mem, 1, sizeof *row);
    if (!row) return diag_add(&j->ctx->faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    TRY(sweep_import_config(&j->ctx->catalogs, &j->ctx->mem, path, j->ctx->options->assume, row, &j->ctx->faults));
    put_row(j, row, note);
    tell_assumed(j, path, row);
    return ERR_OK;
}

static void put_table(job *j, const import_tensors *t, const char *path) {
    report_csv_text *to = &j->tables;
    if (!to->n) report_csv_raw(to, "file,class,type,tensors,elements,bytes\n");
    import_tensors_put(t, path, to);
}

/** A safetensors file or index: with the config.json beside it, or its table. */
static err take_tensors(job *j, const char *path, import_tensors *t) {
    const char *slash = strrchr(path, '/');
    int64_t total = 0;
    char note[SWEEP_IMPORT_ASSUMED_MAX];
    err e = ends_with(path, ".json") ? import_safetensors_index_read(path, t, &total, &j->ctx->faults)
                                     : import_safetensors_read(path, t, &j->ctx->faults);
    TRY(e);
    if (!t->all.tensors) t->all.bytes = total;
    const char *config = arena_printf(&j->ctx->mem, "%.*sconfig.json", slash ? (int)(slash - path) + 1 : 0, path);
    if (config && access(config, R_OK) == 0) {
        import_tensors_note(t, note, sizeof note);
        return take_config(j, config, note);
    }
    put_table(j, t, path);
    return ERR_OK;
}

static err take_gguf(job *j, const char *path, import_tensors *t) {
    sweep_import_row *row = arena_alloc(&j->ctx->mem, 1, sizeof *row);
    import_source from = {.file = path, .name = "GGUF metadata", .assume = j->ctx->options->assume};
    char note[SWEEP_IMPORT_ASSUMED_MAX];
    json_t *config;
    if (!row) return diag_add(&j->ctx->faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    TRY(import_gguf_read(&j->ctx->catalogs, path, t, &config, &j->ctx->faults));
    if (!config) {
        put_table(j, t, path);
        return ERR_OK;
    }
    err e = import_build(&j->ctx->catalogs, &j->ctx->mem, &from, config, row, &j->ctx->faults);
    json_decref(config);
    TRY(e);
    import_tensors_note(t, note, sizeof note);
    put_row(j, row, note);
    tell_assumed(j, path, row);
    if (t->all.elements != row->model->params_main)
        diag_add(&j->ctx->faults, ERR_OK, path, 0, 0, "note", "the file holds %lld elements, its row %lld parameters",
                 (long long)t->all.elements, (long long)row->model->params_main);
    return ERR_OK;
}

static err take_file(job *j, const char *path) {
    import_tensors *t;
    int tensors = ends_with(path, ".safetensors") || ends_with(path, ".safetensors.index.json");
    if (!tensors && !ends_with(path, ".gguf")) return take_config(j, path, "");
    t = calloc(1, sizeof *t);
    if (!t) return diag_add(&j->ctx->faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    err e = tensors ? take_tensors(j, path, t) : take_gguf(j, path, t);
    free(t);
    if (!sweep_json_lost()) return e; /* of the metadata */
    return diag_add(&j->ctx->faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static err write_all(job *j) {
    report_file *out;
    if (j->rows.failed || j->tables.failed)
        return diag_add(&j->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    TRY(report_file_open(&out, j->ctx->options->out ? j->ctx->options->out : "-", &j->ctx->faults));
    if (j->rows.n) report_file_write(out, j->rows.text, j->rows.n);
    if (j->rows.n && j->tables.n) report_file_text(out, "\n");
    if (j->tables.n) report_file_write(out, j->tables.text, j->tables.n);
    return report_file_commit(out, &j->ctx->faults);
}

err sweep_cmd_import(sweep_ctx *ctx) {
    job j = {.ctx = ctx};
    err first = ERR_OK;
    if (ctx->options->n_args < 1)
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "import",
                        "expected config.json, *.safetensors, *.safetensors.index.json or *.gguf files");
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    for (int i = 0; i < ctx->options->n_args; i++) {
        err e = take_file(&j, ctx->options->args[i]);
        if (first == ERR_OK || e == ERR_MEMORY) first = e;
    }
    err written = first != ERR_MEMORY && (j.rows.n || j.tables.n) ? write_all(&j) : ERR_OK;
    report_csv_text_free(&j.rows);
    report_csv_text_free(&j.tables);
    if (written != ERR_OK) return written;
    return first == ERR_OK || first == ERR_MEMORY ? first : ERR_SYNTAX; /* whatever else it was: exit status 2 */
}
