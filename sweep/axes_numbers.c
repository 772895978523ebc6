/*
 * axes_numbers.c - expands context and batch: numbers and ranges into ascending, distinct values with their labels.
 * Refuses ranges without a step, that fall, or that hold more than 100000 values.
 */
#include "sweep/axes.h"

#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** Values of one axis while they are collected. */
typedef struct numbers {
    arena *mem;
    sweep_axis axis;
    const sweep_place *at;
    diags *faults;
    double *value;
    size_t n, cap;
} numbers;

static err refuse(const numbers *l, err code, const char *text, const char *why) {
    return diag_add(l->faults, code, l->at->file, l->at->line, l->at->column, l->at->field, "'%.60s': %s", text, why);
}

static err no_memory(const numbers *l) {
    return diag_add(l->faults, ERR_MEMORY, l->at ? l->at->file : NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static err collect(numbers *l, const char *text, double value) {
    if (l->n == SWEEP_LISTED_MAX) return refuse(l, ERR_LIMIT, text, "the axis has more than 100000 values");
    if (l->n == l->cap) {
        void *more = arena_grow(l->mem, l->value, l->n, &l->cap, l->n + 1, sizeof(double));
        if (!more) return no_memory(l);
        l->value = more;
    }
    l->value[l->n++] = value;
    return ERR_OK;
}

/** Cuts blanks at both ends, in place. */
static char *trim(char *text) {
    text += strspn(text, " ");
    size_t n = strlen(text);
    while (n && text[n - 1] == ' ')
        n--;
    text[n] = 0;
    return text;
}

/** `A..B xK` multiplies, `A..B +C` adds; B is the last value only when a step meets it. */
static err collect_range(numbers *l, const char *text) {
    char buffer[SWEEP_NAME_MAX + 1];
    double first, last;
    uint64_t step;
    snprintf(buffer, sizeof buffer, "%s", text);
    char *dots = strstr(buffer, ".."), *by = strpbrk(dots, "xX+");
    if (!by) return refuse(l, ERR_SYNTAX, text, "a range needs a step: 1k..1m x2 or 2k..32k +2k");
    const int adds = *by == '+';
    *dots = *by = 0;
    TRY(sweep_resolve_number(l->axis, trim(buffer), &first, l->at, l->faults));
    TRY(sweep_resolve_number(l->axis, trim(dots + 2), &last, l->at, l->faults));
    if (!text_count(trim(by + 1), &step) || step < (adds ? 1 : 2) || step > SWEEP_CONTEXT_MAX)
        return refuse(l, ERR_SYNTAX, text,
                      adds ? "the step after + is at least 1" : "the factor after x is at least 2");
    if (first > last) return refuse(l, ERR_RANGE, text, "the range falls, expected the smaller number first");
    for (double v = first; v <= last; v = adds ? v + (double)step : v * (double)step)
        TRY(collect(l, text, v));
    return ERR_OK;
}

static err collect_item(numbers *l, const char *text) {
    double value;
    if (strlen(text) > SWEEP_NAME_MAX)
        return refuse(l, ERR_LIMIT, text, "a number or range has at most 200 characters");
    if (strstr(text, "..")) return collect_range(l, text);
    TRY(sweep_resolve_number(l->axis, text, &value, l->at, l->faults));
    return collect(l, text, value);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort_distinct(numbers *l) {
    size_t kept = 0;
    if (l->n) qsort(l->value, l->n, sizeof *l->value, compare);
    for (size_t i = 0; i < l->n; i++)
        if (!kept || l->value[kept - 1] < l->value[i]) l->value[kept++] = l->value[i];
    l->n = kept;
}

static const char *label(arena *mem, sweep_axis axis, double value) {
    const uint64_t n = (uint64_t)value;
    const unsigned shift = axis != SWEEP_CONTEXT ? 0 : n % (1u << 20) == 0 ? 20 : n % (1u << 10) == 0 ? 10 : 0;
    return arena_printf(mem, "%" PRIu64 "%s", n >> shift, shift == 20 ? "m" : shift ? "k" : "");
}

/** Values padded for the kernels, and a label for each. */
static err finish(const numbers *l, double **out, const char *const **labels) {
    const size_t padded = (l->n + 7) & ~(size_t)7;
    double *value = arena_alloc(l->mem, padded, sizeof *value);
    const char **text = arena_alloc(l->mem, l->n + 1, sizeof *text);
    if (!value || !text) return no_memory(l);
    for (size_t i = 0; i < padded; i++)
        value[i] = l->value[i < l->n ? i : l->n - 1];
    for (size_t i = 0; i < l->n; i++)
        if (!(text[i] = label(l->mem, l->axis, value[i]))) return no_memory(l);
    *out = value;
    *labels = text;
    return ERR_OK;
}

err sweep_axis_numbers(arena *mem, sweep_axis axis, const sweep_items *items, const char *file, double **out,
                       const char *const **labels, size_t *n, diags *faults) {
    numbers l = {.mem = mem, .axis = axis, .faults = faults};
    err first = ERR_OK;
    sweep_place at = {file, 0, 0, sweep_axis_name[axis]};
    l.at = &at;
    for (size_t i = 0; i < items->n && !diags_full(faults); i++) {
        at.line = items->item[i].line;
        at.column = items->item[i].column;
        const err code = collect_item(&l, items->item[i].text);
        if (first == ERR_OK) first = code;
        if (code == ERR_LIMIT || code == ERR_MEMORY) break;
    }
    if (first != ERR_OK) return first;
    sort_distinct(&l);
    if (l.n > SWEEP_NUMBERS_MAX)
        return refuse(&l, ERR_LIMIT, items->item[0].text, "the axis has more than 65536 distinct values");
    TRY(finish(&l, out, labels));
    *n = l.n;
    return ERR_OK;
}
