/*
 * polynomials.h - cost records as what any program can compute: per component, or for the total the largest of a few,
 * c0 + b * (c1 + c2*s + c3*s*s). Proved equal to the records on every cell of the grid.
 */
#ifndef BENCH_PEERS_POLYNOMIALS_H
#define BENCH_PEERS_POLYNOMIALS_H

#include "bench/grid.h"
#include "kernels/record.h"

enum { PEERS_POWERS = 4, PEERS_PHASES = 4 };

/** Coefficients of one, b, b*s, b*s*s [bytes]. */
typedef struct peers_polynomial {
    double c[PEERS_POWERS];
} peers_polynomial;

/**
 * A combination: for each phase that can be the largest its polynomial and those of its components. Records lie one
 * behind the other, each as long as its terms: as close together as the others' columns.
 */
typedef struct peers_combo {
    sweep_combo at;
    const kern_record *record;
    peers_polynomial phase[PEERS_PHASES];
    peers_polynomial component[PEERS_PHASES][KERN_COMPONENTS];
    unsigned n_phases;
} peers_combo;

static inline double peers_value(const peers_polynomial *p, double b, double s) {
    return p->c[0] + b * (p->c[1] + s * (p->c[2] + s * p->c[3]));
}

/** All combinations of a grid (malloc), *n of them, for good; NULL: no memory. Ends the program when one has no such
 * form. */
peers_combo *peers_combos(const bench_grid *g, size_t *n);

/** Writes combos.csv, contexts.csv, batches.csv and gpus.csv into a folder, for the others to read. 0 on failure. */
int peers_export(const bench_grid *g, const peers_combo *combo, size_t n, const char *folder);

/** Capacity of GPU i of the grid, the same for each of its combinations. */
double peers_capacity(const bench_grid *g, size_t i);

#endif
