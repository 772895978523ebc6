/*
 * buying.c - defaults of what a buyer says, and what cannot be said together.
 */
#include "sweep/buying.h"

#include <math.h>

#include "common/text.h"

void sweep_buying_default(sweep_buying *b) {
    *b = (sweep_buying){.months = 36,
                        .hours_per_day = 24,
                        .electricity = NAN,
                        .pue = 1,
                        .per_usd = NAN,
                        .currency = "USD",
                        .max_gpus = SWEEP_MAX_GPUS,
                        .top = 10};
}

err sweep_buying_check(sweep_buying *b, const char *file, int line, int column, diags *faults) {
    int usd = text_same(b->currency, "USD");
    if (!usd && isnan(b->per_usd)) {
        return diag_add(faults, ERR_MISSING, file, line, column, "per_usd",
                        "catalog prices are in USD: how many %.20s is one of them?", b->currency);
    }
    if (usd && !isnan(b->per_usd) && (b->per_usd < 1 || b->per_usd > 1))
        return diag_add(faults, ERR_RANGE, file, line, column, "per_usd", "%g, but the currency is USD", b->per_usd);
    if (usd) b->per_usd = 1;
    return ERR_OK;
}

int sweep_is_currency(const char *text) {
    size_t n = 0;
    while (text[n] >= 'A' && text[n] <= 'Z')
        n++;
    return n == 3 && !text[n];
}
