/*
 * kv_capacity.c - tokens that the memory left over for the cache holds, all sequences together.
 */
#include <math.h>
#include <string.h>

#include "kernels/eval/term.h"
#include "kernels/reduce/reduce.h"

/** Cache and everything else of one phase for one sequence of s tokens, as they count against a capacity. */
static void phase_charge(const kern_record *r, unsigned phase, double s, double *cache, double *rest) {
    *cache = *rest = 0;
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        if (t->phase != phase) continue;
        double charge = r->charge[t->component] * kern_term_batch(t, kern_term_context(t, s), 1, s);
        *(t->component == KERN_KV_CACHE ? cache : rest) += charge;
    }
}

/** floor(room * s / cache). In whole numbers where all are: the quotient times s would be one token off now and then.
 */
static double tokens(double room, double cache, double s) {
    if (room < 0) return 0;
    if (room == floor(room) && cache == floor(cache) && room < 0x1p53 && cache < 0x1p53) {
        __int128 whole = (__int128)room * (__int128)s / (__int128)cache;
        return (double)whole;
    }
    return floor(room / cache * s);
}

double kern_kv_capacity(const kern_record *r, double s, double capacity) {
    double least = INFINITY;
    for (unsigned p = 0; p < r->n_phases; p++) {
        double cache, rest;
        phase_charge(r, p, s, &cache, &rest);
        if (cache > 0) least = fmin(least, tokens(capacity - rest, cache, s));
    }
    return least < INFINITY ? least : 0;
}
