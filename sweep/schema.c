/*
 * schema.c - cells to struct members by table.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/schema.h"

typedef struct names {
    const sweep_field *fields;
    size_t n;
} names;

static const char *next_name(const void *ctx, size_t i) {
    const names *all = ctx;
    return i < all->n ? all->fields[i].name : NULL;
}

static const sweep_field *find(const sweep_field *fields, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0) return &fields[i];
    }
    return NULL;
}

static err match_column(const sweep_field *fields, size_t n_fields, const char *file, const char *name, size_t column,
                        sweep_header *out, diags *faults) {
    const names all = {fields, n_fields};
    char near[DIAG_TEXT / 2];
    const sweep_field *f = find(fields, n_fields, name);
    if (!f) {
        text_suggest(name, next_name, &all, 2, near, sizeof near);
        return diag_add(faults, ERR_KEY, file, 1, (int)column + 1, NULL, "no such column '%.60s'%s%s", name,
                        *near ? "; " : "", near);
    }
    for (size_t i = 0; i < column; i++) {
        if (out->field[i] == f) {
            return diag_add(faults, ERR_DUPLICATE, file, 1, (int)column + 1, NULL, "the column '%s' stands twice",
                            f->name);
        }
    }
    out->field[column] = f;
    return ERR_OK;
}

err sweep_header_match(const sweep_field *fields, size_t n_fields, const char *file, const char *const *name, size_t n,
                       sweep_header *out, diags *faults) {
    err first = ERR_OK;
    memset(out, 0, sizeof *out);
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        err e = match_column(fields, n_fields, file, name[i], i, out, faults);
        if (first == ERR_OK) first = e;
    }
    for (size_t k = 0; k < n_fields; k++) {
        size_t i = 0;
        while (i < n && out->field[i] != &fields[k])
            i++;
        if (i < n || !fields[k].required) continue;
        err e = diag_add(faults, ERR_MISSING, file, 1, 0, fields[k].name, "the column is missing");
        if (first == ERR_OK) first = e;
    }
    return first;
}

static err bad_number(const sweep_field *f, const char *file, int line, const char *text, diags *faults) {
    return diag_add(faults, ERR_RANGE, file, line, 0, f->name, "found '%.60s', expected %s from %.15g to %.15g", text,
                    f->kind == SWEEP_FIELD_REAL ? "a number" : "a whole number", f->least, f->most);
}

static err bad_word(const sweep_field *f, const char *file, int line, const char *text, diags *faults) {
    char allowed[DIAG_TEXT / 2] = "";
    size_t at = 0;
    for (int i = 0; f->words[i]; i++) {
        int k = snprintf(allowed + at, sizeof allowed - at, "%s%s", i ? ", " : "", f->words[i]);
        if (k < 0 || (size_t)k >= sizeof allowed - at) break;
        at += (size_t)k;
    }
    return diag_add(faults, ERR_TYPE, file, line, 0, f->name, "found '%.60s', expected one of %s", text, allowed);
}

static err parse_number(const sweep_field *f, const char *file, int line, const char *text, char *to, diags *faults) {
    double x = 0;
    int64_t n = 0;
    int ok = f->kind == SWEEP_FIELD_REAL ? text_real(text, &x) : text_int(text, &n);
    if (f->kind != SWEEP_FIELD_REAL) x = (double)n;
    if (!ok || x < f->least || x > f->most) return bad_number(f, file, line, text, faults);
    if (f->kind == SWEEP_FIELD_REAL) memcpy(to, &x, sizeof x);
    if (f->kind == SWEEP_FIELD_INT) memcpy(to, &n, sizeof n);
    if (f->kind == SWEEP_FIELD_NUM) memcpy(to, &(int){(int)n}, sizeof(int));
    return ERR_OK;
}

static err parse_word(const sweep_field *f, const char *file, int line, const char *text, char *to, diags *faults) {
    static const char *const flags[] = {"no", "yes", NULL};
    const char *const *words = f->kind == SWEEP_FIELD_FLAG ? flags : f->words;
    for (int i = 0; words[i]; i++) {
        if (!text_same(words[i], text)) continue;
        *to = (char)i;
        return ERR_OK;
    }
    sweep_field shown = *f;
    shown.words = words;
    return bad_word(&shown, file, line, text, faults);
}

static err parse_cell(const sweep_field *f, const char *file, int line, const char *text, arena *mem, char *to,
                      diags *faults) {
    if (f->kind == SWEEP_FIELD_TEXT) {
        const char *copy = arena_text(mem, text, strlen(text));
        if (!copy) return diag_add(faults, ERR_MEMORY, file, line, 0, NULL, "%s", err_text(ERR_MEMORY));
        *(const char **)(void *)to = copy;
    }
    if (!*text)
        return f->required ? diag_add(faults, ERR_MISSING, file, line, 0, f->name, "the cell is empty") : ERR_OK;
    if (f->kind == SWEEP_FIELD_TEXT) return ERR_OK;
    if (f->kind == SWEEP_FIELD_FLAG || f->kind == SWEEP_FIELD_WORD) return parse_word(f, file, line, text, to, faults);
    return parse_number(f, file, line, text, to, faults);
}

err sweep_row_parse(const sweep_header *h, const char *file, int line, const char *const *field, arena *mem, void *to,
                    diags *faults) {
    err first = ERR_OK;
    for (size_t i = 0; i < h->n; i++) {
        err e = parse_cell(h->field[i], file, line, field[i], mem, (char *)to + h->field[i]->at, faults);
        if (first == ERR_OK) first = e;
    }
    return first;
}
