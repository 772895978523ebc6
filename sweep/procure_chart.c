/*
 * procure_chart.c - cost per user against context, a chart for each model: at each context the cheapest option of a
 * GPU, whatever its format and layout. Drawn are the GPUs that are best placed at the context of the report.
 */
#include "sweep/procure_chart.h"

#include <math.h>
#include <string.h>

#include "report/number.h"

enum { LINES_MOST = 8, CHARTS_MOST = 16 };

typedef struct drawing {
    const sweep_procure *q;
    report_answer **at; /* answers of all options at each context */
    report_series line[LINES_MOST];
    size_t n_lines;
} drawing;

static int answer_contexts(drawing *d) {
    const sweep_procure *q = d->q;
    d->at = arena_alloc(q->mem, q->n_contexts, sizeof(report_answer *));
    for (size_t i = 0; d->at && i < q->n_contexts; i++) {
        report_procurement p = q->report;
        p.inputs.context = q->context[i];
        d->at[i] = arena_alloc(q->mem, p.n_options + 1, sizeof **d->at);
        if (!d->at[i] || report_procurement_answer(&p, d->at[i]) != ERR_OK) return 0;
    }
    return d->at != NULL;
}

static int is_drawn(const drawing *d, const report_answer *a) {
    return !isnan(a->cost_user) && !(a->tokens_user < d->q->buying.min_tokens);
}

/** Least cost of a user on the GPU at context i, NaN: none. */
static double least_cost(const drawing *d, const kern_model *model, size_t gpu, size_t i) {
    const report_procurement *p = &d->q->report;
    double least = NAN;
    for (size_t k = 0; k < p->n_options; k++) {
        if (p->option[k].gpu != gpu || p->option[k].model != model->name || !is_drawn(d, &d->at[i][k])) continue;
        least = fmin(least, d->at[i][k].cost_user);
    }
    return least;
}

static int add_line(drawing *d, const kern_model *model, size_t gpu) {
    const sweep_procure *q = d->q;
    double *x = arena_alloc(q->mem, q->n_contexts, sizeof *x), *y = arena_alloc(q->mem, q->n_contexts, sizeof *y);
    report_series *s = &d->line[d->n_lines];
    if (!x || !y) return 0;
    *s = (report_series){.label = q->report.gpu[gpu].display, .x = x, .y = y};
    for (size_t i = 0; i < q->n_contexts; i++) {
        double cost = least_cost(d, model, gpu, i);
        if (!(cost > 0)) continue;
        x[s->n] = q->context[i];
        y[s->n++] = cost;
    }
    if (s->n) d->n_lines++;
    return 1;
}

/** GPUs of a model in the order of their best options. */
static int add_lines(drawing *d, const kern_model *model) {
    const report_procurement *p = &d->q->report;
    char *seen = arena_alloc(d->q->mem, p->n_gpus + 1, 1);
    for (size_t i = 0; seen && i < p->n_options && d->n_lines < LINES_MOST; i++) {
        const report_option *o = &p->option[i];
        if (o->model != model->name || seen[o->gpu] || !is_drawn(d, &p->answer[i])) continue;
        seen[o->gpu] = 1;
        if (!add_line(d, model, o->gpu)) return 0;
    }
    return seen != NULL;
}

static int is_first(const sweep_procure *q, size_t w) {
    for (size_t i = 0; i < w; i++) {
        if (q->work[i].combo.sc.model == q->work[w].combo.sc.model) return 0;
    }
    return 1;
}

static err write_chart(sweep_run *run, report_chart *c) {
    int rendered = 0;
    TRY(sweep_run_add_chart(run, c));
    TRY(report_chart_write(run->dir, c, &rendered, &run->ctx->faults));
    run->n_files += rendered ? 4 : 2;
    run->not_rendered += !rendered;
    return ERR_OK;
}

static err draw_model(const drawing *of, sweep_run *run, const kern_model *model, int several) {
    drawing d = *of;
    const sweep_procure *q = d.q;
    if (!add_lines(&d, model)) return sweep_run_no_memory(run);
    if (!d.n_lines) return ERR_OK;
    report_chart *c = arena_alloc(q->mem, 1, sizeof *c);
    report_series *line = arena_alloc(q->mem, d.n_lines, sizeof *line);
    if (!c || !line) return sweep_run_no_memory(run);
    memcpy(line, d.line, d.n_lines * sizeof *line);
    char users[REPORT_GROUPED];
    report_grouped_text(q->report.inputs.users, users);
    *c = (report_chart){
        .name = arena_printf(q->mem, "%s-cost%s%s", q->report.name, several ? "-" : "", several ? model->name : ""),
        .title = arena_printf(q->mem, "What a user of %s costs", model->display),
        .subtitle = arena_printf(q->mem, "%s users at once, engine %s, cheapest format and layout on each GPU", users,
                                 q->work->combo.sc.engine->name),
        .x_title = "context (tokens)",
        .y_title = arena_printf(q->mem, "cost per user (%s a month)", q->buying.currency),
        .x_log2 = 1,
        .y_log10 = 1,
        .series = line,
        .n_series = d.n_lines,
        .undrawn = run->real_dir != NULL};
    if (!c->name || !c->title || !c->subtitle || !c->y_title) return sweep_run_no_memory(run);
    return write_chart(run, c);
}

err sweep_procure_draw(sweep_run *run, const sweep_procure *q) {
    drawing d = {.q = q};
    size_t models = 0, drawn = 0;
    if (q->n_contexts < 2 || q->work->combo.sc.mode->train != KERN_INFERENCE) return ERR_OK;
    if (!answer_contexts(&d)) return sweep_run_no_memory(run);
    for (size_t w = 0; w < q->n_works; w++)
        models += (size_t)is_first(q, w);
    for (size_t w = 0; w < q->n_works && drawn < CHARTS_MOST; w++) {
        if (is_first(q, w) && ++drawn) TRY(draw_model(&d, run, q->work[w].combo.sc.model, models > 1));
    }
    return ERR_OK;
}
