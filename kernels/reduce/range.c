/*
 * range.c - how far a total may be off: what an engine allocates by itself, activations and overhead, is a fit, and the
 * engines catalog says between which multiples of it eight of ten measured runs lie. The device's context, which peaks
 * stated by a framework leave out, has multiples of its own. Weights, caches, gradients and optimizer states are
 * counted, not fitted: they do not spread. Published methods state one number.
 */
#include <math.h>

#include "kernels/reduce/capacity.h"

/** The part of the overhead that is the device's context, where it has a spread of its own [bytes]. */
static double context_of(const kern_scenario *sc, double overhead) {
    const kern_engine *e = sc->engine;
    double context = e->context_bytes + (sc->mode->train == KERN_INFERENCE ? e->serving_bytes : 0);
    return e->context_high > 0 ? fmin(context, overhead) : 0;
}

int kern_total_range(const kern_scenario *sc, const double component[KERN_COMPONENTS], double *low, double *high) {
    const kern_engine *e = sc->engine;
    double fitted = component[KERN_ACTIVATIONS] + component[KERN_OVERHEAD], rest = 0;
    if (sc->method->exact && !e->spread_high) return 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        rest += component[c];
    rest -= fitted;
    if (!sc->method->exact) {
        *low = *high = rest + fitted;
        return 1;
    }
    double context = context_of(sc, component[KERN_OVERHEAD]);
    *low = rest + floor((fitted - context) * e->spread_low + context * e->context_low);
    *high = rest + ceil((fitted - context) * e->spread_high + context * e->context_high);
    return 1;
}
