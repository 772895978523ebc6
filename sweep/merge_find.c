/*
 * merge_find.c - shards found and held against each other.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep/folder.h"
#include "sweep/merge.h"
#include "sweep/rows_kind.h"

enum { NAMED_MAX = 8 };

static const char manifest_end[] = ".manifest.json";

int sweep_shards_share(const sweep_made_report *r) {
    int rows = strncmp(r->what, "csv ", 4) == 0 && sweep_rows_kind_of(r->what) != SWEEP_ROWS_XLSX;
    return rows || strncmp(r->what, "reduce ", 7) == 0;
}

static err no_memory(diags *faults) {
    return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

/** The one manifest of a folder; NULL without a fault when there is none, or no such folder. */
static err find_manifest(arena *mem, const char *dir, const char **name, diags *faults) {
    const char *state = arena_printf(mem, "%s/" SWEEP_STATE, dir);
    DIR *d = state ? opendir(state) : NULL;
    err e = state ? ERR_OK : no_memory(faults);
    if (state && !d && errno != ENOENT && errno != ENOTDIR) e = diag_input(faults, ERR_OPEN, state, NULL, "", errno);
    *name = NULL;
    for (struct dirent *entry; d && e == ERR_OK && (entry = readdir(d)) != NULL;) {
        size_t n = strlen(entry->d_name), m = sizeof manifest_end - 1;
        if (n <= m || strcmp(entry->d_name + n - m, manifest_end) != 0) continue;
        if (*name) e = diag_add(faults, ERR_DUPLICATE, dir, 0, 0, NULL, "holds results of several configs");
        *name = arena_printf(mem, SWEEP_STATE "/%s", entry->d_name);
        if (!*name) e = no_memory(faults);
    }
    if (d) closedir(d);
    return e;
}

static err add(sweep_shards *s, arena *mem, const char *dir, const char *name, diags *faults) {
    const char *path = arena_printf(mem, "%s/%s", dir, name);
    sweep_shard *more = arena_grow(mem, s->item, s->n, &s->cap, s->n + 1, sizeof *more);
    if (!path || !more) return no_memory(faults);
    s->item = more;
    sweep_shard *it = &s->item[s->n];
    *it = (sweep_shard){.dir = dir, .name = name};
    TRY(sweep_manifest_read(&it->m, mem, path, faults));
    if (!it->m.program) {
        return diag_add(faults, ERR_READ, path, 0, 0, NULL, "not a manifest that this program can read");
    }
    if (!it->m.of) return diag_add(faults, ERR_NAME, dir, 0, 0, NULL, "holds a whole run, not a shard");
    s->n++;
    return ERR_OK;
}

/** A shard's folder. */
static err add_folder(sweep_shards *s, arena *mem, const char *dir, diags *faults) {
    const char *name;
    TRY(sweep_folder_settle(mem, dir, faults));
    TRY(find_manifest(mem, dir, &name, faults));
    if (name) return add(s, mem, dir, name, faults);
    return diag_add(faults, ERR_MISSING, dir, 0, 0, NULL, "this shard was never finished");
}

err sweep_shards_find(sweep_shards *s, arena *mem, const char *dir, diags *faults) {
    const char *name;
    size_t found = 0;
    DIR *d = opendir(dir);
    if (!d) return diag_input(faults, ERR_OPEN, dir, NULL, "", errno);
    err first = find_manifest(mem, dir, &name, faults);
    for (struct dirent *entry; first == ERR_OK && (entry = readdir(d)) != NULL;) {
        if (strncmp(entry->d_name, "shard-", 6) != 0) continue;
        const char *path = arena_printf(mem, "%s/%s", dir, entry->d_name);
        err e = path ? add_folder(s, mem, path, faults) : no_memory(faults);
        if (first == ERR_OK) first = e;
        found++;
    }
    closedir(d);
    if (first != ERR_OK || found) return first;
    if (name) return add_folder(s, mem, dir, faults);
    return diag_add(faults, ERR_MISSING, dir, 0, 0, NULL, "no folder shard-K-of-N in it");
}

static int by_number(const void *a, const void *b) {
    const sweep_shard *x = a, *y = b;
    if (x->m.shard != y->m.shard) return x->m.shard < y->m.shard ? -1 : 1;
    return strcmp(x->dir, y->dir);
}

/** What keeps two shards from being of one run; NULL: nothing. */
static const char *difference(const sweep_shard *a, const sweep_shard *b) {
    const sweep_manifest *x = &a->m, *y = &b->m;
    if (x->of != y->of) return "cut into another number of shards";
    if (strcmp(x->program, y->program) != 0 || strcmp(x->sources, y->sources) != 0) return "made by another program";
    if (strcmp(a->name, b->name) != 0) return "of another config";
    if (x->n_reports != y->n_reports) return "the configs differ";
    for (size_t i = 0; i < x->n_reports; i++) {
        if (strcmp(x->report[i].what, y->report[i].what) != 0) return "the configs differ";
        if (sweep_shards_share(&x->report[i]) && strcmp(x->report[i].key, y->report[i].key) != 0)
            return "configs or catalogs differ";
    }
    return NULL;
}

/** Of one run, none twice. */
static err check_kin(const sweep_shards *s, diags *faults) {
    err first = ERR_OK;
    for (size_t i = 1; i < s->n; i++) {
        const sweep_shard *it = &s->item[i];
        const char *why = difference(it, &s->item[0]);
        err e = ERR_OK;
        if (why) {
            e = diag_add(faults, ERR_NAME, it->dir, 0, 0, NULL, "not of the same run as %.150s: %s", s->item[0].dir,
                         why);
        } else if (it->m.shard == it[-1].m.shard) {
            e = diag_add(faults, ERR_DUPLICATE, it->dir, 0, 0, NULL, "the same shard as %.200s", it[-1].dir);
        }
        if (first == ERR_OK) first = e;
    }
    return first;
}

/** "3, 5, 7 and 12 more" */
static err check_complete(const sweep_shards *s, diags *faults) {
    char text[DIAG_TEXT / 2] = "";
    size_t at = 0, i = 0, named = 0;
    uint64_t of = s->item[0].m.of, missing = of - s->n;
    if (missing == 0) return ERR_OK;
    for (uint64_t k = 1; k <= of && named < NAMED_MAX; k++) {
        if (i < s->n && s->item[i].m.shard == k)
            i++;
        else
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%" PRIu64, named++ ? ", " : "", k);
    }
    if (missing > named) snprintf(text + at, sizeof text - at, " and %" PRIu64 " more", missing - named);
    return diag_add(faults, ERR_MISSING, NULL, 0, 0, NULL, "of %" PRIu64 " shards these are missing: %s", of, text);
}

static err check_file(arena *mem, const sweep_shard *it, const sweep_made_file *f, diags *faults) {
    const char *path = arena_printf(mem, "%s/%s", it->dir, f->name);
    struct stat is;
    if (!path) return no_memory(faults);
    if (stat(path, &is) != 0) return diag_input(faults, ERR_OPEN, path, NULL, "", errno);
    uint64_t bytes = (uint64_t)is.st_size;
    if (S_ISREG(is.st_mode) && bytes == f->bytes) return ERR_OK;
    return diag_add(faults, ERR_READ, path, 0, 0, NULL, "%" PRIu64 " bytes, expected %" PRIu64 ": %s", bytes, f->bytes,
                    bytes < f->bytes ? "it was cut short" : "it was changed");
}

static err check_files(arena *mem, const sweep_shard *it, diags *faults) {
    err first = ERR_OK;
    for (size_t i = 0; i < it->m.n_reports; i++) {
        const sweep_made_report *r = &it->m.report[i];
        err e = ERR_OK;
        if (sweep_shards_share(r) && r->n != 1) {
            e = diag_add(faults, ERR_MISSING, it->dir, 0, 0, NULL, "its share of '%.100s' is missing", r->what);
        }
        for (size_t k = 0; k < r->n && e == ERR_OK; k++)
            e = check_file(mem, it, &r->file[k], faults);
        if (first == ERR_OK) first = e;
    }
    return first;
}

err sweep_shards_check(sweep_shards *s, arena *mem, diags *faults) {
    qsort(s->item, s->n, sizeof *s->item, by_number);
    TRY(check_kin(s, faults));
    err first = check_complete(s, faults);
    for (size_t i = 0; i < s->n; i++) {
        err e = check_files(mem, &s->item[i], faults);
        if (first == ERR_OK) first = e;
    }
    return first;
}
