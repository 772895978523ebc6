/*
 * inverse.c - largest batch, longest context, crossover. A record never falls with b or s, so an answer is right when
 * it holds and its successor does not: a guess from the slope is tried first, bisection over whole numbers finds the
 * rest.
 */
#include <math.h>

#include "kernels/reduce/reduce.h"

typedef struct question {
    const kern_record *r;
    double fixed, capacity;
    kern_component x, y;
} question;

/** What a question looks at for n sequences or tokens; it must not fall with n. */
static double charge_of_batch(const question *q, double n) {
    return kern_eval_charge(q->r, n, q->fixed);
}

static double charge_of_context(const question *q, double n) {
    return kern_eval_charge(q->r, q->fixed, n);
}

/** x - y over the contexts: negative below the crossover. */
static double difference(const question *q, double n) {
    double component[KERN_COMPONENTS];
    kern_eval_cell(q->r, q->fixed, n, component, NULL);
    return component[q->x] - component[q->y];
}

typedef double (*curve)(const question *q, double n);

/** n up to which the line through the curve at n0, where it is y0, and 2*n0 stays within the capacity, in 1..limit. */
static double guess(const question *q, curve f, double n0, double y0, double limit) {
    double slope = (f(q, 2 * n0) - y0) / n0;
    double n = slope > 0 ? floor(n0 + (q->capacity - y0) / slope) : limit;
    return fmin(fmax(n, 1), limit);
}

/**
 * Largest whole n in 1..limit with f(n) <= capacity, 0 when 1 is too much. Guesses: the slope at the start, and that
 * beyond every attention window.
 */
static double largest(const question *q, curve f, double limit) {
    static const double starts[] = {1, 0x1p20};
    double low = 1, high = floor(limit), first = f(q, 1);
    if (limit < 1 || !(first <= q->capacity)) return 0;
    for (int i = 0; i < 2 && low < high; i++) {
        if (2 * starts[i] > high) break;
        double n = guess(q, f, starts[i], i ? f(q, starts[i]) : first, high);
        if (n < low) continue;
        if (!(f(q, n) <= q->capacity)) {
            high = n - 1;
            continue;
        }
        low = n;
        if (n < high && !(f(q, n + 1) <= q->capacity)) return n;
    }
    while (low < high) {
        double middle = floor((low + high + 1) / 2);
        if (f(q, middle) <= q->capacity) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

double kern_max_batch(const kern_record *r, double s, double capacity, double limit) {
    const question q = {.r = r, .fixed = s, .capacity = capacity};
    return largest(&q, charge_of_batch, limit);
}

double kern_max_context(const kern_record *r, double b, double capacity, double limit) {
    const question q = {.r = r, .fixed = b, .capacity = capacity};
    return largest(&q, charge_of_context, limit);
}

double kern_crossover(const kern_record *r, double b, kern_component x, kern_component y, double limit) {
    const question q = {.r = r, .fixed = b, .capacity = -1, .x = x, .y = y}; /* whole numbers: < 0 is <= -1 */
    double last_below = largest(&q, difference, limit);
    return last_below < floor(limit) ? last_below + 1 : 0;
}
