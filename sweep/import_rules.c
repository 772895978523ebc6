/*
 * import_rules.c - what a row of the architecture table cannot say, for architectures that attend in every layer.
 */
#include <string.h>

#include "sweep/import_internal.h"

#define MOST SWEEP_SIZE_MAX

/** Periods and lists of layers are only looked at when layer_types does not say it all. */
static int has_types(import_config *x) {
    return import_find(x, "layer_types") != NULL;
}

/** Every layer but each sliding_window_pattern-th slides; a word as "LLLG" is a period of its length. */
void import_rule_pattern(import_config *x) {
    const json_t *pattern = import_find(x, "sliding_window_pattern");
    int64_t period = json_is_string(pattern) ? (int64_t)json_string_length(pattern)
                                             : import_int(x, "sliding_window_pattern", 1, SWEEP_LAYERS_MAX);
    if (!has_types(x)) import_slide_all_but(x, period);
}

/** Layers slide by turns, the first one does. */
void import_rule_alternate(import_config *x) {
    if (!has_types(x)) import_slide_all_but(x, 2);
}

void import_rule_qwen2(import_config *x) {
    int64_t from = import_int(x, "max_window_layers", x->n_layers, SWEEP_LAYERS_MAX);
    int on = import_flag(x, "use_sliding_window", 0);
    import_find(x, "sliding_window");
    if (!on || has_types(x)) return;
    int64_t w = import_window(x);
    for (int64_t i = from; i < x->n_layers; i++)
        x->layer[i].window = w;
}

void import_rule_exaone4(import_config *x) {
    if (import_find(x, "sliding_window")) import_rule_pattern(x);
    import_find(x, "sliding_window_pattern");
}

void import_rule_seed(import_config *x) {
    if (import_flag(x, "attention_out_bias", 0)) x->bias = strcmp(x->bias, "qkv") == 0 ? "all" : "o";
}

void import_rule_internlm3(import_config *x) {
    if (import_flag(x, "bias", 0)) x->bias = strcmp(x->bias, "qkv") == 0 ? "all" : "o";
}

/** Each cross-attention layer has norms of queries and keys and two gates. */
void import_rule_mllama(import_config *x) {
    uint8_t *mark = arena_alloc(x->mem, (size_t)x->n_layers, 1);
    if (!mark) return;
    import_marks(x, "cross_attention_layers", 0, mark);
    for (int64_t i = 0; i < x->n_layers; i++) {
        if (!mark[i]) continue;
        x->layer[i].cross = 1;
        x->layer[i].extra = 2 * x->head_dim + 2;
    }
}

/** Layers with rotary positions attend in chunks: no_rope_layers has a 1 for each of them. */
void import_rule_llama4(import_config *x) {
    int64_t every = import_int(x, "no_rope_layer_interval", 4, SWEEP_LAYERS_MAX);
    int64_t chunk = import_int(x, "attention_chunk_size", 0, 1 << 30);
    const json_t *rope = import_find(x, "no_rope_layers");
    if (json_is_array(rope) && json_array_size(rope))
        rope = import_list(x, "no_rope_layers", x->n_layers);
    else
        rope = NULL;
    for (int64_t i = 0; i < x->n_layers && !has_types(x); i++) {
        int local = rope ? import_item(x, rope, (size_t)i, "no_rope_layers") != 0 : !every || (i + 1) % every != 0;
        x->layer[i].chunk = local ? chunk : 0;
    }
    x->shared_inner = x->experts ? x->moe_inner : 0;
    if (import_flag(x, "use_qk_norm", 0)) import_assume(x, "norms of queries and keys have no weights");
}

/** Puzzle models: what each block keeps of attention and feed-forward. */
static void deci_block(import_config *x, const json_t *block, import_layer *l) {
    const json_t *a = json_object_get(block, "attention"), *f = json_object_get(block, "ffn");
    json_int_t share = json_integer_value(json_object_get(a, "n_heads_in_group"));
    double mult = json_number_value(json_object_get(f, "ffn_mult"));
    int no_attention = json_is_true(json_object_get(a, "no_op")), no_ffn = json_is_true(json_object_get(f, "no_op"));
    if (json_is_true(json_object_get(a, "replace_with_linear")) ||
        json_is_true(json_object_get(f, "replace_with_linear")))
        import_fault(x, ERR_RANGE, "block_configs", "a block replaced by a linear layer is not known here");
    if ((!no_attention && (share < 1 || x->q_heads % share)) || (!no_ffn && !(mult > 0 && mult < 1000)))
        import_fault(x, ERR_RANGE, "block_configs",
                     "expected n_heads_in_group that divides the heads, ffn_mult above 0");
    if (x->first != ERR_OK) return;
    l->norms = 3 - no_attention - no_ffn;
    if (l->norms == 3) l->norms = 0;
    l->ffn = no_ffn ? IMPORT_FFN_NONE : IMPORT_FFN_MLP;
    l->inner = no_ffn ? 0 : ((int64_t)(2 * mult * (double)x->hidden / 3) + 255) / 256 * 256;
    l->mixer = no_attention ? IMPORT_NO_MIXER : KERN_PART_ATTN;
    if (no_attention) return;
    l->q = x->q_heads;
    l->kv = x->q_heads / share;
    l->hd = x->head_dim;
}

void import_rule_deci(import_config *x) {
    const json_t *blocks = import_list(x, "block_configs", x->n_layers);
    if (!blocks) {
        import_fault(x, ERR_MISSING, NULL, "'block_configs' must be given for %s", x->arch->name);
        return;
    }
    x->inner = x->kv_heads = 0;
    for (int64_t i = 0; i < x->n_layers && x->first == ERR_OK; i++) {
        import_layer *l = &x->layer[i];
        deci_block(x, json_array_get(blocks, (size_t)i), l);
        if (l->inner > x->inner) x->inner = l->inner;
        if (l->kv > x->kv_heads) x->kv_heads = l->kv;
    }
}

void import_rule_ernie_moe(import_config *x) {
    int64_t n = import_int(x, "num_nextn_predict_layers", 0, 64);
    if (import_flag(x, "moe_use_aux_free", 1) == 0) import_assume(x, "a correction bias of the router");
    if (!n || x->tied) return;
    int64_t joined = 2 * x->hidden * x->hidden + 2 * x->hidden;
    import_put(&x->mtp, "mtp:%lld*attn+mlp(i=%lld)+x(p=%lld)", (long long)n, (long long)x->inner, (long long)joined);
}

/** Cross-layer attention: of cla_share_factor layers the first has the keys and values. */
void import_rule_hunyuan(import_config *x) {
    int64_t share = import_flag(x, "use_cla", 0) ? import_int(x, "cla_share_factor", 2, SWEEP_LAYERS_MAX) : 1;
    import_find(x, "use_mixed_mlp_moe|cla_share_factor");
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].nokv = share > 1 && i % share != 0;
}

/** A dense feed-forward as wide as the hidden state beside the experts. */
void import_rule_arctic(import_config *x) {
    for (int64_t i = 0; i < x->n_layers; i++) {
        if (x->layer[i].ffn != IMPORT_FFN_MOE || !import_flag(x, "use_residual", 1)) continue;
        x->layer[i].ffn = IMPORT_FFN_BOTH;
        x->layer[i].inner = x->hidden;
    }
}

/** DeepSeek sparse attention; `indexer_types` names the layers that own an indexer. */
void import_rule_dsa(import_config *x) {
    const json_t *types = import_list(x, "indexer_types", x->n_layers);
    import_flag_add(x, "idxheads=%lld", (long long)import_int(x, "index_n_heads", -1, MOST));
    import_flag_add(x, "idxdim=%lld", (long long)import_int(x, "index_head_dim", -1, MOST));
    import_find(x,
                "index_topk|index_topk_freq|index_topk_pattern|index_skip_topk_offset|index_share_for_mtp_iteration");
    for (int64_t i = 0; i < x->n_layers; i++) {
        const char *word = types ? json_string_value(json_array_get(types, (size_t)i)) : "full";
        x->layer[i].indexer = word && strcmp(word, "full") == 0;
    }
}

/** DeepSeek-V4: compressed attention, hash-routed layers without a bias but with a table, hyper-connections. */
void import_rule_deepseek_v4(import_config *x) {
    int64_t hc = import_int(x, "hc_mult", -1, 64), hash = import_int(x, "num_hash_layers", 0, x->n_layers);
    const json_t *ratio = import_find(x, "compress_ratios");
    if (!json_is_array(ratio) || json_array_size(ratio) < (size_t)x->n_layers) {
        import_fault(x, ERR_MISSING, "compress_ratios", "expected a list with an entry for each layer");
        return;
    }
    import_mix_all(x, KERN_PART_DSV4);
    import_window(x);
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].ratio = import_item(x, ratio, (size_t)i, "compress_ratios");
    import_flag_add(x, "ogroups=%lld;olora=%lld", (long long)import_int(x, "o_groups", -1, MOST),
                    (long long)import_int(x, "o_lora_rank", -1, MOST));
    import_flag_add(x, "idxheads=%lld;idxdim=%lld", (long long)import_int(x, "index_n_heads", -1, MOST),
                    (long long)import_int(x, "index_head_dim", -1, MOST));
    import_flag_add(x, "hc=%lld", (long long)hc);
    int64_t head = hc * hc * x->hidden + hc + 1, n = import_int(x, "num_nextn_predict_layers", 0, 64);
    x->extra_params = head + hash * (x->vocab * x->top_k - x->experts);
    if (n) import_put(&x->mtp, "mtp:%lld*dsv4(r=0)+moe+eh+x(p=%lld)", (long long)n, (long long)head);
    import_find(x, "index_topk|expert_dtype");
}

void import_rule_qk_type(import_config *x) {
    const char *type = import_word(x, "qk_norm_type");
    const json_t *softmax = import_list(x, "attn_type_list", x->n_layers);
    for (int64_t i = 0; softmax && i < x->n_layers; i++) {
        if (!import_item(x, softmax, (size_t)i, "attn_type_list"))
            import_fault(x, ERR_RANGE, "attn_type_list", "linear attention is not known for %s", x->arch->name);
    }
    if (type && strcmp(type, "per_head") == 0 && strcmp(x->qk_norm, "full") == 0) x->qk_norm = "head";
}

/** Sparse layers own an indexer. */
void import_rule_minimax_m3(import_config *x) {
    int64_t heads = import_int(x, "sparse_attention_config.sparse_num_index_heads", 4, MOST);
    int64_t dim = import_int(x, "sparse_attention_config.sparse_index_dim", 128, MOST);
    const json_t *on = import_list(x, "sparse_attention_config.sparse_attention_freq", x->n_layers);
    import_find(x, "sparse_attention_config");
    import_rule_qk_type(x);
    for (int64_t i = 0; on && i < x->n_layers; i++)
        x->layer[i].indexer = import_item(x, on, (size_t)i, "sparse_attention_freq") != 0;
    import_flag_add(x, "idxheads=%lld;idxdim=%lld", (long long)heads, (long long)dim);
}

void import_rule_mimo_v2(import_config *x) {
    const json_t *pattern = import_list(x, "hybrid_layer_pattern", x->n_layers);
    int64_t q = import_int(x, "swa_num_attention_heads", x->q_heads, MOST), w = import_window(x);
    int64_t kv = import_int(x, "swa_num_key_value_heads", x->kv_heads, MOST);
    int64_t hd = import_int(x, "swa_head_dim", x->head_dim, MOST);
    int64_t vhd = import_int(x, "swa_v_head_dim", x->v_head_dim, MOST);
    import_find(x, "attention_chunk_size|attention_value_scale");
    if (!pattern) import_fault(x, ERR_MISSING, NULL, "'hybrid_layer_pattern' must be given for %s", x->arch->name);
    for (int64_t i = 0; i < x->n_layers; i++) {
        import_layer *l = &x->layer[i];
        int slides = import_item(x, pattern, (size_t)i, "hybrid_layer_pattern") != 0;
        l->q = slides ? q : x->q_heads;
        l->kv = slides ? kv : x->kv_heads;
        l->hd = slides ? hd : x->head_dim;
        l->vhd = slides ? vhd : x->v_head_dim;
        l->window = slides ? w : 0;
    }
    if (import_flag(x, "add_full_attention_sink_bias", 0))
        import_flag_add(x, "sinks");
    else if (import_flag(x, "add_swa_attention_sink_bias", 1))
        import_flag_add(x, "sinks=swa");
    import_put(&x->mtp, "mtp:%lld*attn(q=%lld,kv=%lld,hd=%lld,vhd=%lld,w=%lld)+mlp(i=%lld)+eh",
               (long long)import_int(x, "num_nextn_predict_layers", 3, 64), (long long)q, (long long)kv, (long long)hd,
               (long long)vhd, (long long)w, (long long)x->inner);
}

/** Two attentions and two dense feed-forwards in each layer, and experts that cost nothing. */
void import_rule_longcat(import_config *x) {
    int64_t n = import_int(x, "num_nextn_predict_layers", 1, 64);
    int64_t zero = import_int(x, "zero_expert_num", 0, MOST);
    import_find(x, "attention_method|zero_expert_type|mla_scale_q_lora|mla_scale_kv_lora");
    if (zero) import_flag_add(x, "zeroexperts=%lld", (long long)zero);
    for (int64_t i = 0; i < x->n_layers; i++) {
        x->layer[i].second = KERN_PART_MLA;
        x->layer[i].ffn = IMPORT_FFN_BOTH;
        x->layer[i].inner = x->inner;
    }
    if (n) import_put(&x->mtp, "mtp:%lld*mla+mlp(i=%lld)+n(k=2)+eh+copies(n=1)", (long long)n, (long long)x->inner);
}

void import_rule_step3(import_config *x) {
    int64_t low = import_int(x, "share_q_dim", 0, MOST);
    if (low) import_flag_add(x, "qlora=%lld", (long long)low);
}

void import_rule_step3p5(import_config *x) {
    int64_t q = import_int(x, "attention_other_setting.num_attention_heads", x->q_heads, MOST);
    int64_t kv = import_int(x, "attention_other_setting.num_attention_groups", x->kv_heads, MOST);
    int64_t hd = import_int(x, "attention_other_setting.head_dim", x->head_dim, MOST);
    int64_t n = import_int(x, "num_nextn_predict_layers", 0, 64), w = x->window;
    import_find(
        x,
        "attention_other_setting|yarn_only_types|attention_other_setting.attention_type|need_fp32_gate|zero_centered");
    if (import_flag(x, "use_head_wise_attn_gate", 0)) import_flag_add(x, "gate=head");
    for (int64_t i = 0; i < x->n_layers; i++) {
        if (!x->layer[i].window) continue;
        x->layer[i].q = q;
        x->layer[i].kv = kv;
        x->layer[i].hd = hd;
    }
    if (n)
        import_put(&x->mtp, "mtp:%lld*attn(q=%lld,kv=%lld,hd=%lld,w=%lld)+mlp(i=%lld)+eh+copies(n=1)", (long long)n,
                   (long long)q, (long long)kv, (long long)hd, (long long)w, (long long)x->inner);
}
