/*
 * eval_row.c - rows of `eval`. The columns of an answer stand in one table; what has no value is left empty in CSV and
 * null in JSON. Answers are written into room that was made for the longest of them.
 */
#include <math.h>
#include <string.h>

#include "report/digits.h"
#include "sweep/auto_layout.h"
#include "sweep/eval_row.h"
#include "sweep/layout.h"

/** A value of the answer: a whole number, a word, or neither. */
typedef struct cell {
    double number; /* NAN: none */
    int yes;       /* of `fits`: 1 yes, 0 no, -1 is a number */
} cell;

enum { RANGE_LOW = 14, RANGE_HIGH, ANSWERS, CHOSEN = 2, VALUE_ROOM = 64 /* a name with its quotes and a number */ };

#define NAME(name)                                                                                                     \
    { name, "\"" name "\":" }
static const struct {
    const char *name, *json;
} names[ANSWERS] = {
    NAME("weights_bytes"),     NAME("kv_cache_bytes"),
    NAME("activations_bytes"), NAME("gradients_bytes"),
    NAME("optimizer_bytes"),   NAME("overhead_bytes"),
    NAME("total_bytes"),       NAME("usable_bytes"),
    NAME("headroom_bytes"),    NAME("fits"),
    NAME("min_gpus"),          NAME("max_batch"),
    NAME("max_context"),       NAME("kv_capacity_tokens"),
    NAME("total_low_bytes"),   NAME("total_high_bytes"),
};
#undef NAME

static const char *const chosen_names[CHOSEN] = {"chosen_layout", "chosen_checkpointing"};

/** What a row was evaluated with, empty without an answer; `layout` holds KERN_LAYOUT_TEXT bytes. */
static void fill_chosen(const char *text[CHOSEN], char *layout, const sweep_answer *a) {
    *layout = 0;
    if (a) sweep_layout_text(&a->layout, layout);
    text[0] = layout;
    text[1] = a && !a->serves ? sweep_checkpointing_name[a->checkpointing] : "";
}

static void put_chosen(report_csv_text *out, int json, const sweep_answer *a) {
    const char *text[CHOSEN];
    char layout[KERN_LAYOUT_TEXT];
    fill_chosen(text, layout, a);
    for (size_t i = 0; i < CHOSEN; i++) {
        if (json) {
            report_csv_raw(out, "\"");
            report_csv_raw(out, chosen_names[i]);
            report_csv_raw(out, "\":");
        }
        if (!json) {
            report_csv_field(out, text[i]);
        } else if (*text[i]) {
            report_json_string(out, text[i]);
        } else {
            report_csv_raw(out, "null");
        }
        report_csv_raw(out, ",");
    }
}

static size_t answers(sweep_row_style style) {
    return style.range ? ANSWERS : RANGE_LOW;
}

/** Values in the order of the names. */
static void fill(cell c[ANSWERS], const sweep_answer *a) {
    size_t n = 0;
    for (size_t i = 0; i < ANSWERS; i++)
        c[i] = (cell){NAN, -1};
    if (!a) return;
    for (unsigned k = 0; k < KERN_COMPONENTS; k++)
        c[n++].number = a->component[k];
    c[n++].number = a->total;
    c[RANGE_LOW].number = a->low;
    c[RANGE_HIGH].number = a->high;
    if (!a->held) return;
    c[n++].number = floor(a->usable);
    c[n++].number = floor(a->headroom);
    c[n++].yes = a->fits;
    if (a->min_gpus > 0) c[n].number = a->min_gpus;
    c[++n].number = a->max_batch;
    c[++n].number = a->max_context;
    if (a->serves) c[++n].number = a->kv_capacity;
}

static char *put_text(char *to, const char *text) {
    size_t n = strlen(text);
    memcpy(to, text, n);
    return to + n;
}

static char *put_number(char *to, double x) {
    if (x < 0) *to++ = '-';
    return report_put_whole(to, (uint64_t)fabs(x));
}

void sweep_row_header(report_csv_text *out, sweep_row_style style, const sweep_list_header *given) {
    if (style.json) return;
    for (size_t i = 0; i < given->n; i++) {
        report_csv_raw(out, sweep_columns[given->column[i]].name);
        report_csv_raw(out, ",");
    }
    for (size_t i = 0; i < answers(style); i++) {
        report_csv_raw(out, names[i].name);
        report_csv_raw(out, ",");
    }
    for (size_t i = 0; style.chosen && i < CHOSEN; i++) {
        report_csv_raw(out, chosen_names[i]);
        report_csv_raw(out, ",");
    }
    report_csv_raw(out, "status\n");
}

/** The fields as they were given: the line itself where nothing has to be quoted. */
static void put_given(report_csv_text *out, size_t n, const sweep_list_row *row) {
    char *to = row->line && row->ascii && row->fields == n ? report_csv_room(out, row->line_n + 1) : NULL;
    if (to) {
        memcpy(to, row->line, row->line_n);
        to[row->line_n] = ',';
        out->n += row->line_n + 1;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        report_csv_field(out, row->field[i]);
        report_csv_raw(out, ",");
    }
}

static void put_csv(report_csv_text *out, sweep_row_style style, const sweep_list_header *given,
                    const sweep_list_row *row, const cell c[ANSWERS], const sweep_answer *a, const char *status) {
    put_given(out, given->n, row);
    char *room = report_csv_room(out, ANSWERS * VALUE_ROOM), *to = room;
    for (size_t i = 0; to && i < answers(style); i++) {
        if (c[i].yes >= 0) to = put_text(to, c[i].yes ? "yes" : "no");
        if (!isnan(c[i].number)) to = put_number(to, c[i].number);
        *to++ = ',';
    }
    if (room) out->n += (size_t)(to - room);
    if (style.chosen) put_chosen(out, 0, a);
    report_csv_field(out, status);
    report_csv_raw(out, "\n");
}

static char *put_json_value(char *to, const cell *c) {
    if (c->yes >= 0) return put_text(to, c->yes ? "true" : "false");
    return isnan(c->number) ? put_text(to, "null") : put_number(to, c->number);
}

static void put_json(report_csv_text *out, sweep_row_style style, const sweep_list_header *given,
                     const sweep_list_row *row, const cell c[ANSWERS], const sweep_answer *a, const char *status) {
    report_csv_raw(out, "{");
    for (size_t i = 0; i < given->n; i++) {
        report_csv_raw(out, "\"");
        report_csv_raw(out, sweep_columns[given->column[i]].name);
        report_csv_raw(out, "\":");
        report_json_string(out, row->field[i]);
        report_csv_raw(out, ",");
    }
    char *room = report_csv_room(out, ANSWERS * VALUE_ROOM), *to = room;
    for (size_t i = 0; to && i < answers(style); i++) {
        to = put_json_value(put_text(to, names[i].json), &c[i]);
        *to++ = ',';
    }
    if (room) out->n += (size_t)(to - room);
    if (style.chosen) put_chosen(out, 1, a);
    report_csv_raw(out, "\"status\":");
    report_json_string(out, status);
    report_csv_raw(out, "}\n");
}

void sweep_row_put(report_csv_text *out, sweep_row_style style, const sweep_list_header *given,
                   const sweep_list_row *row, const sweep_answer *a, const char *status) {
    cell c[ANSWERS];
    fill(c, a);
    (style.json ? put_json : put_csv)(out, style, given, row, c, a, status);
}
