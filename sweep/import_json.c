/*
 * import_json.c - a JSON file of strangers to a jansson tree. Size, nesting and number of values are counted before
 * anything is allocated for them. Python's Infinity and NaN, which configs hold, are read as numbers. Syntax faults
 * have line and column.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep/import_internal.h"

err import_open(const char *path, FILE **in, int64_t *bytes, diags *faults) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return diag_input(faults, ERR_OPEN, path, NULL, "", errno);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return diag_add(faults, ERR_READ, path, 0, 0, NULL, "not a regular file");
    }
    *in = fdopen(fd, "rb");
    *bytes = st.st_size;
    if (*in) return ERR_OK;
    close(fd);
    return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

/** Reads a file of at most IMPORT_FILE_MAX bytes; *n its length. */
static err read_file(const char *path, arena *mem, char **out, size_t *n, diags *faults) {
    int64_t bytes = 0;
    FILE *in = NULL;
    err e = ERR_OK;
    TRY(import_open(path, &in, &bytes, faults));
    if (bytes > IMPORT_FILE_MAX) {
        e = diag_add(faults, ERR_LIMIT, path, 0, 0, NULL, "%lld bytes, expected at most %d MiB", (long long)bytes,
                     IMPORT_FILE_MAX >> 20);
    } else {
        *out = arena_alloc(mem, (size_t)bytes + 1, 1);
        *n = *out ? fread(*out, 1, (size_t)bytes, in) : 0;
        if (!*out) e = diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
        if (e == ERR_OK && ferror(in)) e = diag_input(faults, ERR_READ, path, NULL, "", errno);
    }
    fclose(in);
    return e;
}

/** A word that only Python writes becomes a number of the same length. */
static size_t take_python_word(char *at, size_t left) {
    static const struct { const char *word, *number; } words[] = {{"Infinity", "1.0e+300"}, {"NaN", "0.0"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);
        if (n > left || memcmp(at, words[i].word, n) != 0) continue;
        memcpy(at, words[i].number, n);
        return n;
    }
    return 1;
}

/** One look at every byte outside strings: nesting, values, Python's words. */
static err scan(const char *path, char *text, size_t n, diags *faults) {
    int quoted = 0, line = 1;
    size_t depth = 0, values = 0;
    for (size_t i = 0; i < n;) {
        char c = text[i];
        size_t step = 1;
        line += c == '\n';
        if (quoted) {
            if (c == '\\') step = 2;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = 1;
        } else if (c == '[' || c == '{') {
            depth++;
            values++;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        } else if (c == ',' || c == ':') {
            values++;
        } else if (c == 'I' || c == 'N') {
            step = take_python_word(text + i, n - i);
        }
        if (depth > IMPORT_DEPTH_MAX)
            return diag_add(faults, ERR_LIMIT, path, line, 0, NULL, "nested deeper than %d", IMPORT_DEPTH_MAX);
        if (values > IMPORT_VALUES_MAX)
            return diag_add(faults, ERR_LIMIT, path, line, 0, NULL, "more than %d values", IMPORT_VALUES_MAX);
        i += step;
    }
    return ERR_OK;
}

err import_json_parse(const char *path, char *text, size_t n, json_t **root, diags *faults) {
    json_error_t at;
    TRY(scan(path, text, n, faults));
    *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &at);
    if (!*root) return diag_add(faults, ERR_SYNTAX, path, at.line, at.column, NULL, "%.200s", at.text);
    if (json_is_object(*root)) return ERR_OK;
    json_decref(*root);
    *root = NULL;
    return diag_add(faults, ERR_TYPE, path, 1, 1, NULL, "expected an object of keys and values");
}

err import_json_load(const char *path, arena *mem, const char **text, json_t **root, diags *faults) {
    char *bytes = NULL;
    size_t n = 0;
    TRY(read_file(path, mem, &bytes, &n, faults));
    *text = bytes;
    return import_json_parse(path, bytes, n, root, faults);
}
