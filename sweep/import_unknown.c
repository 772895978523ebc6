/*
 * import_unknown.c - every key that no rule looked up and that no list calls harmless: when its name says that it might
 * change the memory and its value is not nothing, the config is refused (with --assume: listed and set aside).
 */
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "sweep/import_internal.h"

static const char *const ignored[] = {
#define IGNORED(glob) glob,
#define STEM(piece)
#include "sweep/import_unknown.def"
#undef IGNORED
#undef STEM
};

static const char *const stems[] = {
#define IGNORED(glob)
#define STEM(piece) piece,
#include "sweep/import_unknown.def"
#undef IGNORED
#undef STEM
};

static int harmless(const char *key) {
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        if (text_glob(ignored[i], key)) return 1;
    }
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        if (*stems[i] == '^' ? strncasecmp(key, stems[i] + 1, strlen(stems[i] + 1)) == 0 : !!strcasestr(key, stems[i]))
            return 0;
    }
    return 1;
}

static int is_nothing(const json_t *v) {
    if (json_is_string(v)) return json_string_length(v) == 0;
    return json_is_null(v) || json_is_false(v) || (json_is_number(v) && json_number_value(v) == 0) ||
           (json_is_array(v) && json_array_size(v) == 0) || (json_is_object(v) && json_object_size(v) == 0);
}

static int is_used(const import_config *x, const char *path) {
    for (size_t i = 0; i < x->n_used; i++) {
        if (strcmp(x->used[i], path) == 0) return 1;
    }
    return 0;
}

/** Some key below `path` was looked up. */
static int is_opened(const import_config *x, const char *path) {
    size_t n = strlen(path);
    for (size_t i = 0; i < x->n_used; i++) {
        if (strncmp(x->used[i], path, n) == 0 && x->used[i][n] == '.') return 1;
    }
    return 0;
}

static void check_key(import_config *x, const char *path, const char *key, const json_t *v) {
    if (is_nothing(v) || is_used(x, path) || is_opened(x, path) || harmless(key)) return;
    if (x->assume) {
        import_assume(x, "%.60s set aside", path);
        return;
    }
    import_fault(x, ERR_KEY, path, "not understood for %s and might change the memory; --assume sets it aside",
                 x->arch->name);
}

/** Objects of which some keys are known: the others must be, too. */
static void check_inside(import_config *x, const char *name, json_t *object) {
    static const char *const opened[] = {"attn_config", "ffn_config", "linear_attn_config", "sparse_attention_config",
                                         "attention_other_setting"};
    const char *key;
    json_t *v;
    for (size_t i = 0; i < sizeof opened / sizeof *opened; i++) {
        if (strcmp(opened[i], name) != 0) continue;
        json_object_foreach(object, key, v) {
            char path[IMPORT_TEXT];
            snprintf(path, sizeof path, "%.100s.%.200s", name, key);
            check_key(x, path, key, v);
        }
    }
}

static void check_object(import_config *x, json_t *object) {
    const char *key;
    json_t *v;
    json_object_foreach(object, key, v) {
        check_key(x, key, key, v);
        if (json_is_object(v)) check_inside(x, key, v);
    }
}

void import_unknown(import_config *x) {
    check_object(x, x->root);
    if (x->model != x->root) check_object(x, (json_t *)x->model);
}
