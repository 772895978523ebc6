/*
 * eval_row.c - rows of `eval`. The columns of an answer stand in one table; what has no value is left empty in CSV and
 * null in JSON.
 */
#include <math.h>
#include <string.h>

#include "sweep/auto_layout.h"
#include "sweep/eval_row.h"
#include "sweep/layout.h"

/** A value of the answer: a whole number, a word, or neither. */
typedef struct cell {
    double number; /* NAN: none */
    int yes;       /* of `fits`: 1 yes, 0 no, -1 is a number */
} cell;

enum { RANGE_LOW = 14, RANGE_HIGH, ANSWERS, CHOSEN = 2 };

static const char *const names[ANSWERS] = {
    "weights_bytes",    "kv_cache_bytes", "activations_bytes", "gradients_bytes",    "optimizer_bytes",
    "overhead_bytes",   "total_bytes",    "usable_bytes",      "headroom_bytes",     "fits",
    "min_gpus",         "max_batch",      "max_context",       "kv_capacity_tokens", "total_low_bytes",
    "total_high_bytes",
};

static const char *const chosen_names[CHOSEN] = {"chosen_layout", "chosen_checkpointing"};

/** What a row was evaluated with, empty without an answer; `layout` holds KERN_LAYOUT_TEXT bytes. */
static void fill_chosen(const char *text[CHOSEN], char *layout, const sweep_scenario *sc, const sweep_answer *a) {
    *layout = 0;
    if (a) sweep_layout_text(&sc->k.layout, layout);
    text[0] = layout;
    text[1] = a && sc->k.mode->train != KERN_INFERENCE ? sweep_checkpointing_name[sc->k.mode->checkpointing] : "";
}

static size_t answers(sweep_row_style style) {
    return style.range ? ANSWERS : RANGE_LOW;
}

/** Values in the order of the names. */
static void fill(cell c[ANSWERS], const sweep_scenario *sc, const sweep_answer *a) {
    size_t n = 0;
    for (size_t i = 0; i < ANSWERS; i++)
        c[i] = (cell){NAN, -1};
    if (!a) return;
    for (unsigned k = 0; k < KERN_COMPONENTS; k++)
        c[n++].number = a->component[k];
    c[n++].number = a->total;
    c[RANGE_LOW].number = a->low;
    c[RANGE_HIGH].number = a->high;
    if (!sc->gpu) return;
    c[n++].number = floor(a->usable);
    c[n++].number = floor(a->headroom);
    c[n++].yes = a->fits;
    if (a->min_gpus > 0) c[n].number = a->min_gpus;
    c[++n].number = a->max_batch;
    c[++n].number = a->max_context;
    if (sc->k.mode->train == KERN_INFERENCE) c[++n].number = a->kv_capacity;
}

void sweep_row_header(report_csv_text *out, sweep_row_style style, const sweep_list_header *given) {
    if (style.json) return;
    for (size_t i = 0; i < given->n; i++) {
        report_csv_raw(out, sweep_columns[given->column[i]].name);
        report_csv_raw(out, ",");
    }
    for (size_t i = 0; i < answers(style); i++) {
        report_csv_raw(out, names[i]);
        report_csv_raw(out, ",");
    }
    for (size_t i = 0; style.chosen && i < CHOSEN; i++) {
        report_csv_raw(out, chosen_names[i]);
        report_csv_raw(out, ",");
    }
    report_csv_raw(out, "status\n");
}

static void put_csv(report_csv_text *out, sweep_row_style style, size_t n, const char *const *fields,
                    const cell c[ANSWERS], const char *const *chosen, const char *status) {
    for (size_t i = 0; i < n; i++) {
        report_csv_field(out, fields[i]);
        report_csv_raw(out, ",");
    }
    for (size_t i = 0; i < answers(style); i++) {
        if (c[i].yes >= 0) report_csv_raw(out, c[i].yes ? "yes" : "no");
        if (!isnan(c[i].number)) report_csv_whole(out, c[i].number);
        report_csv_raw(out, ",");
    }
    for (size_t i = 0; style.chosen && i < CHOSEN; i++) {
        report_csv_field(out, chosen[i]);
        report_csv_raw(out, ",");
    }
    report_csv_field(out, status);
    report_csv_raw(out, "\n");
}

/** `"name":`, with what comes before it. */
static void put_name(report_csv_text *out, const char *before, const char *name) {
    report_csv_raw(out, before);
    report_csv_raw(out, "\"");
    report_csv_raw(out, name);
    report_csv_raw(out, "\":");
}

static void put_json(report_csv_text *out, sweep_row_style style, const sweep_list_header *given,
                     const char *const *fields, const cell c[ANSWERS], const char *const *chosen, const char *status) {
    const char *before = "{";
    for (size_t i = 0; i < given->n; i++, before = ",") {
        put_name(out, before, sweep_columns[given->column[i]].name);
        report_json_string(out, fields[i]);
    }
    for (size_t i = 0; i < answers(style); i++, before = ",") {
        put_name(out, before, names[i]);
        if (c[i].yes >= 0)
            report_csv_raw(out, c[i].yes ? "true" : "false");
        else if (isnan(c[i].number))
            report_csv_raw(out, "null");
        else
            report_csv_whole(out, c[i].number);
    }
    for (size_t i = 0; style.chosen && i < CHOSEN; i++, before = ",") {
        put_name(out, before, chosen_names[i]);
        if (*chosen[i])
            report_json_string(out, chosen[i]);
        else
            report_csv_raw(out, "null");
    }
    put_name(out, before, "status");
    report_json_string(out, status);
    report_csv_raw(out, "}\n");
}

void sweep_row_put(report_csv_text *out, sweep_row_style style, const sweep_list_header *given,
                   const char *const *fields, const sweep_scenario *sc, const sweep_answer *a, const char *status) {
    cell c[ANSWERS];
    const char *chosen[CHOSEN];
    char layout[KERN_LAYOUT_TEXT];
    fill(c, sc, a);
    if (style.chosen) fill_chosen(chosen, layout, sc, a);
    if (style.json)
        put_json(out, style, given, fields, c, chosen, status);
    else
        put_csv(out, style, given->n, fields, c, chosen, status);
}
