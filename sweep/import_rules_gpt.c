/*
 * import_rules_gpt.c - GPT-2 and what came after it: learned positions, multi-query attention, parallel blocks.
 */
#include <string.h>

#include "sweep/import_internal.h"

void import_rule_learned(import_config *x) {
    import_flag_add(x, "posrows=%lld", (long long)x->context);
}

void import_rule_bigcode(import_config *x) {
    import_rule_learned(x);
    if (import_flag(x, "multi_query", 1)) x->kv_heads = 1;
}

void import_rule_starcoder2(import_config *x) {
    if (strcmp(x->bias, "all") == 0) import_flag_add(x, "mlpbias");
}

void import_rule_chatglm(import_config *x) {
    if (!import_flag(x, "multi_query_attention", 1)) x->kv_heads = x->q_heads;
    if (import_flag(x, "add_bias_linear", 0))
        import_fault(x, ERR_RANGE, "add_bias_linear", "biases of all linear layers are not known here");
}

void import_rule_opt(import_config *x) {
    int64_t dim = import_int(x, "word_embed_proj_dim", x->hidden, SWEEP_SIZE_MAX);
    import_flag_add(x, "posrows=%lld", (long long)x->context + 2);
    if (dim != x->hidden) {
        import_flag_add(x, "embdim=%lld", (long long)dim);
        x->extra_params = 2 * dim * x->hidden;
    }
    if (!import_flag(x, "do_layer_norm_before", 1)) import_flag_add(x, "nofinal");
    if (!import_flag(x, "enable_bias", 1) || !import_flag(x, "layer_norm_elementwise_affine", 1))
        import_fault(x, ERR_RANGE, "enable_bias", "OPT without biases or norm weights is not known here");
}

/** Word of layer i: an entry of attention_layers, or of the periods [[["global", "local"], 12]]. */
static const char *neo_word(const json_t *layers, const json_t *types, int64_t i) {
    if (layers) return json_string_value(json_array_get(layers, (size_t)i));
    for (size_t k = 0; k < json_array_size(types); k++) {
        const json_t *period = json_array_get(json_array_get(types, k), 0);
        json_int_t times = json_integer_value(json_array_get(json_array_get(types, k), 1));
        int64_t n = (int64_t)json_array_size(period);
        if (times < 0 || times > SWEEP_LAYERS_MAX) return NULL;
        if (i < n * times) return json_string_value(json_array_get(period, (size_t)(i % n)));
        i -= n * times;
    }
    return NULL;
}

void import_rule_gpt_neo(import_config *x) {
    const json_t *layers = import_list(x, "attention_layers", x->n_layers),
                 *types = import_list(x, "attention_types", 0);
    int64_t w = import_window(x);
    import_rule_learned(x);
    for (int64_t i = 0; i < x->n_layers && x->first == ERR_OK; i++) {
        const char *word = neo_word(layers, types, i);
        int local = word && strcmp(word, "local") == 0;
        if (!local && (!word || strcmp(word, "global") != 0))
            import_fault(x, ERR_RANGE, "attention_types", "layer %lld is neither global nor local", (long long)i);
        x->layer[i].window = local ? w : 0;
    }
}

void import_rule_falcon(import_config *x) {
    int new_decoder = import_flag(x, "new_decoder_architecture", 0), queries = import_flag(x, "multi_query", 1);
    int parallel = import_flag(x, "parallel_attn", 1);
    int64_t norms = import_int(x, "num_ln_in_parallel_attn", 0, 2);
    if (!new_decoder) new_decoder = import_find(x, "n_head_kv") != NULL;
    if (!new_decoder) x->kv_heads = queries ? 1 : x->q_heads;
    if ((parallel && !new_decoder) || norms == 1) import_flag_add(x, "norms=1");
    if (strcmp(x->bias, "all") == 0) import_flag_add(x, "mlpbias");
    import_find(x, "alibi");
}

void import_rule_mpt(import_config *x) {
    const char *type = import_word(x, "attn_config.attn_type");
    const json_t *ratio = import_find(x, "expansion_ratio");
    x->inner = x->hidden * (ratio ? import_int(x, "expansion_ratio", 4, 64) : 4);
    if (import_flag(x, "no_bias", 1)) {
        import_flag_add(x, "nonormbias");
    } else {
        x->bias = "all";
        import_flag_add(x, "mlpbias");
    }
    if (type && strcmp(type, "multiquery_attention") == 0) x->kv_heads = 1;
    if (import_flag(x, "attn_config.qk_ln", 0)) x->qk_norm = "full";
    if (!import_flag(x, "attn_config.alibi", 1) && import_flag(x, "learned_pos_emb", 1)) import_rule_learned(x);
    import_find(x, "learned_pos_emb|attn_config|ffn_config|attn_config.attn_impl|attn_config.prefix_lm");
}

void import_rule_stablelm(import_config *x) {
    if (import_flag(x, "use_parallel_residual", 0)) import_flag_add(x, "norms=1");
}
