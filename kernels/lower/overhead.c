/*
 * overhead.c - memory that belongs to no tensor: the engine's context on the device.
 */
#include "kernels/lower/internal.h"

void kern_lower_overhead(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    (void)st;
    kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_CONTEXT, TERM_CONST(e->context_bytes), "%s %s", e->name,
                  e->version);
}
