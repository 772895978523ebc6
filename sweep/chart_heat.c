/*
 * chart_heat.c - a map: x across, series down, in each cell a number or the smallest GPU that holds it, the more memory
 * the darker. A context that the model was not made for is grey, and so is what nothing holds.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/number.h"
#include "sweep/chart.h"
#include "sweep/min_gpu.h"

/** From light to dark; readable in black and white too. */
static const char *const shades[] = {"#fff7d6", "#fee391", "#fec44f", "#fe9929",
                                     "#ec7014", "#cc4c02", "#993404", "#662506"};

static const char BLANK[] = "#dddddd";

enum { SHADES = sizeof shades / sizeof *shades };

/** One cell: what it says and how much it stands for. */
typedef struct heat_cell {
    const char *text;
    double weight; /* NAN: nothing to say */
} heat_cell;

typedef struct map {
    sweep_drawing *d;
    sweep_min_gpu search;
    heat_cell *cell;
    size_t columns, rows;
    double *step; /* distinct weights, ascending */
    size_t n_steps;
    report_key *key;
} map;

static heat_cell number_cell(map *m, const sweep_point *p) {
    char text[64];
    double value;
    if (!sweep_chart_value(m->d, m->d->spec->y[0], p, &value) || !(value > 0)) return (heat_cell){NULL, NAN};
    report_number_text(value, sweep_measure_kind(m->d->spec->y[0]) == SWEEP_OF_NUMBER ? 0 : (int)m->d->r->decimals,
                       text);
    return (heat_cell){arena_text(&m->d->run->ctx->mem, text, strlen(text)), value};
}

static heat_cell gpu_cell(map *m, const sweep_point *p) {
    const kern_gpu *gpu;
    int64_t n = sweep_min_gpu_find(&m->search, p, &gpu);
    if (!n) return (heat_cell){NULL, NAN};
    int length = (int)strcspn(gpu->display, "("); /* without what stands in brackets */
    while (length > 0 && gpu->display[length - 1] == ' ')
        length--;
    const char *text = n > 1 ? arena_printf(&m->d->run->ctx->mem, "%lldx %.*s", (long long)n, length, gpu->display)
                             : arena_text(&m->d->run->ctx->mem, gpu->display, (size_t)length);
    return (heat_cell){text, (double)n * gpu->usable_bytes};
}

static heat_cell fill_cell(map *m, size_t column, size_t row) {
    sweep_spot spot = {{0}};
    sweep_combo combo;
    sweep_point p;
    spot.at[m->d->spec->x] = column;
    spot.at[m->d->spec->series] = row;
    if (!sweep_chart_point(m->d, &spot, &combo, &p)) return (heat_cell){NULL, NAN};
    if (p.sc->model->max_context && p.context > (double)p.sc->model->max_context) {
        sweep_chart_note(m->d, "Grey: nothing offered holds it, or the model was not made for this context.");
        return (heat_cell){NULL, NAN};
    }
    heat_cell c = m->d->r->min_gpu.n ? gpu_cell(m, &p) : number_cell(m, &p);
    if (isnan(c.weight))
        sweep_chart_note(m->d, "Grey: nothing offered holds it, or the model was not made for this context.");
    return c;
}

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Distinct weights in order: as many shades as there are, spread over the palette. */
static void find_steps(map *m) {
    size_t n = 0;
    for (size_t i = 0; i < m->columns * m->rows; i++) {
        if (!isnan(m->cell[i].weight)) m->step[n++] = m->cell[i].weight;
    }
    qsort(m->step, n, sizeof *m->step, compare_numbers);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || m->step[i] > m->step[i - 1]) m->step[m->n_steps++] = m->step[i];
    }
}

static size_t shade_of(const map *m, double weight) {
    size_t rank = 0;
    if (isnan(weight)) return SHADES;
    while (rank + 1 < m->n_steps && m->step[rank] < weight)
        rank++;
    return m->n_steps > 1 ? rank * (SHADES - 1) / (m->n_steps - 1) : 2;
}

/** What a shade stands for, when one value has it. */
static void name_shades(map *m) {
    for (size_t i = 0; i <= SHADES; i++)
        m->key[i] = (report_key){NULL, i < SHADES ? shades[i] : BLANK};
    if (m->n_steps > SHADES || !m->d->r->min_gpu.n) return;
    for (size_t i = 0; i < m->columns * m->rows; i++) {
        if (m->cell[i].text) m->key[shade_of(m, m->cell[i].weight)].label = m->cell[i].text;
    }
}

static const report_place *places(map *m, sweep_axis axis, size_t n) {
    report_place *p = arena_alloc(&m->d->run->ctx->mem, n + 1, sizeof *p);
    for (size_t i = 0; p && i < n; i++)
        p[i] = (report_place){(double)i + 0.5, sweep_chart_label(m->d, axis, i)};
    return p;
}

static err draw(map *m) {
    arena *mem = &m->d->run->ctx->mem;
    size_t n = m->columns * m->rows;
    report_boxes *b = arena_alloc(mem, 1, sizeof *b);
    report_box *box = arena_alloc(mem, n, sizeof *box);
    if (!b || !box) return sweep_run_no_memory(m->d->run);
    for (size_t i = 0; i < n; i++) {
        size_t row = i / m->columns;
        double x = (double)(i % m->columns), y = (double)row;
        box[i] = (report_box){x, x + 1, y, y + 1, shade_of(m, m->cell[i].weight), m->cell[i].text};
    }
    *b = (report_boxes){.width = (double)m->columns,
                        .height = (double)m->rows,
                        .box = box,
                        .n_boxes = n,
                        .key = m->key,
                        .n_keys = SHADES + 1,
                        .n_x = m->columns,
                        .n_y = m->rows,
                        .x = places(m, m->d->spec->x, m->columns),
                        .y = places(m, m->d->spec->series, m->rows)};
    m->d->chart.boxes = b;
    return b->x && b->y ? ERR_OK : sweep_run_no_memory(m->d->run);
}

err sweep_chart_heat(sweep_drawing *d) {
    arena *mem = &d->run->ctx->mem;
    map *m = arena_alloc(mem, 1, sizeof *m);
    if (!m) return sweep_run_no_memory(d->run);
    *m = (map){.d = d, .columns = d->pick.n[d->spec->x], .rows = d->pick.n[d->spec->series]};
    if (m->columns * m->rows > REPORT_BOXES_MAX) {
        return diag_add(&d->run->ctx->faults, ERR_LIMIT, d->run->cfg->path, d->r->line, d->r->column, "chart",
                        "%zu cells, a chart takes at most %d", m->columns * m->rows, REPORT_BOXES_MAX);
    }
    m->cell = arena_alloc(mem, m->columns * m->rows, sizeof *m->cell);
    m->step = arena_alloc(mem, m->columns * m->rows, sizeof *m->step);
    m->key = arena_alloc(mem, SHADES + 1, sizeof *m->key);
    if (!m->cell || !m->step || !m->key) return sweep_run_no_memory(d->run);
    if (d->r->min_gpu.n) TRY(sweep_min_gpu_init(&m->search, d->run, d->r));
    for (size_t i = 0; i < m->columns * m->rows; i++)
        m->cell[i] = fill_cell(m, i % m->columns, i / m->columns);
    find_steps(m);
    name_shades(m);
    return draw(m);
}
