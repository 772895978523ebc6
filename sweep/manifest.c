/*
 * manifest.c - manifests as JSON. What is read was written by us or by a stranger: sizes are bounded, names must stay
 * inside the folder, and anything that is not as expected makes the whole manifest unusable.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/file.h"
#include "sweep/folder.h"
#include "sweep/json_memory.h"
#include "sweep/manifest.h"
#include "sweep/options.h"

enum { MANIFEST_BYTES = 16 << 20, MANIFEST_FORMAT = 1, ITEMS_MAX = 100000 };

static const char *text_of(arena *mem, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? arena_text(mem, text, strlen(text)) : NULL;
}

static int read_file(sweep_made_report *r, arena *mem, const json_t *from) {
    sweep_made_file f = {.name = text_of(mem, from, "name")};
    const char *sha = json_string_value(json_object_get(from, "sha256"));
    json_int_t bytes = json_integer_value(json_object_get(from, "bytes"));
    json_int_t lines = json_integer_value(json_object_get(from, "lines"));
    if (!f.name || !sweep_folder_name_ok(f.name) || !sha || strlen(sha) != DIGEST_HEX - 1 || bytes < 0 || lines < 0)
        return 0;
    memcpy(f.sha, sha, DIGEST_HEX);
    f.bytes = (uint64_t)bytes;
    f.lines = (uint64_t)lines;
    return sweep_made_add(r, mem, &f);
}

static int read_report(sweep_made_report *r, arena *mem, const json_t *from) {
    const json_t *files = json_object_get(from, "files");
    r->what = text_of(mem, from, "report");
    r->key = text_of(mem, from, "key");
    r->asked = text_of(mem, from, "asked");
    if (!r->what || !r->key || !r->asked || !json_is_array(files)) return 0;
    for (size_t i = 0; i < json_array_size(files); i++) {
        if (i == ITEMS_MAX || !read_file(r, mem, json_array_get(files, i))) return 0;
    }
    return 1;
}

static int read_reports(sweep_manifest *m, arena *mem, const json_t *from) {
    size_t n = json_array_size(from);
    m->report = arena_alloc(mem, n + 1, sizeof *m->report);
    if (!m->report || n > ITEMS_MAX) return 0;
    while (m->n_reports < n) {
        if (!read_report(&m->report[m->n_reports], mem, json_array_get(from, m->n_reports))) return 0;
        m->n_reports++;
    }
    return 1;
}

/** Array of [name, digest]. */
static int read_digests(const json_t *from, arena *mem, sweep_named_digest **out, size_t *n) {
    size_t all = json_array_size(from);
    *out = arena_alloc(mem, all + 1, sizeof **out);
    if (!*out || all > ITEMS_MAX) return 0;
    for (*n = 0; *n < all; ++*n) {
        const json_t *pair = json_array_get(from, *n);
        sweep_named_digest *d = &(*out)[*n];
        d->name = text_of(mem, pair, "name");
        d->digest = text_of(mem, pair, "sha256");
        if (!d->name || !d->digest) return 0;
    }
    return 1;
}

static int read_root(sweep_manifest *m, arena *mem, const json_t *root) {
    if (json_integer_value(json_object_get(root, "format")) != MANIFEST_FORMAT) return 0;
    m->program = text_of(mem, root, "program");
    m->sources = text_of(mem, root, "sources");
    json_int_t shard = json_integer_value(json_object_get(root, "shard"));
    json_int_t of = json_integer_value(json_object_get(root, "of"));
    if (shard < 0 || shard > of || (of && !shard) || of > SWEEP_SHARDS_MAX) return 0;
    m->shard = (uint64_t)shard;
    m->of = (uint64_t)of;
    return m->program && m->sources &&
           read_digests(json_object_get(root, "formulas"), mem, &m->formula, &m->n_formulas) &&
           read_digests(json_object_get(root, "catalogs"), mem, &m->catalog, &m->n_catalogs) &&
           read_reports(m, mem, json_object_get(root, "reports"));
}

/** The file as JSON; NULL with errno 0 when it is none. */
static json_t *load(const char *path) {
    struct stat is;
    FILE *f = fopen(path, "rb");
    int why = f ? 0 : errno == ENOENT || errno == ENOTDIR ? 0 : errno;
    json_t *root = NULL;
    if (f && fstat(fileno(f), &is) != 0) why = errno;
    if (f && !why && S_ISREG(is.st_mode) && is.st_size <= MANIFEST_BYTES) {
        char *text = malloc((size_t)is.st_size + 1);
        size_t n = text ? fread(text, 1, (size_t)is.st_size, f) : 0;
        if (!text || ferror(f)) why = errno;
        if (!why) root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
        if (sweep_json_lost()) why = ENOMEM;
        free(text);
    }
    if (f) fclose(f);
    errno = why;
    return root;
}

err sweep_manifest_read(sweep_manifest *m, arena *mem, const char *path, diags *faults) {
    memset(m, 0, sizeof *m);
    json_t *root = load(path);
    int why = errno;
    errno = 0;
    int ok = root && !why && read_root(m, mem, root);
    if (!ok && errno == ENOMEM) why = ENOMEM; /* what malloc says, and nothing else does */
    json_decref(root);
    if (!ok) memset(m, 0, sizeof *m);
    if (!why) return ERR_OK;
    return diag_add(faults, why == ENOMEM ? ERR_MEMORY : ERR_WRITE, NULL, 0, 0, NULL, "%.200s: cannot be read: %s",
                    path, strerror(why));
}

static json_t *digests_json(const sweep_named_digest *d, size_t n) {
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, json_pack("{s:s, s:s}", "name", d[i].name, "sha256", d[i].digest));
    return all;
}

static json_t *report_json(const sweep_made_report *r) {
    json_t *files = json_array();
    for (size_t i = 0; i < r->n; i++) {
        const sweep_made_file *f = &r->file[i];
        json_array_append_new(files, json_pack("{s:s, s:s, s:I, s:I}", "name", f->name, "sha256", f->sha, "bytes",
                                               (json_int_t)f->bytes, "lines", (json_int_t)f->lines));
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "report", r->what, "key", r->key, "asked", r->asked, "files", files);
}

err sweep_manifest_write(const sweep_manifest *m, const char *path, diags *faults) {
    json_t *reports = json_array();
    report_file *f;
    for (size_t i = 0; i < m->n_reports; i++)
        json_array_append_new(reports, report_json(&m->report[i]));
    json_t *root = json_pack("{s:i, s:s, s:s, s:o, s:o, s:o}", "format", MANIFEST_FORMAT, "program", m->program,
                             "sources", m->sources, "catalogs", digests_json(m->catalog, m->n_catalogs), "reports",
                             reports, "formulas", digests_json(m->formula, m->n_formulas));
    if (root && m->of) {
        json_object_set_new(root, "shard", json_integer((json_int_t)m->shard));
        json_object_set_new(root, "of", json_integer((json_int_t)m->of));
    }
    char *text = sweep_json_text(root, JSON_INDENT(1));
    if (!text) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    err e = report_file_open(&f, path, faults);
    if (e == ERR_OK) {
        report_file_text(f, text);
        report_file_text(f, "\n");
        e = report_file_commit(f, faults);
    }
    free(text);
    return e;
}

const sweep_made_report *sweep_manifest_find(const sweep_manifest *m, const char *what) {
    for (size_t i = 0; i < m->n_reports; i++) {
        if (strcmp(m->report[i].what, what) == 0) return &m->report[i];
    }
    return NULL;
}

int sweep_made_add(sweep_made_report *r, arena *mem, const sweep_made_file *file) {
    sweep_made_file *files = arena_grow(mem, r->file, r->n, &r->cap, r->n + 1, sizeof *files);
    if (!files) return 0;
    r->file = files;
    r->file[r->n++] = *file;
    return 1;
}
