/*
 * import_rules_hybrid.c - architectures whose layers are recurrent, or some of them.
 */
#include <string.h>

#include "sweep/import_internal.h"

#define MOST SWEEP_SIZE_MAX

/** Gated delta nets, each full_attention_interval-th layer attends. */
void import_rule_interval(import_config *x) {
    int64_t every = import_int(x, "full_attention_interval", 4, SWEEP_LAYERS_MAX);
    import_find(x, "mtp_use_dedicated_embeddings|attn_output_gate");
    if (import_find(x, "layer_types")) return;
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].mixer = every && (i + 1) % every == 0 ? KERN_PART_ATTN : KERN_PART_GDN;
}

/** Kimi: kda_layers and full_attn_layers count from 1. */
void import_rule_kimi_linear(import_config *x) {
    uint8_t *full = arena_alloc(x->mem, (size_t)x->n_layers, 1), *kda = arena_alloc(x->mem, (size_t)x->n_layers, 1);
    int64_t latent = import_int(x, "routed_expert_hidden_size", 0, MOST);
    int residual = (int)import_int(x, "attn_res_block_size", 0, MOST) > 0;
    if (!full || !kda) return;
    import_marks(x, "linear_attn_config.full_attn_layers", 1, full);
    import_marks(x, "linear_attn_config.kda_layers", 1, kda);
    import_find(x, "linear_attn_config|linear_attn_config.gate_lower_bound|mla_use_nope");
    for (int64_t i = 0; i < x->n_layers && x->first == ERR_OK; i++) {
        if (full[i] == kda[i])
            import_fault(x, ERR_RANGE, "linear_attn_config", "layer %lld must be in one of its two lists",
                         (long long)i + 1);
        x->layer[i].mixer = full[i] ? KERN_PART_MLA : KERN_PART_KDA;
        x->layer[i].norms = residual ? 7 : 0;
    }
    if (import_flag(x, "mla_use_output_gate", 0)) import_flag_add(x, "gate=elem");
    if (latent) import_flag_add(x, "latent=%lld", (long long)latent);
    if (latent && import_flag(x, "latent_moe_use_norm", 0)) import_flag_add(x, "latentnorm");
}

/** attn_type_list: 0 lightning attention, 1 softmax attention. */
void import_rule_minimax(import_config *x) {
    const json_t *list = import_list(x, "attn_type_list", x->n_layers);
    if (!list && !import_find(x, "layer_types"))
        import_fault(x, ERR_MISSING, NULL, "'attn_type_list' must be given for %s", x->arch->name);
    for (int64_t i = 0; i < x->n_layers; i++) {
        int full = list ? import_item(x, list, (size_t)i, "attn_type_list") != 0 : x->layer[i].mixer == KERN_PART_ATTN;
        x->layer[i].mixer = full ? KERN_PART_ATTN : KERN_PART_LIGHTNING;
    }
}

/** Without experts shared_intermediate_size is the width of the feed-forward. */
void import_rule_granite_hybrid(import_config *x) {
    if (x->experts) return;
    if (x->shared_inner) x->inner = x->shared_inner;
    x->shared_inner = 0;
}

/** One mixer or one feed-forward per layer: M Mamba-2, * attention, - dense, E experts. */
static void nemotron_layer(import_config *x, int letter, import_layer *l) {
    l->ffn = letter == '-' ? IMPORT_FFN_MLP : letter == 'E' ? IMPORT_FFN_MOE : IMPORT_FFN_NONE;
    l->mixer = letter == 'M' ? KERN_PART_MAMBA2 : letter == '*' ? KERN_PART_ATTN : IMPORT_NO_MIXER;
    if (!letter || !strchr("M*-E", letter))
        import_fault(x, ERR_RANGE, "hybrid_override_pattern", "'%c', expected M, *, - or E", letter);
}

static int nemotron_letter(const char *word) {
    static const struct {
        const char *word;
        int letter;
    } kinds[] = {{"mamba", 'M'}, {"attention", '*'}, {"moe", 'E'}, {"mlp", '-'}};
    for (size_t i = 0; word && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].word, word) == 0) return kinds[i].letter;
    }
    return '?';
}

void import_rule_nemotron_h(import_config *x) {
    const char *pattern = import_word(x, "hybrid_override_pattern");
    const json_t *types = import_list(x, "layers_block_type", x->n_layers);
    int64_t latent = import_int(x, "moe_latent_size", 0, MOST);
    import_find(x, "mtp_hybrid_override_pattern|mtp_layers_block_type");
    if (pattern && strlen(pattern) < (size_t)x->n_layers)
        import_fault(x, ERR_RANGE, "hybrid_override_pattern", "%zu letters for %lld layers", strlen(pattern),
                     (long long)x->n_layers);
    if (!pattern && !types)
        import_fault(x, ERR_MISSING, NULL, "'hybrid_override_pattern' must be given for %s", x->arch->name);
    for (int64_t i = 0; i < x->n_layers && x->first == ERR_OK; i++)
        nemotron_layer(x, pattern ? pattern[i] : nemotron_letter(json_string_value(json_array_get(types, (size_t)i))),
                       &x->layer[i]);
    if (latent) import_flag_add(x, "latent=%lld", (long long)latent);
}

void import_rule_jamba(import_config *x) {
    int64_t period = import_int(x, "attn_layer_period", 8, SWEEP_LAYERS_MAX);
    int64_t offset = import_int(x, "attn_layer_offset", 4, SWEEP_LAYERS_MAX);
    import_find(x, "layers_block_type");
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].mixer = period && i % period == offset ? KERN_PART_ATTN : KERN_PART_MAMBA1;
}

/** Mamba and Mamba-2: no attention, no feed-forward; num_heads and head_dim are the mixer's. */
void import_rule_mamba(import_config *x) {
    int second = strcmp(x->arch->name, "Mamba2ForCausalLM") == 0;
    x->q_heads = x->kv_heads = x->head_dim = x->v_head_dim = x->inner = 0;
    import_mix_all(x, second ? KERN_PART_MAMBA2 : KERN_PART_MAMBA1);
    import_find(x, "d_inner|use_mambapy|use_bcdt_rms");
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].ffn = IMPORT_FFN_NONE;
}

void import_rule_falcon_h1(import_config *x) {
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].second = KERN_PART_MAMBA2;
    import_find(x, "mamba_use_mlp|mlp_expansion_factor|projectors_bias|mamba_norm_before_gate|attn_layer_indices");
}

/** Parameters of the shared attention blocks and of what every use of them adds. */
static int64_t zamba2_extra(import_config *x, int64_t uses) {
    int64_t h = x->hidden, in = import_int(x, "attention_hidden_size", 2 * h, MOST), r;
    int64_t blocks = import_int(x, "num_mem_blocks", 1, 64), width = x->q_heads * x->head_dim;
    r = import_int(x, "adapter_rank|lora_rank", 128, MOST);
    int64_t block = 3 * in * width + width * h + 3 * h * x->inner + in + h;
    int64_t use = h * h;
    if (import_flag(x, "use_shared_mlp_adapter|use_shared_mlp_lora", 1)) use += r * (h + 2 * x->inner);
    if (import_flag(x, "use_shared_attention_adapter|use_shared_attention_lora", 0)) use += 3 * r * (in + width);
    return blocks * block + uses * use;
}

void import_rule_zamba2(import_config *x) {
    uint8_t *hybrid = arena_alloc(x->mem, (size_t)x->n_layers, 1);
    const json_t *types = import_list(x, "layers_block_type", x->n_layers);
    int64_t uses = 0;
    if (!hybrid) return;
    import_marks(x, "hybrid_layer_ids", 0, hybrid);
    for (int64_t i = 0; i < x->n_layers; i++) {
        import_layer *l = &x->layer[i];
        const char *word = json_string_value(json_array_get(types, (size_t)i));
        if (word) hybrid[i] = strcmp(word, "hybrid") == 0;
        *l = (import_layer){.mixer = KERN_PART_MAMBA2, .second = IMPORT_NO_MIXER, .norms = 2};
        if (!hybrid[i]) continue;
        l->second = KERN_PART_CACHE;
        l->q = x->q_heads;
        l->kv = x->kv_heads;
        l->hd = x->head_dim;
        uses++;
    }
    x->extra_params = zamba2_extra(x, uses);
    import_find(x,
                "use_mem_rope|use_shared_block_adapter|use_long_context|add_bias_linear|ffn_hidden_size|mamba_d_ssm");
}

void import_rule_rwkv7(import_config *x) {
    x->head_dim = x->v_head_dim = import_int(x, "head_dim", 64, MOST);
    x->q_heads = x->kv_heads = x->head_dim ? x->hidden / x->head_dim : 0;
    import_mix_all(x, KERN_PART_RWKV7);
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].extra = x->hidden;
    x->layer[0].nov = 1;
    import_find(x, "hidden_ratio|num_heads|norm_first|norm_bias|value_dim|attn_mode|attn");
}

/** Short convolutions; block_ff_dim is cut to two thirds and rounded up when block_auto_adjust_ff_dim says so. */
void import_rule_lfm2(import_config *x) {
    uint8_t *full = arena_alloc(x->mem, (size_t)x->n_layers, 1);
    int64_t multiple = import_int(x, "block_multiple_of", 256, MOST);
    int64_t given = import_int(x, "block_ff_dim", 0, MOST), adjusted = import_flag(x, "block_auto_adjust_ff_dim", 1);
    const json_t *factor = import_find(x, "block_ffn_dim_multiplier");
    if (!full) return;
    import_find(x, "block_dim|block_norm_eps|block_mlp_init_scale|block_out_init_scale|block_use_swiglu|block_use_"
                   "xavier_init|conv_dim|conv_dim_out|conv_use_xavier_init");
    if (import_flag(x, "conv_bias", 0))
        import_fault(x, ERR_RANGE, "conv_bias", "biases of the convolution are not known here");
    if (!x->experts && (given || adjusted) && multiple > 0) {
        double wide = (double)(given ? given : x->inner);
        if (adjusted) wide = (double)(int64_t)(2 * wide / 3) * (factor ? json_number_value(factor) : 1);
        if (adjusted) x->inner = ((int64_t)wide + multiple - 1) / multiple * multiple;
    }
    if (import_find(x, "layer_types")) return;
    import_marks(x, "full_attn_idxs", 0, full);
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].mixer = full[i] ? KERN_PART_ATTN : KERN_PART_CONV;
}
