/*
 * config.c - reads a config file and drives the loader: size and encoding, a scan over the events, then the document's
 * nodes against the key tables. Refuses files over 1 MiB, text that is not UTF-8, anything but one mapping.
 */
#include "sweep/config_internal.h"

#include "common/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 6, 0))) static void add(config_walk *w, err code, int line, int column, const char *field,
                                                      const char *fmt, va_list args) {
    char text[DIAG_TEXT];
    vsnprintf(text, sizeof text, fmt, args);
    diag_add(w->faults, code, w->path, line, column, field, "%s", text);
    if (w->first == ERR_OK) w->first = code;
}

void config_fault(config_walk *w, err code, const yaml_node_t *at, const char *field, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    add(w, code, at ? (int)at->start_mark.line + 1 : 0, at ? (int)at->start_mark.column + 1 : 0, field, fmt, args);
    va_end(args);
}

void config_fault_at(config_walk *w, err code, size_t offset, const char *fmt, ...) {
    int line = 1, column = 1;
    for (size_t i = 0; i < offset && i < w->n; i++) {
        if (w->text[i] == '\n') line++, column = 0;
        column += ((unsigned char)w->text[i] & 0xc0) != 0x80;
    }
    va_list args;
    va_start(args, fmt);
    add(w, code, line, column, NULL, fmt, args);
    va_end(args);
}

void *config_alloc(config_walk *w, size_t count, size_t size) {
    void *p = arena_alloc(w->mem, count, size);
    if (!p) config_fault(w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
    return p;
}

/** runs/night.yaml -> night */
static char *stem(arena *mem, const char *path) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return arena_text(mem, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static void walk_document(config_walk *w) {
    yaml_parser_t parser;
    yaml_document_t doc;
    if (!yaml_parser_initialize(&parser)) {
        config_fault(w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)w->text, w->n);
    if (yaml_parser_load(&parser, &doc)) {
        w->doc = &doc;
        config_walk_mapping(w, yaml_document_get_root_node(&doc), &config_file_keys, ~0u, config_file_keys.what,
                            w->cfg);
        w->cfg->digest = config_digest_file(w);
        config_check(w);
        yaml_document_delete(&doc);
    } else {
        config_parser_fault(w, &parser);
    }
    yaml_parser_delete(&parser);
}

static err parse(sweep_config *cfg, arena *mem, const char *path, const char *text, size_t n, int outside,
                 diags *faults) {
    sweep_config read = {.path = arena_text(mem, path, strlen(path)), .name = stem(mem, path)};
    config_walk w = {
        .cfg = &read, .mem = mem, .path = read.path, .text = text, .n = n, .faults = faults, .outside = outside};
    size_t bad = 0;
    read.title = read.name;
    if (!read.path || !read.name) {
        config_fault(&w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
    } else if (n > SWEEP_CONFIG_BYTES) {
        config_fault(&w, ERR_LIMIT, NULL, NULL, "the file is larger than 1 MiB");
    } else if (!text_utf8(text, n, &bad)) {
        config_fault_at(&w, ERR_ENCODING, bad, "%s", text[bad] ? err_text(ERR_ENCODING) : "a NUL byte stands here");
    } else if (config_scan(&w)) {
        walk_document(&w);
    }
    if (w.first == ERR_OK) *cfg = read;
    return w.first;
}

err sweep_config_parse(sweep_config *cfg, arena *mem, const char *path, const char *text, size_t n, diags *faults) {
    return parse(cfg, mem, path, text, n, 0, faults);
}

/** At most one byte more than accepted, so that a device or a growing file cannot fill the memory. */
static err read_file(const char *path, char *buffer, size_t *n, diags *faults) {
    FILE *f = fopen(path, "rb");
    if (!f) return diag_input(faults, ERR_OPEN, path, NULL, "cannot be opened: ", errno);
    *n = fread(buffer, 1, SWEEP_CONFIG_BYTES + 1, f);
    const int failed = ferror(f), why = errno;
    fclose(f);
    if (failed) return diag_input(faults, ERR_READ, path, NULL, "cannot be read: ", why);
    return ERR_OK;
}

static err load(sweep_config *cfg, arena *mem, const char *path, int outside, diags *faults) {
    size_t n = 0;
    const char *kept = arena_text(mem, path, strlen(path)); /* diags borrow it */
    char *buffer = malloc(SWEEP_CONFIG_BYTES + 1);
    err code = ERR_MEMORY;
    if (!kept || !buffer)
        diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    else if ((code = read_file(kept, buffer, &n, faults)) == ERR_OK)
        code = parse(cfg, mem, kept, buffer, n, outside, faults);
    free(buffer);
    return code;
}

err sweep_config_load(sweep_config *cfg, arena *mem, const char *path, diags *faults) {
    return load(cfg, mem, path, 0, faults);
}

err sweep_config_load_freely(sweep_config *cfg, arena *mem, const char *path, diags *faults) {
    return load(cfg, mem, path, 1, faults);
}
