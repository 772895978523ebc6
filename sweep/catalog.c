/*
 * catalog.c - the shipped folder, then the overlays in order: files are read by kind, rows replace rows of the same
 * key, and every kind is finished once, in order of dependence.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/text.h"
#include "sweep/catalog_internal.h"
#include "sweep/csv_rows.h"
#include "sweep/import.h"

/** In order of dependence: formats before mixes, modes and models; reserves before engines; GPUs before
 *  prices and purchases. */
static const sweep_kind *const kinds[] = {
    &sweep_kind_formats, &sweep_kind_mixes,   &sweep_kind_models, &sweep_kind_modes,  &sweep_kind_reserves,
    &sweep_kind_engines, &sweep_kind_methods, &sweep_kind_gpus,   &sweep_kind_prices, &sweep_kind_purchases};
enum { KINDS = sizeof kinds / sizeof kinds[0], ALLOWED_TEXT = 160 };

err sweep_row_fault(sweep_loader *l, const sweep_raw *row, err code, const char *field, const char *fmt, ...) {
    char text[DIAG_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (l->first == ERR_OK) l->first = code;
    return diag_add(l->faults, code, row->file, row->line, 0, field, "%s", text);
}

static err note(sweep_loader *l, err code) {
    if (l->first == ERR_OK) l->first = code;
    return code;
}

/** A file being read. */
typedef struct reading {
    sweep_loader *l;
    const sweep_kind *kind;
    sweep_raws *rows;
    const char *path;
    sweep_header header;
    size_t n_read;
} reading;

/** Puts a row where it belongs: in place of an earlier file's row of the same key, or at the end. */
static err place(reading *r, const sweep_raw *row) {
    sweep_raws *rows = r->rows;
    size_t at = sweep_index_find(rows->index, row->key);
    if (at != SIZE_MAX && rows->item[at].source == row->source) {
        return sweep_row_fault(r->l, row, ERR_DUPLICATE, NULL, "'%.80s' stands twice, first in line %d", row->key,
                               rows->item[at].line);
    }
    if (at != SIZE_MAX) {
        rows->item[at] = *row;
        return ERR_OK;
    }
    sweep_raw *items = arena_grow(r->l->mem, rows->item, rows->n, &rows->cap, rows->n + 1, sizeof *items);
    if (!items || sweep_index_add(rows->index, row->key, rows->n) < 0) return note(r->l, ERR_MEMORY);
    rows->item = items;
    rows->item[rows->n++] = *row;
    return ERR_OK;
}

static int take_row(void *ctx, int line, const char *const *field, size_t n) {
    reading *r = ctx;
    if (line == 1) {
        err e = sweep_header_match(r->kind->fields, r->kind->n_fields, r->path, field, n, &r->header, r->l->faults);
        if (e != ERR_OK) r->header.n = 0; /* no rows were read, but not for want of rows */
        return note(r->l, e) == ERR_OK;
    }
    sweep_raw row = {.file = r->path, .line = line, .source = r->l->source};
    row.raw = arena_alloc(r->l->mem, 1, r->kind->raw_bytes);
    if (!row.raw) return note(r->l, ERR_MEMORY) == ERR_OK;
    r->n_read++;
    if (note(r->l, sweep_row_parse(&r->header, r->path, line, field, r->l->mem, row.raw, r->l->faults)) != ERR_OK)
        return !diags_full(r->l->faults);
    row.key = r->kind->key(r->l, row.raw);
    if (!row.key) return note(r->l, ERR_MEMORY) == ERR_OK;
    place(r, &row);
    return !diags_full(r->l->faults);
}

/** Names of the files read: what a run depends on. */
static void remember_file(sweep_loader *l, const char *path) {
    sweep_catalogs *c = l->c;
    const char **files = arena_grow(l->mem, c->files, c->n_files, &c->cap_files, c->n_files + 1, sizeof *files);
    if (files) {
        c->files = files;
        files[c->n_files++] = path;
    } else {
        note(l, ERR_MEMORY);
    }
}

void sweep_kind_read(sweep_loader *l, const sweep_kind *kind, sweep_raws *rows, const char *path) {
    reading r = {.l = l, .kind = kind, .rows = rows, .path = path};
    l->source++;
    remember_file(l, path);
    err e = note(l, sweep_csv_read(path, take_row, &r, l->faults));
    if (e == ERR_OK && r.n_read == 0 && r.header.n) {
        note(l, diag_add(l->faults, ERR_MISSING, path, 2, 0, NULL, "the catalog has a header but no rows"));
    }
}

/** Kind of a file by its name: models.csv or anything-models.csv. */
static int kind_of(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);
    for (int k = 0; k < KINDS; k++) {
        size_t m = strlen(kinds[k]->file);
        if (strcmp(name, kinds[k]->file) == 0) return k;
        if (n > m + 1 && name[n - m - 1] == '-' && strcmp(name + n - m, kinds[k]->file) == 0) return k;
    }
    return -1;
}

static void allowed_files(char out[ALLOWED_TEXT]) {
    size_t at = 0;
    for (int k = 0; k < KINDS; k++)
        at += (size_t)snprintf(out + at, ALLOWED_TEXT - at, "%s%s", k ? ", " : "", kinds[k]->file);
}

/** Every known file of a folder; a folder without any is a fault. */
static void read_folder(sweep_loader *l, sweep_raws rows[KINDS], const char *dir) {
    char allowed[ALLOWED_TEXT];
    int found = 0;
    for (int k = 0; k < KINDS; k++) {
        const char *path = arena_printf(l->mem, "%s/%s", dir, kinds[k]->file);
        if (!path) {
            note(l, ERR_MEMORY);
            return;
        }
        if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) continue;
        sweep_kind_read(l, kinds[k], &rows[k], path);
        found = 1;
    }
    if (found) return;
    allowed_files(allowed);
    note(l, diag_add(l->faults, ERR_MISSING, dir, 0, 0, "catalogs", "the folder holds none of %s", allowed));
}

static void read_overlay(sweep_loader *l, sweep_raws rows[KINDS], const char *path) {
    char allowed[ALLOWED_TEXT];
    struct stat st;
    if (stat(path, &st) != 0) {
        note(l, diag_input(l->faults, ERR_OPEN, path, "catalogs", "", errno));
    } else if (S_ISDIR(st.st_mode)) {
        read_folder(l, rows, path);
    } else if (kind_of(path) >= 0) {
        sweep_kind_read(l, kinds[kind_of(path)], &rows[kind_of(path)], path);
    } else {
        allowed_files(allowed);
        note(l, diag_add(l->faults, ERR_NAME, path, 0, 0, "catalogs",
                         "a catalog file is called %s, or something-models.csv and so on", allowed));
    }
}

static err load_all(sweep_loader *l, const char *dir, const char *const *overlays, size_t n) {
    sweep_raws rows[KINDS] = {{0}};
    for (int k = 0; k < KINDS; k++) {
        rows[k].index = sweep_index_new(l->mem, 512);
        if (!rows[k].index) return ERR_MEMORY;
    }
    read_folder(l, rows, dir);
    for (size_t i = 0; i < n; i++)
        read_overlay(l, rows, overlays[i]);
    for (int k = 0; k < KINDS && l->first == ERR_OK; k++)
        note(l, kinds[k]->finish(l, &rows[k]));
    return l->first;
}

err sweep_catalogs_load(sweep_catalogs *c, arena *mem, const char *dir, const char *const *overlays, size_t n,
                        diags *faults) {
    sweep_loader l = {.c = c, .mem = mem, .faults = faults};
    memset(c, 0, sizeof *c);
    c->mem = mem;
    c->home = dir;
    c->imports = sweep_imports_new(mem);
    err e = load_all(&l, dir, overlays, n);
    if (e == ERR_MEMORY) diag_add(faults, ERR_MEMORY, dir, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    return e;
}

static int is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static err no_memory(diags *faults) {
    return diag_add(faults, ERR_MEMORY, NULL, 0, 0, "catalogs", "%s", err_text(ERR_MEMORY));
}

err sweep_catalogs_home(const char **home, arena *mem, diags *faults) {
    static const char *const places[] = {"configs/catalogs", "../share/vramsweep/catalogs", "../../configs/catalogs"};
    char self[4096];
    const char *named = getenv("VRAMSWEEP_CATALOGS");
    if (named && *named) {
        *home = arena_text(mem, named, strlen(named));
        return *home ? ERR_OK : no_memory(faults);
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash) *slash = 0;
    for (size_t i = 0; n > 0 && i < sizeof places / sizeof *places; i++) {
        *home = arena_printf(mem, "%s/%s", self, places[i]);
        if (!*home) return no_memory(faults);
        if (is_folder(*home)) return ERR_OK;
    }
    return diag_add(faults, ERR_OPEN, NULL, 0, 0, "catalogs",
                    "the shipped catalogs are not beside the program; set VRAMSWEEP_CATALOGS to their folder");
}
