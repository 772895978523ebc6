/*
 * inverse.c - largest batch, longest context, crossover: bisection over whole numbers. A record never falls with b or
 * s, so the answer equals that of trying every value.
 */
#include <math.h>

#include "kernels/reduce/reduce.h"

typedef struct question {
    const kern_record *r;
    double fixed, capacity;
    kern_component x, y;
} question;

static int batch_fits(const question *q, double b) {
    double charge;
    kern_eval_cell(q->r, b, q->fixed, NULL, &charge);
    return charge <= q->capacity;
}

static int context_fits(const question *q, double s) {
    double charge;
    kern_eval_cell(q->r, q->fixed, s, NULL, &charge);
    return charge <= q->capacity;
}

static int below(const question *q, double s) {
    double component[KERN_COMPONENTS];
    kern_eval_cell(q->r, q->fixed, s, component, NULL);
    return component[q->x] < component[q->y];
}

/** Largest whole n in 1..limit that holds; 0 when 1 does not. `holds` is true up to some n and false above. */
static double largest(const question *q, int (*holds)(const question *, double), double limit) {
    if (limit < 1 || !holds(q, 1)) return 0;
    double low = 1, high = floor(limit);
    while (low < high) {
        double middle = floor((low + high + 1) / 2);
        if (holds(q, middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

double kern_max_batch(const kern_record *r, double s, double capacity, double limit) {
    const question q = {.r = r, .fixed = s, .capacity = capacity};
    return largest(&q, batch_fits, limit);
}

double kern_max_context(const kern_record *r, double b, double capacity, double limit) {
    const question q = {.r = r, .fixed = b, .capacity = capacity};
    return largest(&q, context_fits, limit);
}

double kern_crossover(const kern_record *r, double b, kern_component x, kern_component y, double limit) {
    const question q = {.r = r, .fixed = b, .x = x, .y = y};
    double last_below = largest(&q, below, limit);
    return last_below < floor(limit) ? last_below + 1 : 0;
}
