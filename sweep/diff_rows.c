/*
 * diff_rows.c - two CSV files against each other. The key of a row are the leading columns that name a scenario or a
 * catalog row, else the first column. Rows are read from the side that is behind, so that two files in the same order
 * meet row by row; what stays without a partner was added or removed. Refuses rows of another length than the header
 * and more than a gibibyte of rows without a partner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/diff.h"
#include "sweep/diff_match.h"
#include "sweep/diff_stream.h"

enum { WAITING_BYTES_MAX = 1 << 30, KEYS_MAX = 64, OLD = 0, NEW = 1, SIDES = 2 };

static const char KEY_SEPARATOR[] = "\x1f";

/** Names of columns that say which row this is. */
static const char *const key_names[] = {
#define COLUMN(id, name, fallback, takes) name,
#include "sweep/columns.def"
#undef COLUMN
    "name",     "version", "provider", "instance", "gpu_count",     "mix",      "role", "condition",
    "document", "table",   "row",      "column",   "gpu_below_mib", "tp_below", "users"};

typedef struct side {
    diff_stream *stream;
    const char *path;
    const char **title;
    size_t n;             /* columns */
    size_t *partner;      /* column of the other side, SIZE_MAX: none */
    size_t key[KEYS_MAX]; /* columns */
    const char **field;   /* of the row at hand */
    diff_waiters waiting;
    int ended;
} side;

typedef struct job {
    sweep_diff *d;
    const char *name;
    diags *faults;
    side side[SIDES];
    size_t n_keys;
    char *first_key[KEYS_MAX]; /* its value in the first row */
    int varies[KEYS_MAX];
    char *key;
    size_t key_cap, first_item;
    int same_columns; /* both files have the same ones in the same order */
} job;

static err no_memory(const job *j) {
    return diag_add(j->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static void split(const char *text, size_t n, const char **field) {
    for (size_t i = 0; i < n; i++, text += strlen(text) + 1)
        field[i] = text;
}

static err read_header(job *j, side *s) {
    diff_row row;
    TRY(diff_stream_next(s->stream, &row, j->faults));
    if (!row.n) return diag_add(j->faults, ERR_SYNTAX, s->path, 1, 0, NULL, "the file is empty, expected a header row");
    s->n = row.n;
    const char *header = arena_text(j->d->mem, row.text, row.bytes);
    s->title = arena_alloc(j->d->mem, row.n, sizeof *s->title);
    s->field = arena_alloc(j->d->mem, row.n, sizeof *s->field);
    s->partner = arena_alloc(j->d->mem, row.n, sizeof *s->partner);
    if (!header || !s->title || !s->field || !s->partner) return no_memory(j);
    split(header, row.n, s->title);
    return ERR_OK;
}

/** The column of the other side with the same title; the k-th of several goes with the k-th. */
static size_t find_partner(const side *s, size_t column, const side *other) {
    size_t same = 0;
    for (size_t i = 0; i < column; i++)
        same += strcmp(s->title[i], s->title[column]) == 0;
    for (size_t i = 0; i < other->n; i++) {
        if (strcmp(other->title[i], s->title[column]) == 0 && same-- == 0) return i;
    }
    return SIZE_MAX;
}

static int is_key(const char *title) {
    for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++) {
        if (strcmp(key_names[i], title) == 0) return 1;
    }
    return 0;
}

/** Leading key columns of the new file that the old one has too; at least the first columns. */
static void find_keys(job *j) {
    const side *s = &j->side[NEW];
    for (size_t i = 0; i < s->n && j->n_keys < KEYS_MAX && is_key(s->title[i]); i++) {
        if (s->partner[i] == SIZE_MAX) continue;
        j->side[NEW].key[j->n_keys] = i;
        j->side[OLD].key[j->n_keys++] = s->partner[i];
    }
    if (!j->n_keys) j->n_keys = 1; /* the first column of each: key[0] is 0 */
}

static int list(job *j, const sweep_difference *x) {
    sweep_difference named = *x;
    named.file = j->name;
    return sweep_diff_add(j->d, &named);
}

/** A copy of what is listed. */
static const char *keep(job *j, sweep_diff_kind kind, const char *text) {
    return sweep_diff_lists(j->d, kind, j->name) ? arena_text(j->d->mem, text, strlen(text)) : "";
}

static err match_columns(job *j) {
    j->same_columns = j->side[OLD].n == j->side[NEW].n;
    for (int k = 0; k < SIDES; k++) {
        side *s = &j->side[k];
        for (size_t i = 0; i < s->n; i++) {
            s->partner[i] = find_partner(s, i, &j->side[!k]);
            if (s->partner[i] != i) j->same_columns = 0;
            if (s->partner[i] != SIZE_MAX) continue;
            const sweep_diff_kind kind = k == OLD ? SWEEP_DIFF_COLUMN_REMOVED : SWEEP_DIFF_COLUMN_ADDED;
            const char *title = keep(j, kind, s->title[i]);
            if (!title || !list(j, &(sweep_difference){.kind = kind, .column = title})) return no_memory(j);
        }
    }
    find_keys(j);
    return ERR_OK;
}

/** Joins the key of the row at hand in j->key and notes which parts vary. */
static err make_key(job *j, const side *s) {
    size_t need = 1;
    for (size_t i = 0; i < j->n_keys; i++)
        need += strlen(s->field[s->key[i]]) + 1;
    if (need > j->key_cap) {
        char *grown = realloc(j->key, 2 * need);
        if (!grown) return no_memory(j);
        j->key = grown;
        j->key_cap = 2 * need;
    }
    char *at = j->key;
    for (size_t i = 0; i < j->n_keys; i++) {
        const char *value = s->field[s->key[i]];
        if (i) at = stpcpy(at, KEY_SEPARATOR);
        at = stpcpy(at, value);
        if (!j->first_key[i] && !(j->first_key[i] = strdup(value))) return no_memory(j);
        if (!j->varies[i]) j->varies[i] = strcmp(j->first_key[i], value) != 0;
    }
    return ERR_OK;
}

static int says_min_gpu(const char *title) {
    return strcmp(title, "min_gpus") == 0 || strncmp(title, "Minimum GPU", strlen("Minimum GPU")) == 0;
}

/** Two rows of the same key, the new one split in its side, the old one in its. */
static err compare_rows(job *j) {
    const side *before = &j->side[OLD], *after = &j->side[NEW];
    for (size_t i = 0; i < after->n; i++) {
        if (after->partner[i] == SIZE_MAX) continue;
        const char *old_text = before->field[after->partner[i]], *new_text = after->field[i];
        if (strcmp(old_text, new_text) == 0) continue;
        sweep_diff_kind kind = says_min_gpu(after->title[i]) ? SWEEP_DIFF_MIN_GPU : SWEEP_DIFF_CELL;
        sweep_difference x = {.kind = kind,
                              .row = keep(j, kind, j->key),
                              .column = keep(j, kind, after->title[i]),
                              .old_text = keep(j, kind, old_text),
                              .new_text = keep(j, kind, new_text)};
        if (!x.row || !x.column || !x.old_text || !x.new_text || !list(j, &x)) return no_memory(j);
    }
    return ERR_OK;
}

/** Byte for byte. */
static int is_same(const diff_waiting *partner, const diff_row *row) {
    size_t key = (size_t)(partner->fields - partner->key), bytes = partner->bytes - sizeof *partner - key;
    return bytes == row->bytes && memcmp(partner->fields, row->text, bytes) == 0;
}

static err take_row(job *j, int which, const diff_row *row) {
    side *s = &j->side[which], *other = &j->side[!which];
    if (row->n != s->n) {
        return diag_add(j->faults, ERR_SYNTAX, s->path, 0, 0, NULL, "a row of %zu fields, the header has %zu", row->n,
                        s->n);
    }
    split(row->text, row->n, s->field);
    TRY(make_key(j, s));
    diff_waiting *partner = diff_waiters_find(&other->waiting, j->key);
    if (!partner) {
        if (!diff_waiters_add(&s->waiting, j->key, row->text, row->bytes)) return no_memory(j);
        if (s->waiting.bytes < WAITING_BYTES_MAX) return ERR_OK;
        return diag_add(j->faults, ERR_LIMIT, s->path, 0, 0, NULL,
                        "more than 1 GiB of rows that the other file does not have, or has in another order");
    }
    if (!j->same_columns || !is_same(partner, row)) {
        split(partner->fields, other->n, other->field);
        TRY(compare_rows(j));
    }
    diff_waiters_remove(&other->waiting, partner);
    diff_waiters_pass(&s->waiting);
    return ERR_OK;
}

static err read_rows(job *j) {
    side *before = &j->side[OLD], *after = &j->side[NEW];
    while (!before->ended || !after->ended) {
        int which = before->ended || (!after->ended && before->waiting.ahead > after->waiting.ahead) ? NEW : OLD;
        diff_row row;
        TRY(diff_stream_next(j->side[which].stream, &row, j->faults));
        if (row.n) {
            TRY(take_row(j, which, &row));
        } else {
            j->side[which].ended = 1;
        }
    }
    return ERR_OK;
}

/** Length of the key up to the end of its first part that varies. */
static size_t group_length(const job *j, const char *key) {
    size_t n = 0;
    for (size_t i = 0; i < j->n_keys; i++) {
        n += strcspn(key + n, KEY_SEPARATOR);
        if (j->varies[i]) return n;
        n += key[n] != 0;
    }
    return strlen(key);
}

/** Rows without a partner; neighbours that share the first varying part of the key are told together. */
static err list_waiting(job *j, int which) {
    const diff_waiting *row = j->side[which].waiting.first;
    while (row) {
        size_t n = group_length(j, row->key);
        const diff_waiting *end = row->after;
        uint64_t rows = 1;
        for (; end && strncmp(end->key, row->key, n) == 0 && group_length(j, end->key) == n; end = end->after)
            rows++;
        sweep_difference x = {.kind = which == OLD ? SWEEP_DIFF_ROW_REMOVED : SWEEP_DIFF_ROW_ADDED, .rows = rows};
        x.row = rows == 1 ? keep(j, x.kind, row->key) : arena_text(j->d->mem, row->key, n);
        if (!x.row || !list(j, &x)) return no_memory(j);
        row = end;
    }
    return ERR_OK;
}

/** The parts of a key that vary: the value alone when there is one, else name=value. */
static const char *label(const job *j, const char *key) {
    const char *text = "";
    size_t varying = 0;
    for (size_t i = 0; i < j->n_keys; i++)
        varying += (size_t)j->varies[i];
    for (size_t i = 0; i < j->n_keys && *key && text; i++) {
        size_t n = strcspn(key, KEY_SEPARATOR);
        int shown = varying ? j->varies[i] : i == 0;
        if (shown && varying > 1) {
            text = arena_printf(j->d->mem, "%s%s%s=%.*s", text, *text ? " " : "",
                                j->side[NEW].title[j->side[NEW].key[i]], (int)n, key);
        } else if (shown) {
            text = arena_text(j->d->mem, key, n);
        }
        key += n + (key[n] != 0);
    }
    return text;
}

static err name_rows(job *j) {
    for (size_t i = j->first_item; i < j->d->n; i++) {
        sweep_difference *x = &j->d->item[i];
        if (x->row && !(x->row = label(j, x->row))) return no_memory(j);
    }
    return ERR_OK;
}

static err compare_files(job *j) {
    for (int k = 0; k < SIDES; k++) {
        TRY(diff_stream_open(&j->side[k].stream, j->side[k].path, j->faults));
        TRY(read_header(j, &j->side[k]));
    }
    TRY(match_columns(j));
    TRY(read_rows(j));
    TRY(list_waiting(j, NEW));
    TRY(list_waiting(j, OLD));
    return name_rows(j);
}

err sweep_diff_csv(sweep_diff *d, const char *name, const char *old_path, const char *new_path, diags *faults) {
    job *j = calloc(1, sizeof *j);
    if (!j) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    j->d = d;
    j->name = name;
    j->faults = faults;
    j->side[OLD].path = old_path;
    j->side[NEW].path = new_path;
    j->first_item = d->n;
    err e = compare_files(j);
    for (int k = 0; k < SIDES; k++) {
        side *s = &j->side[k];
        diff_stream_close(s->stream);
        diff_waiters_free(&s->waiting);
    }
    for (size_t i = 0; i < j->n_keys; i++)
        free(j->first_key[i]);
    free(j->key);
    free(j);
    return e;
}
