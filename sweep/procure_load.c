/*
 * procure_load.c - how many sequences a replica holds and what they take, as whole bytes on a line over the sequences.
 * That it is one, or the larger of two, is proven and not assumed: when every term is a line up to the most sequences,
 * the fullest stage is the largest of several, and two points of each tell whether the first and the last are all there
 * is. Other records are counted out, sequence by sequence.
 */
#include <math.h>

#include "kernels/eval/eval.h"
#include "kernels/eval/term.h"
#include "kernels/reduce/reduce.h"
#include "sweep/limits.h"
#include "sweep/procure.h"

enum { COUNTED_MOST = 4096 }; /* sequences up to which every number of them is looked at */

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

static int is_on_line(const kern_record *r, double s, double at, double need, double slope) {
    double want = need + slope * at, found = kern_eval_charge(r, at, s);
    return found <= want && found >= want;
}

/** One sequence more, at b. */
static double slope_at(const kern_record *r, double s, double b) {
    return kern_eval_charge(r, b + 1, s) - kern_eval_charge(r, b, s);
}

/**
 * The largest of lines is convex, so that it is the larger of its first and its last line exactly if it is on the first
 * up to where they cross and on the last from there.
 */
static int is_two_lines(const kern_record *r, double s, report_load *out) {
    double last = slope_at(r, s, out->users - 1), at_last = kern_eval_charge(r, out->users, s);
    out->need_2 = at_last - last * out->users;
    out->need_2_user = last;
    if (last <= out->need_user) return 1; /* one line: it is convex */
    double cross = fmin(floor((out->need - out->need_2) / (last - out->need_user)), out->users - 1);
    return is_on_line(r, s, cross, out->need, out->need_user) && is_on_line(r, s, cross + 1, out->need_2, last);
}

/** Every number of sequences, if they are few enough. */
static int is_counted_line(const kern_record *r, double s, const report_load *l) {
    for (double b = 3; b <= fmin(l->users, COUNTED_MOST); b++) {
        if (!is_on_line(r, s, b, l->need, l->need_user)) return 0;
    }
    return l->users <= COUNTED_MOST;
}

void sweep_procure_load(const kern_record *r, double s, double capacity, report_load *out, int *bent) {
    *out = (report_load){.users = kern_max_batch(r, s, capacity, sweep_batch_limit(s)), .capacity = capacity};
    out->need_user = out->users >= 2 ? slope_at(r, s, 1) : 0;
    out->need = kern_eval_charge(r, 1, s) - out->need_user;
    if (out->users < 3) return;
    if (terms_are_straight(r, s, out->users) ? is_two_lines(r, s, out) : is_counted_line(r, s, out)) {
        if (out->need_2_user <= out->need_user) out->need_2 = out->need_2_user = 0;
        return;
    }
    *out = (report_load){.users = out->users, .need = NAN, .capacity = capacity};
    *bent = 1;
}
