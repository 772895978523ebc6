/*
 * shard_list.c - the list of a shard's files, as JSON. It comes from elsewhere: names that lead out of the folder,
 * numbers that cannot be and lists that are too long are refused.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/file.h"
#include "sweep/shard.h"

static json_t *file_json(const sweep_shard_file *f) {
    return json_pack("{s:s, s:I, s:I, s:b}", "name", f->name, "bytes", (json_int_t)f->bytes, "crc32",
                     (json_int_t)f->crc, "rows", f->rows);
}

err sweep_shard_write(const sweep_shard *s, const char *path, diags *faults) {
    report_file *out;
    json_t *files = json_array();
    for (size_t i = 0; i < s->n_files; i++)
        json_array_append_new(files, file_json(&s->file[i]));
    json_t *list = json_pack("{s:s, s:I, s:I, s:o}", "run", s->id, "shard", (json_int_t)s->shard, "of",
                             (json_int_t)s->of, "files", files);
    char *text = list ? json_dumps(list, JSON_INDENT(1)) : NULL;
    json_decref(list);
    if (!text) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    err e = report_file_open(&out, path, faults);
    if (e == ERR_OK) {
        report_file_text(out, text);
        report_file_text(out, "\n");
        e = report_file_commit(out, faults);
    }
    free(text);
    return e;
}

/** A relative path without empty parts, `.` and `..`. */
static int name_ok(const char *name) {
    while (*name) {
        size_t n = strcspn(name, "/");
        if (n == 0 || (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.')) return 0;
        name += n;
        if (*name == '/' && *++name == 0) return 0;
    }
    return 1;
}

static int read_file(sweep_shard_file *f, arena *mem, const json_t *from) {
    const char *name;
    json_int_t bytes, crc;
    if (json_unpack((json_t *)from, "{s:s, s:I, s:I, s:b !}", "name", &name, "bytes", &bytes, "crc32", &crc, "rows",
                    &f->rows) != 0)
        return 0;
    f->name = arena_text(mem, name, strlen(name));
    f->bytes = (uint64_t)bytes;
    f->crc = (uint32_t)crc;
    return f->name && *name && name_ok(name) && bytes >= 0 && crc >= 0 && crc <= UINT32_MAX;
}

/** Returns 0 when it is no such list. */
static int read_list(sweep_shard *s, arena *mem, const json_t *list) {
    const char *id;
    json_int_t shard, of;
    json_t *files;
    if (json_unpack((json_t *)list, "{s:s, s:I, s:I, s:o !}", "run", &id, "shard", &shard, "of", &of, "files",
                    &files) != 0)
        return 0;
    if (strlen(id) != SWEEP_SHARD_ID - 1 || shard < 1 || shard > of || of > SWEEP_SHARDS_MAX || !json_is_array(files) ||
        json_array_size(files) > SWEEP_SHARD_FILES)
        return 0;
    memcpy(s->id, id, SWEEP_SHARD_ID);
    s->shard = (uint64_t)shard;
    s->of = (uint64_t)of;
    s->file = arena_alloc(mem, json_array_size(files) + 1, sizeof *s->file);
    if (!s->file) return 0;
    for (; s->n_files < json_array_size(files); s->n_files++) {
        if (!read_file(&s->file[s->n_files], mem, json_array_get(files, s->n_files))) return 0;
    }
    return 1;
}

err sweep_shard_read(sweep_shard *s, arena *mem, const char *dir, diags *faults) {
    json_error_t why;
    *s = (sweep_shard){.dir = dir};
    const char *path = arena_printf(mem, "%s/" SWEEP_SHARD_LIST, dir);
    if (!path) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    json_t *list = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    int ok = list && read_list(s, mem, list);
    err e = ERR_OK;
    if (!list) e = diag_add(faults, ERR_READ, path, why.line > 0 ? why.line : 0, 0, NULL, "%s", why.text);
    if (list && !ok) e = diag_add(faults, ERR_SYNTAX, path, 0, 0, NULL, "not a list of a shard's files");
    json_decref(list);
    return e;
}
