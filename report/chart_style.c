/*
 * chart_style.c - how the lines of a chart look: colours that people with any colour vision tell apart, and a second
 * sign beside them. Writes gnuplot line styles.
 */
#include <math.h>

#include "report/chart_internal.h"

/** Okabe and Ito's palette, told apart with any colour vision; its yellow is too pale on white and is a grey here. */
static const struct {
    const char *line, *text; /* text: darker */
} palette[] = {
    {"#0072b2", "#00568a"}, {"#d55e00", "#a34800"}, {"#009e73", "#00734f"}, {"#cc79a7", "#9c4476"},
    {"#e69f00", "#996900"}, {"#56b4e9", "#2a79ab"}, {"#222222", "#222222"}, {"#8c8c8c", "#666666"},
};

/** Every line has its own symbol and every eight lines another dash: colour is never the only sign. */
static const int symbols[] = {7, 5, 9, 11, 13, 15, 2, 1, 6, 4, 8, 10, 12};
static const char *const dashes[] = {"solid", "(18,5)", "(3,4)", "(14,4,3,4)"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { SYMBOLS_SHOWN = 12, HIDDEN_PIXELS = 3 };

/** Which line it is, levels not counted. */
static size_t order_of(const report_chart *c, size_t series) {
    size_t order = 0;
    for (size_t k = 0; k < series && k < c->n_series; k++)
        order += c->series[k].level_of == 0;
    return order;
}

const char *chart_style_ink(const report_chart *c, size_t series) {
    return palette[order_of(c, series) % COUNT(palette)].text;
}

/** Lines that lie on top of an earlier one all along are broken, so that both colours show. */
static int hides_earlier(const report_chart *c, const chart_frame *f, size_t i) {
    const report_series *s = &c->series[i];
    for (size_t e = 0; e < i; e++) {
        const report_series *o = &c->series[e];
        size_t k = 0;
        if (o->n != s->n || o->level_of) continue;
        while (k < s->n && fabs(chart_px(f, s->x[k]) - chart_px(f, o->x[k])) < HIDDEN_PIXELS &&
               fabs(chart_py(f, s->y[k]) - chart_py(f, o->y[k])) < HIDDEN_PIXELS)
            k++;
        if (k == s->n) return 1;
    }
    return 0;
}

void chart_style_write(report_file *out, const report_chart *c, const chart_frame *f, size_t i) {
    const report_series *s = &c->series[i];
    size_t order = order_of(c, s->level_of ? s->level_of - 1 : i);
    report_file_printf(out, "set style line %zu linecolor rgb '%s' ", i + 1, palette[order % COUNT(palette)].line);
    if (s->level_of) {
        report_file_text(out, "linewidth 1.5 dashtype (9,6)\n");
        return;
    }
    if (s->points) {
        report_file_printf(out, "linewidth 1.2 pointtype %d\n", symbols[order % COUNT(symbols)]);
        return;
    }
    const char *dash = hides_earlier(c, f, i) ? "(11,11)" : dashes[order / COUNT(palette) % COUNT(dashes)];
    report_file_printf(out, "linewidth 2.4 dashtype %s pointtype %d pointinterval %zu\n", dash,
                       symbols[order % COUNT(symbols)], s->n / SYMBOLS_SHOWN + 1);
}
