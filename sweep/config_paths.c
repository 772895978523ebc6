/*
 * config_paths.c - names and paths. What is written stays inside the output folder: absolute paths, `..` and names that
 * a file system or a sheet would not take are refused. What is read lies where the user says.
 */
#include "sweep/config_internal.h"

#include <string.h>

/** A name becomes part of file names and sheet names. */
static void set_name(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const char *name = config_scalar(w, k->key, value, (size_t)k->most);
    if (!name) return;
    const size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    *(const char **)field = name;
    if (name[good] || name[0] == '.')
        config_fault(w, ERR_SYNTAX, value, k->key,
                     "'%s': a name has letters, digits, '-', '_' and '.', and no '.' in front", name);
}

/** A name that stands inside a comment of a page. */
static void set_mark(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const char *name = NULL;
    set_name(w, k, value, &name);
    if (name)
        *(sweep_item *)field = (sweep_item){name, (int)value->start_mark.line + 1, (int)value->start_mark.column + 1};
}

int sweep_config_leaves(const char *path) {
    size_t n = strlen(path);
    return path[0] == '/' || strncmp(path, "../", 3) == 0 || strstr(path, "/../") ||
           (n > 2 && !strcmp(path + n - 3, "/.."));
}

/** Why a path would leave the output folder, or could not be one in it; NULL: it is fine. */
static const char *leaves(const char *path, int outside) {
    if (outside && sweep_config_leaves(path)) return NULL;
    if (path[0] == '/') return "is an absolute path; results stay inside the output folder";
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        const size_t n = strcspn(part, "/");
        if (n == 2 && part[0] == '.' && part[1] == '.')
            return "climbs with '..'; results stay inside the output folder";
        if (n == 0 || (n == 1 && part[0] == '.')) return "has an empty part";
    }
    return strchr(path, '\\') ? "has a backslash" : NULL;
}

/** Longer than the suffix alone, in the last part of the path. */
static int has_suffix(const char *path, const char *const *suffix) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const size_t n = strlen(base);
    for (; *suffix; suffix++)
        if (n > strlen(*suffix) && strcmp(base + n - strlen(*suffix), *suffix) == 0) return 1;
    return 0;
}

static void set_output(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    char words[DIAG_TEXT];
    const char *path = config_scalar(w, k->key, value, (size_t)k->most);
    if (!path) return;
    const char *why = leaves(path, w->outside);
    const int is_device = w->outside && strncmp(path, "/dev/", strlen("/dev/")) == 0;
    if (why)
        config_fault(w, ERR_RANGE, value, k->key, "'%s' %s", path, why);
    else if (!is_device && !has_suffix(path, k->choices))
        config_fault(w, ERR_RANGE, value, k->key, "'%s', expected a name ending in %s", path,
                     config_join(k->choices, words, sizeof words));
    else
        *(const char **)field = path;
}

/** Inputs lie where the user says: relative to the config, and they may climb. */
static const char *resolve(config_walk *w, const char *path) {
    const char *slash = strrchr(w->path, '/');
    if (path[0] == '/' || !slash) return path;
    char *full = arena_printf(w->mem, "%.*s/%s", (int)(slash - w->path), w->path, path);
    if (!full) config_fault(w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
    return full;
}

static void set_input(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    const char *path = config_scalar(w, k->key, value, CONFIG_TEXT_MOST);
    if (path) *(const char **)field = resolve(w, path);
}

static void set_inputs(config_walk *w, const config_key *k, yaml_node_t *value, void *field) {
    sweep_items read = {NULL, 0};
    config_read_items(w, k, value, CONFIG_TEXT_MOST, &read);
    sweep_item *full = config_alloc(w, read.n + 1, sizeof *full);
    for (size_t i = 0; full && i < read.n; i++) {
        full[i] = read.item[i];
        full[i].text = resolve(w, read.item[i].text);
    }
    if (full) *(sweep_items *)field = (sweep_items){full, read.n};
}

const config_type config_mark = {"name", set_mark};
const config_type config_name = {"name", set_name}, config_output = {"output file", set_output},
                  config_input = {"input file", set_input}, config_inputs = {"path or list of paths", set_inputs};
