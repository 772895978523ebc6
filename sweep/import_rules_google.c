/*
 * import_rules_google.c - Gemma 3n and 4, T5, BERT.
 */
#include <string.h>

#include "sweep/import_internal.h"

#define MOST SWEEP_SIZE_MAX

/** The last num_kv_shared_layers layers use the cache of an earlier one. */
static void share_tail(import_config *x, int64_t n) {
    for (int64_t i = x->n_layers - n; i < x->n_layers; i++)
        x->layer[i < 0 ? 0 : i].shared = 1;
}

/** Embeddings that every layer has of its own; 0 when there are none. */
static int per_layer_inputs(import_config *x) {
    int64_t ple = import_int(x, "hidden_size_per_layer_input", 0, MOST);
    int64_t rows = import_int(x, "vocab_size_per_layer_input", x->vocab, MOST);
    if (ple) import_flag_add(x, "ple=%lld;plevocab=%lld", (long long)ple, (long long)rows);
    return ple > 0;
}

void import_rule_gemma3n(import_config *x) {
    int64_t n = import_int(x, "altup_num_inputs", 4, 64), laurel = import_int(x, "laurel_rank", -1, MOST);
    int ple = per_layer_inputs(x);
    import_rule_pattern(x);
    share_tail(x, import_int(x, "num_kv_shared_layers", 0, x->n_layers));
    import_find(x, "altup_active_idx|altup_correct_scale|altup_coef_clip|activation_sparsity_pattern");
    import_flag_add(x, "altup=%lld", (long long)n);
    for (int64_t i = 0; i < x->n_layers; i++) {
        x->layer[i].ple = ple;
        x->layer[i].laurel = laurel;
    }
}

/** Full layers may have other heads and keys that serve as values; shared layers may be twice as wide. */
void import_rule_gemma4(import_config *x) {
    int64_t hd = import_int(x, "global_head_dim", x->head_dim, MOST);
    int64_t kv = import_int(x, "num_global_key_value_heads", 0, MOST);
    int keqv = import_flag(x, "attention_k_eq_v", 0), moe = import_flag(x, "enable_moe_block", 0);
    int wide = import_flag(x, "use_double_wide_mlp", 0), ple = per_layer_inputs(x);
    import_find(x, "use_bidirectional_attention");
    import_rule_pattern(x);
    share_tail(x, import_int(x, "num_kv_shared_layers", 0, x->n_layers));
    for (int64_t i = 0; i < x->n_layers; i++) {
        import_layer *l = &x->layer[i];
        l->inner = l->shared ? x->inner * (wide ? 2 : 1) : 0;
        l->ple = ple;
        l->extra = ple + (moe ? x->hidden + x->experts : 0);
        if (moe) l->ffn = IMPORT_FFN_BOTH;
        if (l->window) continue;
        l->q = x->q_heads;
        l->kv = kv ? kv : x->kv_heads;
        l->hd = hd;
        l->keqv = keqv;
    }
    import_flag_add(x, "norms=%d", moe ? 7 : 4);
}

/** Encoder and decoder; the two tables of relative positions are extra parameters. */
void import_rule_t5(import_config *x) {
    const char *act = import_word(x, "feed_forward_proj");
    int64_t decoder = import_int(x, "num_decoder_layers", x->n_layers, SWEEP_LAYERS_MAX);
    x->gated = act && strncmp(act, "gated", 5) == 0;
    x->extra_params = 2 * x->q_heads * import_int(x, "relative_attention_num_buckets", 32, MOST);
    import_find(x, "relative_attention_max_distance|is_gated_act");
    import_put(&x->groups, "enc:%lld*attn+mlp;%lld*attn+attn(cross=1)+mlp+n(k=3)", (long long)x->n_layers,
               (long long)decoder);
    x->n_decoder = decoder;
}

void import_rule_bert(import_config *x) {
    x->extra_params = x->hidden * x->hidden + x->hidden;
    import_flag_add(x, "posrows=%lld;embrows=%lld", (long long)x->context,
                    (long long)import_int(x, "type_vocab_size", 2, MOST));
}
