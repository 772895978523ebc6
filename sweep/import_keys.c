/*
 * import_keys.c - keys of a config: looked up by all the names they have, checked, remembered as understood. Absent
 * keys take an architecture's default or a fallback, and what was taken for granted is noted.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/import_internal.h"

enum { KEY = 64 };

void import_put(import_text *t, const char *fmt, ...) {
    va_list ap;
    if (t->full) return;
    va_start(ap, fmt);
    int n = vsnprintf(t->at + t->n, sizeof t->at - t->n, fmt, ap);
    va_end(ap);
    t->full = n < 0 || (size_t)n >= sizeof t->at - t->n;
    if (t->full)
        t->at[t->n] = 0;
    else
        t->n += (size_t)n;
}

/** Where a key first stands in the text, quotes included. */
static void find_place(const import_config *x, const char *key, int *line, int *column) {
    char quoted[KEY + 3];
    const char *dot = key ? strrchr(key, '.') : NULL;
    *line = *column = 0;
    if (!key || !x->text) return;
    snprintf(quoted, sizeof quoted, "\"%.*s\"", KEY, dot ? dot + 1 : key);
    const char *at = strstr(x->text, quoted);
    if (!at) return;
    *line = *column = 1;
    for (const char *p = x->text; p < at; p++) {
        *column = *p == '\n' ? 1 : *column + 1;
        *line += *p == '\n';
    }
}

int64_t import_fault(import_config *x, err code, const char *key, const char *fmt, ...) {
    char text[DIAG_TEXT], name[KEY];
    int line, column;
    va_list ap;
    if (x->first != ERR_OK) return 0;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    snprintf(name, sizeof name, "%.*s", key ? (int)strcspn(key, "|") : 0, key ? key : "");
    find_place(x, *name ? name : NULL, &line, &column);
    const char *copy = *name ? arena_text(x->keep, name, strlen(name)) : NULL;
    x->first = diag_add(x->faults, code, x->file, line, column, copy, "%s", text);
    return 0;
}

void import_assume(import_config *x, const char *fmt, ...) {
    size_t n = strlen(x->assumed), room = SWEEP_IMPORT_ASSUMED_MAX - n;
    char text[IMPORT_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    text_make_printable(text); /* keys are named as a stranger wrote them */
    if (strstr(x->assumed, text)) return;
    if (strlen(text) + 3 < room) snprintf(x->assumed + n, room, "%s%s", n ? "; " : "", text);
}

void import_flag_add(import_config *x, const char *fmt, ...) {
    char text[IMPORT_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (*text) import_put(&x->flags, "%s%s", x->flags.n ? ";" : "", text);
}

static void note_used(import_config *x, const char *key) {
    for (size_t i = 0; i < x->n_used; i++) {
        if (strcmp(x->used[i], key) == 0) return;
    }
    if (x->n_used == IMPORT_KEYS_MAX) {
        import_fault(x, ERR_LIMIT, NULL, "more than %d keys", IMPORT_KEYS_MAX);
        return;
    }
    const char *copy = arena_text(x->mem, key, strlen(key));
    if (!copy) {
        import_fault(x, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
        return;
    }
    x->used[x->n_used++] = copy;
}

/** Value at "a.b" below `from`; NULL when any step is absent or null. */
static const json_t *walk(const json_t *from, const char *path) {
    while (from && *path) {
        char key[KEY];
        size_t n = strcspn(path, ".");
        if (n >= sizeof key) return NULL;
        memcpy(key, path, n);
        key[n] = 0;
        from = json_object_get(from, key);
        path += n + (path[n] != 0);
    }
    return from && !json_is_null(from) ? from : NULL;
}

const json_t *import_find(import_config *x, const char *names) {
    const json_t *found = NULL;
    while (*names) {
        char path[KEY];
        size_t n = strcspn(names, "|");
        snprintf(path, sizeof path, "%.*s", (int)n, names);
        const json_t *here = walk(x->model, path);
        if (!here) here = walk(x->root, path);
        if (here) note_used(x, path);
        if (!found) found = here;
        names += n + (names[n] != 0);
    }
    return found;
}

/** Number after "key=" in the architecture's defaults for any of the names; 0 when there is none. */
static int default_of(const import_config *x, const char *names, int64_t *out) {
    while (*names) {
        size_t n = strcspn(names, "|");
        for (const char *d = x->arch ? x->arch->defaults : ""; *d;) {
            size_t m = strcspn(d, " ");
            if (m > n && d[n] == '=' && memcmp(d, names, n) == 0) {
                *out = strtoll(d + n + 1, NULL, 10);
                return 1;
            }
            d += m + (d[m] != 0);
        }
        names += n + (names[n] != 0);
    }
    return 0;
}

static int64_t absent(import_config *x, const char *names, int64_t fallback) {
    int64_t value;
    int n = (int)strcspn(names, "|");
    if (default_of(x, names, &value)) {
        import_assume(x, "%.*s=%lld", n, names, (long long)value);
        return value;
    }
    if (fallback >= 0) return fallback;
    return import_fault(x, ERR_MISSING, NULL, "'%.*s' must be given for %s", n, names, x->arch ? x->arch->name : "it");
}

/** A whole number, also one that is written 4096.0; booleans are 0 and 1. */
static int to_whole(const json_t *v, json_int_t *out) {
    double real = json_is_real(v) ? json_real_value(v) : json_is_boolean(v) ? json_is_true(v) : 0.5;
    if (json_is_integer(v)) {
        *out = json_integer_value(v);
        return 1;
    }
    if (real != floor(real) || fabs(real) >= 0x1p53) return 0;
    *out = (json_int_t)real;
    return 1;
}

/** One number, or a list that repeats one. */
static int64_t whole(import_config *x, const json_t *v, const char *names, int64_t most) {
    json_int_t n = 0, other;
    if (json_is_array(v)) {
        const json_t *list = v;
        v = json_array_get(list, 0);
        for (size_t i = 1; i < json_array_size(list) && to_whole(v, &n); i++) {
            if (to_whole(json_array_get(list, i), &other) && other == n) continue;
            return import_fault(x, ERR_RANGE, names, "a list of different numbers is not known here");
        }
    }
    if (!v || !to_whole(v, &n)) return import_fault(x, ERR_TYPE, names, "expected a whole number");
    if (n >= 0 && n <= most) return n;
    return import_fault(x, ERR_RANGE, names, "found %lld, expected 0 to %lld", (long long)n, (long long)most);
}

int64_t import_int(import_config *x, const char *names, int64_t fallback, int64_t most) {
    const json_t *v = import_find(x, names);
    return v ? whole(x, v, names, most) : absent(x, names, fallback);
}

int import_flag(import_config *x, const char *names, int fallback) {
    const json_t *v = import_find(x, names);
    if (!v) return (int)absent(x, names, fallback);
    if (json_is_boolean(v)) return json_is_true(v);
    return whole(x, v, names, 1) != 0;
}

const char *import_word(import_config *x, const char *names) {
    const json_t *v = import_find(x, names);
    if (!v) return NULL;
    if (json_is_string(v) && text_clean(json_string_value(v), json_string_length(v), NULL)) return json_string_value(v);
    import_fault(x, ERR_TYPE, names, json_is_string(v) ? "a control character or invisible mark" : "expected text");
    return NULL;
}

const json_t *import_list(import_config *x, const char *names, int64_t n) {
    const json_t *v = import_find(x, names);
    if (!v) return NULL;
    if (!json_is_array(v)) {
        import_fault(x, ERR_TYPE, names, "expected a list");
        return NULL;
    }
    if (n == 0 || json_array_size(v) == (size_t)n) return v;
    if (json_array_size(v) > (size_t)n) { /* a model cut short */
        import_assume(x, "the first %lld of the %zu entries of %.*s", (long long)n, json_array_size(v),
                      (int)strcspn(names, "|"), names);
        return v;
    }
    import_fault(x, ERR_RANGE, names, "a list of %zu, expected one entry for each of the %lld layers",
                 json_array_size(v), (long long)n);
    return NULL;
}

int64_t import_item(import_config *x, const json_t *list, size_t i, const char *key) {
    return whole(x, json_array_get(list, i), key, INT64_C(1) << 40);
}

/** Marks layer i; one beyond the last is of a model that was cut short. */
static void mark_layer(import_config *x, const char *names, int64_t i, uint8_t *mark) {
    if (i >= 0 && i < x->n_layers)
        mark[i] = 1;
    else if (i < 0)
        import_fault(x, ERR_RANGE, names, "names a layer before the first");
    else
        import_assume(x, "layers beyond the last in %.*s left out", (int)strcspn(names, "|"), names);
}

void import_marks(import_config *x, const char *names, int64_t base, uint8_t *mark) {
    const json_t *v = import_find(x, names);
    if (!v) return;
    if (json_is_string(v)) { /* "4,5,6" */
        for (const char *p = json_string_value(v); *p && x->first == ERR_OK;) {
            char *end;
            int64_t i = strtoll(p, &end, 10);
            if (end == p || (*end && *end != ',')) {
                import_fault(x, ERR_SYNTAX, names, "expected numbers of layers with commas between");
                return;
            }
            mark_layer(x, names, i - base, mark);
            p = end + (*end != 0);
        }
        return;
    }
    if (!json_is_array(v)) {
        import_fault(x, ERR_TYPE, names, "expected a list of layers");
        return;
    }
    for (size_t i = 0; i < json_array_size(v) && x->first == ERR_OK; i++)
        mark_layer(x, names, import_item(x, v, i, names) - base, mark);
}

void import_set(import_config *x, const char *column, const char *fmt, ...) {
    char text[IMPORT_GROUPS_TEXT];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (size_t i = 0; sweep_model_column(i); i++) {
        if (strcmp(sweep_model_column(i), column) != 0) continue;
        x->value[i] = n >= 0 && (size_t)n < sizeof text ? arena_text(x->mem, text, (size_t)n) : NULL;
        if (!x->value[i]) import_fault(x, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    }
}
