/*
 * run_order.h - the order of a table's rows and the headings between them.
 */
#ifndef SWEEP_RUN_ORDER_H
#define SWEEP_RUN_ORDER_H

#include "sweep/run.h"

/** Headings of a table; n 0: none. */
typedef struct sweep_order {
    const report_group *groups;
    size_t n;
    const char *title;
} sweep_order;

/** Puts the rows axis of the pick in the order that the report asks for. */
err sweep_order_rows(sweep_run *run, const sweep_report *r, sweep_pick *k, sweep_order *out);

#endif
