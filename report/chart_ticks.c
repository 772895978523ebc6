/*
 * chart_ticks.c - where an axis has its ticks and what they say: powers of two as 2K 4K ... 1M, decades with commas,
 * round steps on linear axes.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/chart_internal.h"
#include "report/number.h"

enum { BINARY_LABELS_MAX = 14, LINEAR_STEPS = 7, DECADES_BARE = 4, KILO = 1024, MEGA = 1024 * 1024 };

/** "1,000,000"; small numbers with as many places as they need. */
static void commas(double value, char *out) {
    char plain[CHART_TICK_TEXT];
    size_t n = report_double_text(value, plain), whole = strcspn(plain, ".e"), at = 0, start = plain[0] == '-';
    if (n + n / 3 >= CHART_TICK_TEXT || plain[whole] == 'e') {
        snprintf(out, CHART_TICK_TEXT, "%g", value);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i < whole && i > start && (whole - i) % 3 == 0) out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = '\0';
}

/** A tick without text at a value; NULL when it is off the axis or there are too many. */
static chart_tick *add(chart_axis *a, double at) {
    double slack = (a->to - a->from) * 1e-9;
    if (a->n == CHART_TICKS_MAX || at < a->from - slack || at > a->to + slack) return NULL;
    chart_tick *t = &a->tick[a->n++];
    t->at = at;
    t->text[0] = '\0';
    return t;
}

static void add_number(chart_axis *a, double at) {
    chart_tick *t = add(a, at);
    if (t) commas(at, t->text);
}

/** 512, 2K, 64K, 1M: binary thousands, as contexts are written. */
static void binary_text(double value, char *out) {
    if (value >= MEGA) {
        snprintf(out, CHART_TICK_TEXT, "%.10gM", value / MEGA);
    } else if (value >= KILO) {
        snprintf(out, CHART_TICK_TEXT, "%.10gK", value / KILO);
    } else {
        snprintf(out, CHART_TICK_TEXT, "%.10g", value);
    }
}

void chart_ticks_log2(chart_axis *a) {
    int first = (int)ceil(log2(a->from) - 1e-9), last = (int)floor(log2(a->to) + 1e-9);
    int step = (last - first) / BINARY_LABELS_MAX + 1;
    for (int e = first; e <= last; e += step) {
        chart_tick *t = add(a, ldexp(1, e));
        if (t) binary_text(t->at, t->text);
    }
}

void chart_ticks_log10(chart_axis *a) {
    double decades = log10(a->to / a->from);
    int first = (int)floor(log10(a->from)), last = (int)ceil(log10(a->to)), step = (int)(decades / 10) + 1;
    for (int e = first; e <= last; e += step) {
        double one = e < 0 ? 1 / pow(10, -e) : pow(10, e);
        add_number(a, one);
        if (decades > DECADES_BARE) continue;
        add_number(a, 2 * one);
        add_number(a, 5 * one);
    }
}

/** Steps below one are fractions, so that 14 steps of a tenth are the double nearest 1.4 and read "1.4". */
void chart_ticks_linear(chart_axis *a) {
    double rough = (a->to - a->from) / LINEAR_STEPS, power = pow(10, floor(log10(rough))), ratio = rough / power;
    double unit = ratio < 1.5   ? 1
                  : ratio < 3.5 ? 2
                  : ratio < 7.5 ? 5
                                : 10,
           step = power * unit, parts = round(1 / power);
    for (double k = ceil(a->from / step - 1e-9); k * step <= a->to * (1 + 1e-12) && a->n < CHART_TICKS_MAX; k++)
        add_number(a, power < 1 ? k * unit / parts : k * step);
}
