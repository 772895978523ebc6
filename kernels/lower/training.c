/*
 * training.c - a training step per pipeline stage: frozen or trained weights, model states, context.
 */
#include "kernels/lower/internal.h"

err kern_lower_training(kern_lowering *l) {
    kern_stage stage[KERN_PHASES_MAX];
    unsigned n = kern_stages(l->sc->model, l->sc->layout.pp, stage);
    l->r->n_phases = n;
    for (unsigned p = 0; p < n; p++) {
        kern_lower_weights(l, &stage[p], p);
        kern_lower_model_states(l, &stage[p], p);
        kern_lower_overhead(l, &stage[p], p);
    }
    return l->failed;
}
