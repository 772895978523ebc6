/*
 * config_chart.c - charts that are ready-made under a name, as the grammar says them, and what the keys of a chart must
 * not say together.
 */
#include "sweep/config_internal.h"

#include "common/text.h"

#include <string.h>

/** A ready-made chart: its name, the heading it has unless another is given, what it is in the grammar. */
static const struct preset {
    const char *name, *title;
    sweep_chart chart;
} presets[] = {
    {"kv-vs-weights",
     "KV cache against weights",
     {.mark = SWEEP_MARK_LINES,
      .x = SWEEP_CONTEXT,
      .series = SWEEP_MODEL,
      .facets = SWEEP_AXES,
      .y = {SWEEP_KV_CACHE},
      .n_y = 1,
      .level = SWEEP_WEIGHTS_BYTES,
      .scale_x = SWEEP_SCALE_LOG2,
      .scale_y = SWEEP_SCALE_LOG10,
      .signs = SWEEP_SIGN_CROSSOVER}},
    {"users-vs-context",
     "Users served against context",
     {.mark = SWEEP_MARK_LINES,
      .x = SWEEP_CONTEXT,
      .series = SWEEP_GPU,
      .facets = SWEEP_AXES,
      .y = {SWEEP_MAX_BATCH},
      .n_y = 1,
      .level = SWEEP_MEASURES,
      .scale_x = SWEEP_SCALE_LOG2,
      .scale_y = SWEEP_SCALE_LOG10}},
};

enum { PRESETS = sizeof presets / sizeof *presets };

static const char *next_preset(const void *unused, size_t i) {
    (void)unused;
    return i < PRESETS ? presets[i].name : NULL;
}

/** Takes over what is ready-made; 0 when the name stands for nothing. */
static int use_preset(sweep_report *r) {
    for (size_t i = 0; i < PRESETS; i++) {
        if (!text_same(presets[i].name, r->target)) continue;
        r->chart = presets[i].chart;
        if (!r->title) r->title = presets[i].title;
        return 1;
    }
    return 0;
}

/** A combination that cannot be drawn: which key, and why. */
static const char *conflict(const sweep_report *r, const char **key) {
    const sweep_chart *c = &r->chart;
    int numbers = c->x == SWEEP_CONTEXT || c->x == SWEEP_BATCH;
    *key = c->mark == SWEEP_MARK_LINES && !numbers                                    ? "x"
           : c->x == c->series || (c->facets != SWEEP_AXES && c->facets == c->series) ? "series"
           : c->facets != SWEEP_AXES && c->facets == c->x                             ? "facets"
                                                                                      : NULL;
    if (*key) return strcmp(*key, "x") == 0 ? "lines go along context or batch" : "two keys name the same axis";
    if (c->facets != SWEEP_AXES && c->mark != SWEEP_MARK_BARS && c->mark != SWEEP_MARK_STACK)
        return *key = "facets", "only bars and stacks have panels";
    if (c->level != SWEEP_MEASURES && c->mark != SWEEP_MARK_LINES) return *key = "level", "only lines have levels";
    if (c->mark == SWEEP_MARK_HEAT && c->series == SWEEP_AXES)
        return *key = "series", "a heat map needs an axis for its rows";
    if (c->mark == SWEEP_MARK_STACK && c->series != SWEEP_AXES)
        return *key = "series", "a stack is made of the measures of y; panels (facets) set several side by side";
    if (c->n_y > 1 && (c->mark == SWEEP_MARK_HEAT || c->mark == SWEEP_MARK_BARS))
        return *key = "y", "bars and cells show one measure";
    if (c->signs & SWEEP_SIGN_CROSSOVER && (c->y[0] != SWEEP_KV_CACHE || c->level != SWEEP_WEIGHTS_BYTES))
        return *key = "markers", "crossover is where kv_cache (y) meets weights (level)";
    if (c->signs & SWEEP_SIGN_QUALITY && (c->x != SWEEP_WEIGHTS || c->mark != SWEEP_MARK_BARS))
        return *key = "markers", "quality stands on bars along weights";
    if (c->signs & SWEEP_SIGN_CAPACITY && (c->y[0] != SWEEP_TOTAL || c->x != SWEEP_CONTEXT || !r->min_gpu.n))
        return *key = "markers", "capacity needs y: total along context, and min_gpu to name the GPUs";
    return NULL;
}

void config_chart_check(config_walk *w, sweep_report *r) {
    const yaml_node_t at = config_place(r->line, r->column);
    char near[DIAG_TEXT];
    const char *key = NULL, *why;
    if (r->chart.x == SWEEP_AXES && !use_preset(r)) {
        text_suggest(r->target, next_preset, NULL, 2, near, sizeof near);
        config_fault(w, ERR_MISSING, &at, "x", "'%s' is no ready-made chart, so it needs the axis to draw along%s%s",
                     r->target, near[0] ? "; " : "", near);
        return;
    }
    if (!r->chart.n_y) r->chart.y[r->chart.n_y++] = SWEEP_TOTAL;
    int lines = r->chart.mark == SWEEP_MARK_LINES;
    if (r->chart.scale_x == SWEEP_SCALE_AUTO) r->chart.scale_x = lines ? SWEEP_SCALE_LOG2 : SWEEP_SCALE_LINEAR;
    if (r->chart.scale_y == SWEEP_SCALE_AUTO) r->chart.scale_y = lines ? SWEEP_SCALE_LOG10 : SWEEP_SCALE_LINEAR;
    why = conflict(r, &key);
    if (why) config_fault(w, ERR_RANGE, &at, key, "%s", why);
}
