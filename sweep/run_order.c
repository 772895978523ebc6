/*
 * run_order.c - `sort` and `group`: the rows of a table put in order and under headings. Reads the models or GPUs
 * behind the rows of a pick; writes their order into the pick. The order is stable: what compares equal stays as it was
 * given.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "sweep/run_order.h"

/** Sizes that belong together: parameters of models, memory of GPUs [GB]. */
static const struct size_class {
    double most;
    const char *label;
} model_sizes[] = {{4e9, "Up to 4 billion parameters"},
                   {16e9, "4 to 16 billion parameters"},
                   {45e9, "16 to 45 billion parameters"},
                   {150e9, "45 to 150 billion parameters"},
                   {0, "Over 150 billion parameters"}},
  gpu_sizes[] = {{16, "Up to 16 GB"},
                 {32, "Over 16 to 32 GB"},
                 {64, "Over 32 to 64 GB"},
                 {128, "Over 64 to 128 GB"},
                 {0, "Over 128 GB"}};

/** What a row is ordered by. */
typedef struct row {
    uint32_t index;
    size_t given; /* place before sorting */
    size_t group; /* place of its heading */
    const char *name, *family;
    double size;
    sweep_sort sort;
} row;

static int compare_text(const char *a, const char *b) {
    int order = strcasecmp(a, b);
    return order ? order : strcmp(a, b);
}

static int compare_rows(const void *x, const void *y) {
    const row *a = x, *b = y;
    int order = 0;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    if (a->sort == SWEEP_SORT_FAMILY) order = compare_text(a->family, b->family);
    if (!order && a->sort >= SWEEP_SORT_SIZE) order = (a->size > b->size) - (a->size < b->size);
    if (!order && a->sort != SWEEP_SORT_GIVEN) order = compare_text(a->name, b->name);
    return order ? order : a->given < b->given ? -1 : 1;
}

static const char *gpu_family(arena *mem, const kern_gpu *g) {
    size_t n = strlen(g->vendor);
    if (strncasecmp(g->architecture, g->vendor, n) == 0) return g->architecture;
    return arena_printf(mem, "%s %s", g->vendor, g->architecture);
}

/** "gemma-2" heads its rows as its models write it, "Gemma 2", where they begin with it. */
static const char *model_family(arena *mem, const kern_model *m) {
    size_t n = strlen(m->family), same = 0;
    for (; same < n && m->display[same]; same++) {
        char a[2] = {m->family[same] == '-' ? ' ' : m->family[same]},
             b[2] = {m->display[same] == '-' ? ' ' : m->display[same]};
        if (!text_same(a, b)) break;
    }
    char *text = arena_text(mem, same == n ? m->display : m->family, n);
    if (text && same < n && *text >= 'a' && *text <= 'z') *text = (char)(*text - 'a' + 'A');
    return text;
}

static int describe(arena *mem, const sweep_pick *k, sweep_axis axis, row *out) {
    if (axis == SWEEP_MODEL) {
        const kern_model *m = k->plan->value[SWEEP_MODEL][out->index].row.model;
        out->name = m->display;
        out->size = (double)m->params_total;
        out->family = model_family(mem, m);
    } else {
        const kern_gpu *g = k->plan->gpu[out->index];
        out->name = g->display;
        out->size = g->marketed_gb;
        out->family = gpu_family(mem, g);
    }
    return out->family != NULL;
}

static size_t class_of(sweep_axis axis, double size) {
    const struct size_class *c = axis == SWEEP_MODEL ? model_sizes : gpu_sizes;
    size_t i = 0;
    while (c[i].most > 0 && size > c[i].most)
        i++;
    return i;
}

/** Headings of families follow the rows as given, or the alphabet when rows are sorted by family or name. */
static size_t family_place(const row *rows, size_t n, const row *r) {
    size_t place = 0;
    if (r->sort == SWEEP_SORT_FAMILY || r->sort == SWEEP_SORT_NAME) {
        for (size_t i = 0; i < n; i++)
            place += compare_text(rows[i].family, r->family) < 0;
        return place;
    }
    while (compare_text(rows[place].family, r->family) != 0)
        place++;
    return place;
}

static const char *heading(sweep_axis axis, sweep_grouping by, const row *r) {
    if (by == SWEEP_GROUP_FAMILY) return r->family;
    return (axis == SWEEP_MODEL ? model_sizes : gpu_sizes)[r->group].label;
}

/** Headings over sorted rows. */
static err make_groups(sweep_run *run, const sweep_report *r, const row *rows, size_t n, sweep_order *out) {
    report_group *g = arena_alloc(&run->ctx->mem, n + 1, sizeof *g);
    size_t used = 0;
    if (!g) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || rows[i].group != rows[i - 1].group)
            g[used++] = (report_group){i, heading(r->rows, r->group, &rows[i])};
    }
    *out = (sweep_order){g, used, r->group == SWEEP_GROUP_FAMILY ? "family" : "size"};
    return ERR_OK;
}

err sweep_order_rows(sweep_run *run, const sweep_report *r, sweep_pick *k, sweep_order *out) {
    arena *mem = &run->ctx->mem;
    size_t n = k->n[r->rows];
    *out = (sweep_order){0};
    if (!r->sort && !r->group) return ERR_OK;
    row *rows = arena_alloc(mem, n + 1, sizeof *rows);
    uint32_t *index = arena_alloc(mem, n + 1, sizeof *index);
    if (!rows || !index) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++) {
        rows[i] = (row){.index = k->index[r->rows][i], .given = i, .sort = r->sort};
        if (!describe(mem, k, r->rows, &rows[i])) return sweep_run_no_memory(run);
    }
    for (size_t i = 0; i < n && r->group; i++)
        rows[i].group =
            r->group == SWEEP_GROUP_SIZE ? class_of(r->rows, rows[i].size) : family_place(rows, n, &rows[i]);
    qsort(rows, n, sizeof *rows, compare_rows);
    for (size_t i = 0; i < n; i++)
        index[i] = rows[i].index;
    k->index[r->rows] = index;
    return r->group ? make_groups(run, r, rows, n, out) : ERR_OK;
}
