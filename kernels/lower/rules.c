/*
 * rules.c - which rules an engine lowers by, and those of no engine at all.
 */
#include "kernels/lower/internal.h"

void kern_lower_nothing(kern_lowering *l, const kern_stage *st, unsigned phase) {
    (void)l;
    (void)st;
    (void)phase;
}

/** Bare tensors: weights and cache as asked for, and whatever context the engine's row states. */
const kern_rules kern_rules_bare = {
    .weights = kern_lower_weights,
    .kv_cache = kern_lower_kv_cache,
    .activations = kern_lower_nothing,
    .overhead = kern_lower_overhead,
};

const kern_rules *kern_rules_of(const kern_engine *e) {
    static const kern_rules *const all[KERN_RULES_KINDS] = {
        [KERN_RULES_BARE] = &kern_rules_bare,         [KERN_RULES_VLLM] = &kern_rules_vllm,
        [KERN_RULES_LLAMACPP] = &kern_rules_llamacpp, [KERN_RULES_TRANSFORMERS] = &kern_rules_transformers,
        [KERN_RULES_SGLANG] = &kern_rules_sglang,
    };
    return all[e->rules];
}
