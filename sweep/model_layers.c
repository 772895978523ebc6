/*
 * model_layers.c - the architecture of a models.csv row to its layer groups, parts and tensors, and the parameters they
 * sum to. Refuses sizes whose products would leave whole numbers, parts without sizes, more active than routed experts.
 */
#include <string.h>

#include "sweep/model_layers.h"

static int copy_tensors(sweep_loader *l, const kern_tensors *t, const kern_tensor **out, uint32_t *n) {
    kern_tensor *copy = arena_alloc(l->mem, t->n + 1, sizeof *copy);
    if (!copy) return 0;
    memcpy(copy, t->item, t->n * sizeof *copy);
    *out = copy;
    *n = t->n;
    return 1;
}

static err make_group(sweep_loader *l, const kern_shape *s, const sweep_group_spec *spec, kern_group *g) {
    kern_tensors t = {.n = 0};
    kern_part *parts = arena_alloc(l->mem, spec->n_parts, sizeof *parts);
    if (!parts) return ERR_MEMORY;
    for (uint32_t i = 0; i < spec->n_parts; i++)
        parts[i] = kern_resolve_part(s, &spec->part[i]);
    kern_layer_tensors(s, spec->part, spec->n_parts, &t);
    *g = (kern_group){.kind = (uint8_t)spec->kind, .layers = spec->layers, .parts = parts, .n_parts = spec->n_parts};
    if (t.full) return ERR_LIMIT;
    return copy_tensors(l, &t, &g->tensors, &g->n_tensors) ? ERR_OK : ERR_MEMORY;
}

/** Sums of parameters by what they belong to; `idle`: experts that a token does not use. */
static void count_params(kern_model *m) {
    int64_t idle = 0;
    for (uint32_t k = 0; k < m->n_globals; k++) {
        int64_t n = kern_tensors_params(&m->globals[k], 1);
        *(m->globals[k].cls == KERN_CLASS_VISION ? &m->params_vision : &m->params_main) += n;
    }
    for (uint32_t g = 0; g < m->n_groups; g++) {
        const kern_group *group = &m->groups[g];
        int64_t n = group->layers * kern_tensors_params(group->tensors, group->n_tensors);
        *(group->kind == KERN_GROUP_MTP ? &m->params_mtp : &m->params_main) += n;
        for (uint32_t p = 0; p < group->n_parts && group->kind != KERN_GROUP_MTP; p++) {
            const kern_part *part = &group->parts[p];
            if (part->kind != KERN_PART_MOE || part->experts <= 0) continue;
            for (uint32_t t = 0; t < group->n_tensors; t++) {
                if (group->tensors[t].cls != KERN_CLASS_EXPERT) continue;
                idle += group->layers * group->tensors[t].rows * group->tensors[t].cols * (part->experts - part->top_k);
            }
        }
    }
    m->params_active = m->params_main - idle;
}

/** Elements of the tensors of a layer, or of the globals. */
static double elements(const kern_tensors *t) {
    double sum = 0;
    for (uint32_t i = 0; i < t->n; i++)
        sum += (double)t->item[i].rows * (double)t->item[i].cols * (double)t->item[i].count;
    return sum;
}

/** Sizes that the grammar allows but no double counts: every number of parameters stays below 2^53. */
static int too_large(const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    double sum = 0;
    kern_tensors once = {.n = 0};
    for (uint32_t g = 0; g < n; g++) {
        kern_tensors t = {.n = 0};
        kern_layer_tensors(s, spec[g].part, spec[g].n_parts, &t);
        sum += elements(&t) * (double)spec[g].layers;
    }
    kern_global_tensors(s, 1, &once);
    return !(sum + elements(&once) < 0x1p53);
}

static int experts_fit(const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    for (uint32_t g = 0; g < n; g++) {
        for (uint32_t p = 0; p < spec[g].n_parts; p++) {
            if (spec[g].part[p].kind != KERN_PART_MOE) continue;
            const kern_part part = kern_resolve_part(s, &spec[g].part[p]);
            if (part.experts < 1 || part.top_k < 1 || part.top_k > part.experts) return 0;
        }
    }
    return 1;
}

/** What a part of this kind needs and does not have, as the columns that say it; NULL: nothing. */
static const char *missing_size(const kern_part *p) {
    if (p->kind == KERN_PART_ATTN && (p->q_heads < 1 || p->k_dim < 1)) return "num_q_heads and head_dim";
    if (p->kind == KERN_PART_MLA && (p->q_heads < 1 || p->kv_lora < 1)) return "num_q_heads and kv_lora_rank";
    if (p->kind == KERN_PART_MLP && p->inner < 1) return "intermediate_size";
    return p->kind == KERN_PART_MOE && p->inner < 1 ? "moe_intermediate_size" : NULL;
}

/** The first that is missing: a layer without its weights would be counted as nothing. */
static const char *any_missing(const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    const char *missing = NULL;
    for (uint32_t g = 0; g < n && !missing; g++) {
        for (uint32_t p = 0; p < spec[g].n_parts && !missing; p++) {
            const kern_part part = kern_resolve_part(s, &spec[g].part[p]);
            missing = missing_size(&part);
        }
    }
    return missing;
}

static int mixers_known(const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    for (uint32_t g = 0; g < n; g++) {
        for (uint32_t p = 0; p < spec[g].n_parts; p++) {
            kern_part_kind kind = spec[g].part[p].kind;
            if (kind >= KERN_PART_GDN && kind <= KERN_PART_RWKV7 && !s->has_mixer[kind]) return 0;
        }
    }
    return 1;
}

static err check(sweep_loader *l, const sweep_raw *row, const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    if (!mixers_known(s, spec, n))
        return sweep_row_fault(l, row, ERR_MISSING, "linear_state",
                               "layer_groups names a mixer that has no sizes here");
    const char *missing = any_missing(s, spec, n);
    if (missing)
        return sweep_row_fault(l, row, ERR_MISSING, "layer_groups", "its layers need %s, which are not given", missing);
    if (too_large(s, spec, n)) return sweep_row_fault(l, row, ERR_RANGE, "layer_groups", "2^53 parameters or more");
    if (!experts_fit(s, spec, n))
        return sweep_row_fault(l, row, ERR_RANGE, "experts_per_token", "expected 1 up to the experts of a layer");
    return ERR_OK;
}

err sweep_model_build(sweep_loader *l, const sweep_raw *row, const kern_shape *s, const sweep_group_spec *spec,
                      uint32_t n, kern_model *m) {
    kern_tensors globals = {.n = 0};
    TRY(check(l, row, s, spec, n));
    kern_group *groups = arena_alloc(l->mem, n, sizeof *groups);
    int encoder = 0;
    if (!groups) return sweep_row_fault(l, row, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    for (uint32_t g = 0; g < n; g++) {
        err e = make_group(l, s, &spec[g], &groups[g]);
        if (e != ERR_OK)
            return sweep_row_fault(l, row, e, "layer_groups", "%s",
                                   e == ERR_LIMIT ? "too many tensors in a layer" : err_text(e));
        encoder |= spec[g].kind == KERN_GROUP_ENCODER;
    }
    kern_global_tensors(s, encoder, &globals);
    m->groups = groups;
    m->n_groups = n;
    if (!copy_tensors(l, &globals, &m->globals, &m->n_globals))
        return sweep_row_fault(l, row, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    count_params(m);
    return ERR_OK;
}
