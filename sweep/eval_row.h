/*
 * eval_row.h - a row of `eval`: what was given and what came out, as a line of CSV or a JSON object on a line.
 */
#ifndef SWEEP_EVAL_ROW_H
#define SWEEP_EVAL_ROW_H

#include "report/csv_text.h"
#include "sweep/scenario_list.h"

typedef struct sweep_row_style {
    int json;   /* JSON lines, else CSV */
    int range;  /* with total_low_bytes and total_high_bytes */
    int chosen; /* with chosen_layout and chosen_checkpointing */
} sweep_row_style;

/** The header of a CSV list with its line feed; nothing for JSON lines. */
void sweep_row_header(report_csv_text *out, sweep_row_style style, const sweep_list_header *given);

/** A row with its line feed. `a` NULL: a row without an answer, `status` says why. */
void sweep_row_put(report_csv_text *out, sweep_row_style style, const sweep_list_header *given,
                   const sweep_list_row *row, const sweep_answer *a, const char *status);

#endif
