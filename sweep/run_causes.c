/*
 * run_causes.c - why results changed: catalog rows (copies of the files that the last run read are kept in the folder),
 * formulas and program (digests in the manifest), the report's part of the config, a result that someone edited. A
 * difference is put down to the catalog rows that it names; where none is named, to all that changed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/file.h"
#include "sweep/run_changes.h"

enum { CAUSES_SHOWN = 3, NAMES = 2, COPY_BYTES = 1 << 16 };

/** One changed input and the names by which results speak of it. */
typedef struct cause {
    const char *text, *name[NAMES];
} cause;

typedef struct causes {
    sweep_run *run;
    cause *item;
    size_t n, cap;
    const char *file; /* that was looked at last, and what is known of it */
    const char *of_file;
} causes;

static arena *memory(const sweep_run *run) {
    return &run->ctx->mem;
}

/** Name of a catalog's copy: models.csv, 2-models.csv for the second file of that name. */
static const char *copy_name(const sweep_run *run, const sweep_named_digest *files, size_t i) {
    size_t same = 1;
    for (size_t k = 0; k < i; k++)
        same += strcmp(files[k].name, files[i].name) == 0;
    if (same == 1) return files[i].name;
    return arena_printf(memory(run), "%zu-%s", same, files[i].name);
}

static const char *copy_path(const sweep_run *run, const char *dir, const char *name) {
    return arena_printf(memory(run), "%s/" SWEEP_STATE "/%s.catalogs/%s", dir, run->cfg->name, name);
}

static err copy_file(sweep_run *run, const char *from, const char *to) {
    report_file *f;
    char bytes[COPY_BYTES];
    FILE *in = fopen(from, "rb");
    if (!in) return diag_input(&run->ctx->faults, ERR_READ, from, NULL, "cannot be read: ", errno);
    err e = report_file_open(&f, to, &run->ctx->faults);
    if (e == ERR_OK) {
        for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
            report_file_write(f, bytes, n);
        if (ferror(in)) e = diag_input(&run->ctx->faults, ERR_READ, from, NULL, "cannot be read: ", errno);
        e = report_file_end(f, e, &run->ctx->faults);
    }
    fclose(in);
    return e;
}

err sweep_causes_keep(sweep_run *run) {
    const sweep_manifest *now = &run->set->now;
    char hex[DIGEST_HEX];
    for (size_t i = 0; i < now->n_catalogs; i++) {
        const char *name = copy_name(run, now->catalog, i);
        const char *kept = name ? copy_path(run, run->set->folder.dir, name) : NULL;
        const char *staged = name ? copy_path(run, run->set->folder.stage, name) : NULL;
        if (!kept || !staged) return sweep_run_no_memory(run);
        if (digest_file(kept, hex, NULL, NULL) == 0 && strcmp(hex, now->catalog[i].digest) == 0) continue;
        TRY(copy_file(run, run->ctx->catalogs.files[i], staged));
    }
    return ERR_OK;
}

static err add_cause(causes *c, const cause *x) {
    cause *items = arena_grow(memory(c->run), c->item, c->n, &c->cap, c->n + 1, sizeof *items);
    if (!items || !x->text) return sweep_run_no_memory(c->run);
    c->item = items;
    c->item[c->n++] = *x;
    return ERR_OK;
}

/** The value of `gpu=` in the label of a price, the label itself elsewhere. */
static const char *row_name(const sweep_run *run, const char *row) {
    const char *gpu = strstr(row, "gpu=");
    return gpu ? arena_text(memory(run), gpu + 4, strcspn(gpu + 4, " ")) : row;
}

static const char *display_name(const sweep_run *run, const char *name) {
    const kern_model *m = sweep_find_model(&run->ctx->catalogs, name);
    const kern_gpu *g = sweep_find_gpu(&run->ctx->catalogs, name);
    return m ? m->display : g ? g->display : NULL;
}

static const char *cause_text(const sweep_run *run, const sweep_difference *x) {
    const char *row = x->row ? x->row : "", *blank = x->row ? ": " : "";
    if (x->column && x->old_text) {
        const char *old_text = *x->old_text ? x->old_text : "(empty)",
                   *new_text = *x->new_text ? x->new_text : "(empty)";
        return arena_printf(memory(run), "%s%s%s: %s %s -> %s", x->file, blank, row, x->column, old_text, new_text);
    }
    switch (x->kind) {
    case SWEEP_DIFF_ROW_ADDED:
    case SWEEP_DIFF_FILE_ADDED:
        return arena_printf(memory(run), "%s%s%s added", x->file, blank, row);
    case SWEEP_DIFF_ROW_REMOVED:
    case SWEEP_DIFF_FILE_REMOVED:
        return arena_printf(memory(run), "%s%s%s removed", x->file, blank, row);
    default:
        return arena_printf(memory(run), "%s: %s", x->file, x->column ? x->column : "changed");
    }
}

/** Differences of the catalogs: as causes, and as lines at the end of the report. */
static err list_inputs(causes *c, const sweep_diff *inputs, sweep_diff *d) {
    for (size_t i = 0; i < inputs->n; i++) {
        sweep_difference x = inputs->item[i];
        cause why = {.text = cause_text(c->run, &x)};
        if (x.row) {
            why.name[0] = row_name(c->run, x.row);
            why.name[1] = why.name[0] ? display_name(c->run, why.name[0]) : NULL;
        }
        TRY(add_cause(c, &why));
        if (x.kind == SWEEP_DIFF_MIN_GPU) x.kind = SWEEP_DIFF_CELL;
        x.input = 1;
        if (!sweep_diff_add(d, &x)) return sweep_run_no_memory(c->run);
    }
    return ERR_OK;
}

static const char *find_digest(const sweep_named_digest *d, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(d[i].name, name) == 0) return d[i].digest;
    }
    return NULL;
}

static err compare_catalogs(causes *c, sweep_diff *d) {
    const sweep_manifest *now = &c->run->set->now, *old = &c->run->set->old;
    sweep_diff inputs;
    sweep_diff_init(&inputs, memory(c->run));
    for (size_t i = 0; i < now->n_catalogs; i++) {
        const char *name = copy_name(c->run, now->catalog, i);
        const char *kept = name ? copy_path(c->run, c->run->set->folder.dir, name) : NULL;
        if (!kept) return sweep_run_no_memory(c->run);
        int was_there, why = report_file_exists(kept, &was_there);
        if (why) {
            return diag_add(&c->run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: %s", kept, strerror(why));
        }
        if (was_there) {
            TRY(sweep_diff_csv(&inputs, name, kept, c->run->ctx->catalogs.files[i], &c->run->ctx->faults));
        } else if (!sweep_diff_add(&inputs, &(sweep_difference){.kind = SWEEP_DIFF_FILE_ADDED, .file = name})) {
            return sweep_run_no_memory(c->run);
        }
    }
    for (size_t i = 0; i < old->n_catalogs; i++) {
        const sweep_difference gone = {.kind = SWEEP_DIFF_FILE_REMOVED, .file = old->catalog[i].name};
        if (find_digest(now->catalog, now->n_catalogs, gone.file)) continue;
        if (!sweep_diff_add(&inputs, &gone)) return sweep_run_no_memory(c->run);
    }
    return list_inputs(c, &inputs, d);
}

/** Formulas by name; a program whose formulas are the same is a cause of its own. */
static err compare_programs(causes *c) {
    const sweep_manifest *now = &c->run->set->now, *old = &c->run->set->old;
    size_t before = c->n;
    if (strcmp(now->sources, old->sources) == 0) return ERR_OK;
    for (size_t i = 0; i < now->n_formulas; i++) {
        const char *was = find_digest(old->formula, old->n_formulas, now->formula[i].name);
        if (was && strcmp(was, now->formula[i].digest) == 0) continue;
        TRY(add_cause(c, &(cause){.text = arena_printf(memory(c->run), "formula %s %s", now->formula[i].name,
                                                       was ? "changed" : "added")}));
    }
    if (c->n != before) return ERR_OK;
    return add_cause(c, &(cause){.text = arena_printf(memory(c->run), "program %s -> %s, its sources changed",
                                                      old->program, now->program)});
}

static int is_part_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
}

/** The name stands in the text by itself, not as a part of a longer one. */
static int speaks_of(const char *text, const char *name) {
    size_t n = name ? strlen(name) : 0;
    if (!text || n < 2) return 0;
    for (const char *at = text; (at = strstr(at, name)); at++) {
        if ((at == text || !is_part_of_name(at[-1])) && !is_part_of_name(at[n])) return 1;
    }
    return 0;
}

static int is_cause(const cause *c, const sweep_difference *x) {
    for (int i = 0; i < NAMES; i++) {
        if (speaks_of(x->row, c->name[i]) || speaks_of(x->column, c->name[i]) || speaks_of(x->old_text, c->name[i]) ||
            speaks_of(x->new_text, c->name[i]))
            return 1;
    }
    return 0;
}

/** The first few causes that match, or of all of them; "" when there is none. */
static const char *join(const causes *c, const sweep_difference *matching) {
    const char *text = "";
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < c->n && text; i++) {
        if (matching && !is_cause(&c->item[i], matching)) continue;
        if (shown == CAUSES_SHOWN) {
            more++;
        } else {
            text = arena_printf(memory(c->run), "%s%s%s", text, shown++ ? "; " : "", c->item[i].text);
        }
    }
    return more && text ? arena_printf(memory(c->run), "%s; and %zu more", text, more) : text;
}

/** Report that writes a file or, as a table, has its name. */
static const sweep_made_report *report_of(const sweep_manifest *m, const char *file) {
    for (size_t i = 0; i < m->n_reports; i++) {
        const char *name = strchr(m->report[i].what, ' ') + 1;
        for (size_t k = 0; k < m->report[i].n; k++) {
            if (strcmp(m->report[i].file[k].name, file) == 0) return &m->report[i];
        }
        if (strncmp(file, name, strlen(name)) == 0 && strcmp(file + strlen(name), ".csv") == 0) return &m->report[i];
    }
    return NULL;
}

/** The file is not as the last run left it. */
static int was_edited(const sweep_run *run, const sweep_made_report *old, const char *file) {
    char hex[DIGEST_HEX];
    const char *path = arena_printf(memory(run), "%s/%s", run->set->folder.dir, file);
    for (size_t k = 0; old && path && k < old->n; k++) {
        if (strcmp(old->file[k].name, file) != 0) continue;
        return digest_file(path, hex, NULL, NULL) == 0 && strcmp(hex, old->file[k].sha) != 0;
    }
    return 0;
}

/** A cause that holds for a whole file; NULL when there is none. */
static const char *file_cause(const causes *c, const sweep_difference *x) {
    const sweep_made_report *now = report_of(&c->run->set->now, x->file);
    const sweep_made_report *old = now ? sweep_manifest_find(&c->run->set->old, now->what) : NULL;
    if (was_edited(c->run, old, x->file)) return "the file was edited after the last run";
    if (x->kind == SWEEP_DIFF_FILE_REMOVED) return "the config no longer asks for it";
    if (now && (!old || strcmp(old->asked, now->asked) != 0)) return "the config asks for something else";
    return NULL;
}

static const char *name_cause(causes *c, const sweep_difference *x, const char *all) {
    if (!c->file || strcmp(c->file, x->file) != 0) {
        c->file = x->file;
        c->of_file = file_cause(c, x);
    }
    if (c->of_file) return c->of_file;
    const char *matching = join(c, x);
    return matching && *matching ? matching : all && *all ? all : "an input file changed";
}

err sweep_causes_find(sweep_run *run, sweep_diff *d) {
    causes c = {.run = run};
    size_t results = d->n;
    TRY(compare_catalogs(&c, d));
    TRY(compare_programs(&c));
    const char *all = join(&c, NULL);
    for (size_t i = 0; i < results; i++) {
        d->item[i].cause = name_cause(&c, &d->item[i], all);
        if (!d->item[i].cause) return sweep_run_no_memory(run);
    }
    return ERR_OK;
}
