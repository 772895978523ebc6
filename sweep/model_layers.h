/*
 * model_layers.h - from the parsed columns of a model to the rows that lowering reads.
 */
#ifndef SWEEP_MODEL_LAYERS_H
#define SWEEP_MODEL_LAYERS_H

#include "sweep/catalog_internal.h"
#include "sweep/layer_groups.h"

/** Fills groups, parts, tensors, globals and params_* of the model. A fault is reported against the row. */
err sweep_model_build(sweep_loader *l, const sweep_raw *row, const kern_shape *s, const sweep_group_spec *spec,
                      uint32_t n, kern_model *m);

#endif
