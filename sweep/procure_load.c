/*
 * procure_load.c - how many sequences a replica holds and what they take, as whole bytes on a line over the sequences.
 * That it is a line is proven, not assumed: when every term is one up to the most sequences, the fullest stage is the
 * largest of several lines, which is one line exactly if three points are on it. Other records are counted out.
 */
#include <math.h>

#include "kernels/eval/eval.h"
#include "kernels/eval/term.h"
#include "kernels/reduce/reduce.h"
#include "sweep/limits.h"
#include "sweep/procure.h"

enum { COUNTED_MOST = 4096 }; /* sequences up to which every number of them is looked at */

static double charge(const kern_record *r, double b, double s) {
    double bytes;
    kern_eval_cell(r, b, s, NULL, &bytes);
    return bytes;
}

/** Tokens of all sequences in whole pages: those of b times the first one's only if no page is shared. */
static int pages_are_straight(const kern_term *t, double s, double most) {
    double cap_first = t->cap_t + t->cap_tb, cap_last = t->cap_t + t->cap_tb * most;
    double page = t->page_t;
    if (t->pb) return 0; /* sequences twice over */
    if (s <= cap_first && most * s <= cap_last) return fmod(s, page) <= 0;
    if (s < cap_first || most * s < cap_last) return 0; /* the cap begins on the way */
    return isfinite(cap_last) && fmod(t->cap_t, page) <= 0 && fmod(t->cap_tb, page) <= 0;
}

/** A term over 1..most sequences. */
static int is_straight(const kern_term *t, double s, double most) {
    if (!kern_term_wide(t)) return 1;
    if (t->pt && !pages_are_straight(t, s, most)) return 0;
    double fixed = kern_term_context(t, s);
    return kern_term_batch(t, fixed, 1, s) >= t->cap_bytes || kern_term_batch(t, fixed, most, s) < t->cap_bytes;
}

static int terms_are_straight(const kern_record *r, double s, double most) {
    for (uint32_t i = 0; i < r->n_terms; i++) {
        if (!is_straight(&r->term[i], s, most)) return 0;
    }
    return !r->charged;
}

static int is_on_line(const kern_record *r, double s, double at, double first, double slope) {
    double want = first + slope * (at - 1), found = charge(r, at, s);
    return found <= want && found >= want;
}

/** Whether 1..most sequences take first + slope x (b - 1). */
static int is_line(const kern_record *r, double s, double most, double first, double slope) {
    if (terms_are_straight(r, s, most)) return is_on_line(r, s, most, first, slope);
    for (double b = 3; b <= fmin(most, COUNTED_MOST); b++) {
        if (!is_on_line(r, s, b, first, slope)) return 0;
    }
    return most <= COUNTED_MOST;
}

void sweep_procure_load(const kern_record *r, double s, double capacity, report_load *out, int *bent) {
    *out = (report_load){.users = kern_max_batch(r, s, capacity, sweep_batch_limit(s)), .capacity = capacity};
    double first = charge(r, 1, s), slope = out->users >= 2 ? charge(r, 2, s) - first : 0;
    out->need = first - slope;
    out->need_user = slope;
    if (out->users < 3 || is_line(r, s, out->users, first, slope)) return;
    out->need = out->need_user = NAN;
    *bent = 1;
}
