/*
 * import_shape.c - sizes that every architecture has, by all the names that configs give them.
 */
#include <string.h>

#include "sweep/import_internal.h"

#define SIZE SWEEP_SIZE_MAX

/** Where the keys of a shape go; `fallback` -1: must be given. */
static const struct size_key {
    const char *names;
    size_t at;
    int64_t fallback, most;
} size_keys[] = {
#define SIZE_KEY(member, fallback, most, names) {names, offsetof(import_config, member), fallback, most},
#include "sweep/import_shape.def"
#undef SIZE_KEY
};

/** `word`, or KEY:word where the key is true. */
static const char *word_of(import_config *x, const char *spec) {
    char key[IMPORT_TEXT];
    const char *colon = strchr(spec, ':');
    if (!colon) return spec;
    snprintf(key, sizeof key, "%.*s", (int)(colon - spec), spec);
    return import_flag(x, key, 0) ? colon + 1 : "none";
}

static void read_sizes(import_config *x) {
    for (size_t i = 0; i < sizeof size_keys / sizeof *size_keys; i++) {
        const struct size_key *k = &size_keys[i];
        int64_t value = import_int(x, k->names, k->fallback, k->most);
        memcpy((char *)x + k->at, &value, sizeof value);
    }
}

/** Without a number of layers a list with an entry for each says how many there are. */
static void count_layers(import_config *x) {
    const json_t *list = import_find(x, "layers_block_type|layer_types|block_configs");
    const char *pattern = list ? NULL : import_word(x, "hybrid_override_pattern");
    x->n_layers = (int64_t)(pattern ? strlen(pattern) : json_array_size(list));
    if (x->n_layers < 1 || x->n_layers > SWEEP_LAYERS_MAX)
        import_fault(x, ERR_MISSING, "num_hidden_layers", "expected 1 to %d layers, here or by a list of them",
                     SWEEP_LAYERS_MAX);
}

static void attention_sizes(import_config *x) {
    if (x->kv_lora) {
        x->head_dim = x->nope_dim + x->rope_dim;
        if (!x->head_dim || !x->v_head_dim)
            import_fault(x, ERR_MISSING, "kv_lora_rank", "qk_nope_head_dim, qk_rope_head_dim, v_head_dim are needed");
    }
    if (!x->kv_heads) x->kv_heads = x->q_heads;
    if (!x->head_dim && x->q_heads) {
        if (x->hidden % x->q_heads)
            import_fault(x, ERR_RANGE, "num_attention_heads", "%lld heads do not divide the hidden size %lld",
                         (long long)x->q_heads, (long long)x->hidden);
        x->head_dim = x->hidden / x->q_heads;
    }
    if (!x->v_head_dim) x->v_head_dim = x->head_dim;
    if (x->kv_heads > x->q_heads || (x->kv_heads && x->q_heads % x->kv_heads))
        import_fault(x, ERR_RANGE, "num_key_value_heads", "%lld, expected a divisor of the %lld query heads",
                     (long long)x->kv_heads, (long long)x->q_heads);
}

static void expert_sizes(import_config *x) {
    int64_t shared =
        import_int(x, "n_shared_experts|num_shared_experts|num_shared_expert|moe_num_shared_experts", 0, 4096);
    if (x->experts <= 1) {
        x->experts = x->top_k = x->moe_inner = 0;
        return;
    }
    if (!x->moe_inner) x->moe_inner = x->inner;
    if (!x->shared_inner) x->shared_inner = shared * x->moe_inner;
    if (!x->top_k)
        import_fault(x, ERR_MISSING, NULL, "%lld experts, but 'num_experts_per_tok' is not given",
                     (long long)x->experts);
}

static void expert_flags(import_config *x) {
    const char *method = import_word(x, "topk_method");
    int bias = import_flag(
        x, "use_routing_bias|moe_router_enable_expert_bias|use_expert_bias|use_moe_router_bias|router_bias", 0);
    bias |= method && strcmp(method, "noaux_tc") == 0;
    if (x->experts && (bias || x->arch->traits & IMPORT_ROUTERBIAS)) import_flag_add(x, "routerbias");
}

void import_shape(import_config *x) {
    read_sizes(x);
    if (!x->n_layers) count_layers(x);
    if (x->first != ERR_OK) return;
    attention_sizes(x);
    expert_sizes(x);
    if (!x->inner && x->arch->traits & IMPORT_PLAIN) x->inner = 4 * x->hidden;
    if (!x->inner) x->inner = x->moe_inner;
    if (!x->context) {
        x->context = 131072;
        import_assume(x, "max_position_embeddings=131072");
    }
    x->gated = !(x->arch->traits & IMPORT_PLAIN);
    x->tied = import_flag(x, "tie_word_embeddings|weight_tying", 0);
    x->bias = word_of(x, x->arch->bias);
    x->qk_norm = word_of(x, x->arch->qk_norm);
    import_flag_add(x, "%s", x->arch->flags);
    if (import_flag(x, "mlp_bias", 0)) import_flag_add(x, "mlpbias");
    if (import_flag(x, "lm_head_bias", 0)) import_flag_add(x, "headbias");
    expert_flags(x);
}
