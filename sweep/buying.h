/*
 * buying.h - what a buyer says besides the workload: users, time, power, discount, currency. Keys of a `procurement`
 * report and words of `fit`.
 */
#ifndef SWEEP_BUYING_H
#define SWEEP_BUYING_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { SWEEP_USERS_LISTED = 16, SWEEP_MAX_GPUS = 64 };

typedef struct sweep_buying {
    int64_t users[SWEEP_USERS_LISTED]; /* the first is the input of the workbook */
    size_t n_users;
    double months, hours_per_day, pue, discount, host;
    double electricity, per_usd; /* NaN: not given */
    const char *currency;
    int basis;         /* report_basis */
    int64_t max_gpus;  /* of a replica */
    int64_t top;       /* options shown, 0: all */
    double min_tokens; /* [1/s] ceiling per user below which options are not shown, 0: any */
} sweep_buying;

/** What they are when nothing is said; the key table has it as text. */
void sweep_buying_default(sweep_buying *b);

/** Three capital letters. */
int sweep_is_currency(const char *text);

/** A currency other than USD needs its rate; USD has one. */
err sweep_buying_check(sweep_buying *b, const char *file, int line, int column, diags *faults);

#endif
