/*
 * cmd_import.c - `import FILE...`: configs and checkpoints to rows of models.csv on standard output. A tensor file
 * takes its architecture from the config.json beside it, a GGUF file from its metadata; without one its bytes by class
 * and type are the answer. Files that cannot be used are reported and the others still written. Rows leave as they are
 * made and a file's memory goes with it, so that a hundred thousand files take no more of it than one.
 */
#include <errno.h>
#include <stdio.h>
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
    arena *mem;             /* of the file at hand */
    report_file *out;       /* NULL: nothing was written yet */
    report_csv_text rows;   /* models.csv, on its way out */
    report_csv_text tables; /* bytes of checkpoints without a row */
    err first, written;
} job;

enum { FLUSH_BYTES = 1 << 16, PATH_BYTES = 4096 };

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

/** Text on its way out; the first opens the output. */
static void put_out(job *j, report_csv_text *t) {
    if (t->failed && j->written == ERR_OK)
        j->written = diag_add(&j->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (!j->out && j->written == ERR_OK)
        j->written = report_file_open(&j->out, j->ctx->options->out ? j->ctx->options->out : "-", &j->ctx->faults);
    if (j->written == ERR_OK && t->n) report_file_write(j->out, t->text, t->n);
    t->n = 0;
}

/** A row; `note` is added to its notes. */
static void put_row(job *j, const sweep_import_row *row, const char *note) {
    if (!j->out && !j->rows.n) put_header(&j->rows);
    for (size_t i = 0; sweep_model_column(i); i++) {
        report_csv_raw(&j->rows, i ? "," : "");
        if (column_is(i, "notes") && *note) {
            const char *both = arena_printf(j->mem, "%s%s%s", row->value[i], *row->value[i] ? "; " : "", note);
            report_csv_field(&j->rows, both ? both : note);
        } else {
            report_csv_field(&j->rows, row->value[i]);
        }
    }
    report_csv_raw(&j->rows, "\n");
    if (j->rows.n > FLUSH_BYTES || j->rows.failed) put_out(j, &j->rows);
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
    sweep_import_row *row = arena_alloc(j->mem, 1, sizeof *row);
    if (!row) return diag_add(&j->ctx->faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    TRY(sweep_import_config(&j->ctx->catalogs, j->mem, path, j->ctx->options->assume, row, &j->ctx->faults));
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
    const char *config = arena_printf(j->mem, "%.*sconfig.json", slash ? (int)(slash - path) + 1 : 0, path);
    if (config && access(config, R_OK) == 0) {
        import_tensors_note(t, note, sizeof note);
        return take_config(j, config, note);
    }
    put_table(j, t, path);
    return ERR_OK;
}

static err take_gguf(job *j, const char *path, import_tensors *t) {
    sweep_import_row *row = arena_alloc(j->mem, 1, sizeof *row);
    import_source from = {.file = path, .name = "GGUF metadata", .assume = j->ctx->options->assume};
    char note[SWEEP_IMPORT_ASSUMED_MAX];
    json_t *config;
    if (!row) return diag_add(&j->ctx->faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    TRY(import_gguf_read(&j->ctx->catalogs, path, t, &config, &j->ctx->faults));
    if (!config) {
        put_table(j, t, path);
        return ERR_OK;
    }
    err e = import_build(&j->ctx->catalogs, j->mem, &from, config, row, &j->ctx->faults);
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

/** One file with memory of its own, which stays when a fault speaks of it. */
static void take_one(job *j, const char *path) {
    int told = j->ctx->faults.n;
    arena mem;
    arena_init(&mem, NULL, NULL);
    j->mem = &mem;
    const char *name = arena_text(&mem, path, strlen(path));
    err e =
        name ? take_file(j, name) : diag_add(&j->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (j->first == ERR_OK) j->first = e;
    j->mem = NULL;
    if (e == ERR_MEMORY && j->written == ERR_OK) j->written = e; /* what is there may be wrong, and more would fail */
    if (j->ctx->faults.n == told) {
        arena_fini(&mem);
    } else {
        arena_adopt(&j->ctx->mem, &mem);
    }
}

/** The files that a list names, one a line. */
static err take_list(job *j, const char *list) {
    char *path = NULL;
    size_t cap = 0;
    int standard = strcmp(list, "-") == 0;
    FILE *in = standard ? stdin : fopen(list, "r");
    if (!in) return diag_input(&j->ctx->faults, ERR_OPEN, list, "--files-from", "", errno);
    for (ssize_t n; j->written == ERR_OK && (n = getline(&path, &cap, in)) >= 0;) {
        path[strcspn(path, "\r\n")] = 0;
        if (n > PATH_BYTES) {
            j->written = diag_add(&j->ctx->faults, ERR_LIMIT, list, 0, 0, "--files-from",
                                  "a line of more than %d bytes", PATH_BYTES);
        } else if (*path) {
            take_one(j, path);
        }
    }
    int whole = j->written != ERR_OK || feof(in); /* or memory or the disk failed */
    err e = whole ? ERR_OK : diag_input(&j->ctx->faults, ERR_READ, list, "--files-from", "", errno);
    free(path);
    if (!standard) fclose(in);
    return e;
}

/** What is left, the tables last. */
static err write_rest(job *j) {
    if (j->rows.n) put_out(j, &j->rows);
    if (j->out && j->tables.n && j->written == ERR_OK) report_file_text(j->out, "\n");
    if (j->tables.n) put_out(j, &j->tables);
    if (!j->out) return j->written;
    if (j->written == ERR_OK) return report_file_commit(j->out, &j->ctx->faults);
    report_file_abort(j->out);
    return j->written;
}

err sweep_cmd_import(sweep_ctx *ctx) {
    job j = {.ctx = ctx};
    if (ctx->options->n_args < 1 && !ctx->options->files_from)
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "import",
                        "expected config.json, *.safetensors, *.safetensors.index.json or *.gguf files");
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    for (int i = 0; i < ctx->options->n_args && j.written == ERR_OK; i++)
        take_one(&j, ctx->options->args[i]);
    err listed = ctx->options->files_from ? take_list(&j, ctx->options->files_from) : ERR_OK;
    err written = write_rest(&j);
    report_csv_text_free(&j.rows);
    report_csv_text_free(&j.tables);
    if (written != ERR_OK) return written;
    return j.first == ERR_OK && listed == ERR_OK ? ERR_OK : ERR_SYNTAX; /* whatever it was: exit status 2 */
}
