/*
 * published.h - trainable parameters as a published document counts them. The rest of the published methods is reached
 * through kern_lower.
 */
#ifndef KERNELS_LOWER_PUBLISHED_H
#define KERNELS_LOWER_PUBLISHED_H

#include "kernels/types.h"

/**
 * Parameters that the mode trains, by the rule of the scenario's method: all of them, a share of all, or
 * vectors x layers x hidden x rank for LoRA. May have a fraction. 0 for inference and where the document has no rule.
 */
double kern_published_trainable(const kern_scenario *sc);

#endif
