/*
 * range.c - how far a total may be off: what an engine allocates by itself, activations and overhead, is a fit, and the
 * engines catalog says between which multiples of it eight of ten measured runs lie. Weights, caches, gradients and
 * optimizer states are counted, not fitted: they do not spread. Published methods state one number.
 */
#include <math.h>

#include "kernels/reduce/capacity.h"

int kern_total_range(const kern_scenario *sc, const double component[KERN_COMPONENTS], double *low, double *high) {
    const kern_engine *e = sc->engine;
    double fitted = component[KERN_ACTIVATIONS] + component[KERN_OVERHEAD], rest = 0;
    if (sc->method->exact && !e->spread_high) return 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        rest += component[c];
    rest -= fitted;
    *low = rest + floor(fitted * (sc->method->exact ? e->spread_low : 1));
    *high = rest + ceil(fitted * (sc->method->exact ? e->spread_high : 1));
    return 1;
}
