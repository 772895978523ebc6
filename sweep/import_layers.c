/*
 * import_layers.c - which mixer and which feed-forward each layer has: lists with an entry per layer, periods, lists of
 * exceptions. Every condition that a config states narrows the layers with experts.
 */
#include <string.h>

#include "sweep/import_internal.h"

void import_mix_all(import_config *x, int64_t mixer) {
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].mixer = mixer;
}

int64_t import_window(import_config *x) {
    int64_t w = import_int(x, "sliding_window|sliding_window_size|window_size", 0, 1 << 30);
    if (!w) import_fault(x, ERR_MISSING, NULL, "layers slide, but 'sliding_window' is not given");
    return x->window = w;
}

void import_slide_all_but(import_config *x, int64_t period) {
    int64_t w = import_window(x);
    for (int64_t i = 0; i < x->n_layers; i++)
        x->layer[i].window = period && (i + 1) % period == 0 ? 0 : w;
}

/** Words of layer_types and what they say about a layer. */
static const struct layer_word {
    const char *word;
    int64_t mixer; /* KERN_PARTS: the one it has */
    int slides, chunked;
} layer_words[] = {
    {"full_attention", KERN_PARTS, 0, 0},    {"attention", KERN_PARTS, 0, 0},
    {"global_attention", KERN_PARTS, 0, 0},  {"deepseek_sparse_attention", KERN_PARTS, 0, 0},
    {"sliding_attention", KERN_PARTS, 1, 0}, {"sliding_window", KERN_PARTS, 1, 0},
    {"chunked_attention", KERN_PARTS, 0, 1}, {"linear_attention", KERN_PART_GDN, 0, 0},
    {"mamba", KERN_PART_MAMBA2, 0, 0},       {"mamba2", KERN_PART_MAMBA2, 0, 0},
    {"hybrid", KERN_PART_MAMBA2, 0, 0}, /* Zamba2: its rule adds the shared block */
    {"conv", KERN_PART_CONV, 0, 0},
};

static void take_word(import_config *x, import_layer *layer, const json_t *entry) {
    const char *word = json_string_value(entry);
    for (size_t i = 0; word && i < sizeof layer_words / sizeof *layer_words; i++) {
        const struct layer_word *w = &layer_words[i];
        if (strcmp(w->word, word) != 0) continue;
        if (w->mixer != KERN_PARTS) layer->mixer = w->mixer;
        layer->window = w->slides ? import_window(x) : 0;
        layer->chunk = w->chunked ? import_int(x, "attention_chunk_size", -1, 1 << 30) : 0;
        return;
    }
    import_fault(x, ERR_NAME, "layer_types", "'%.60s' is no kind of layer known here", word ? word : "not text");
}

void import_layers(import_config *x) {
    x->layer = arena_alloc(x->mem, (size_t)x->n_layers, sizeof *x->layer);
    if (!x->layer) {
        import_fault(x, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
        return;
    }
    const json_t *types = import_list(x, "layer_types", x->n_layers);
    for (int64_t i = 0; i < x->n_layers; i++) {
        x->layer[i].mixer = x->kv_lora ? KERN_PART_MLA : KERN_PART_ATTN;
        x->layer[i].second = IMPORT_NO_MIXER;
    }
    for (int64_t i = 0; types && i < x->n_layers && x->first == ERR_OK; i++)
        take_word(x, &x->layer[i], json_array_get(types, (size_t)i));
    if (types || !(x->arch->traits & IMPORT_SWA)) return;
    int64_t w = import_int(x, "sliding_window", 0, 1 << 30);
    if (w && w < x->context) import_slide_all_but(x, 0); /* a wider one is none */
}

/** Layers with experts, from an entry per layer: 0 and 1, true and false, "dense" and "sparse". */
static void from_list(import_config *x, const char *key, uint8_t *moe) {
    const json_t *list = import_list(x, key, x->n_layers);
    for (int64_t i = 0; list && i < x->n_layers; i++) {
        const json_t *entry = json_array_get(list, (size_t)i);
        const char *word = json_string_value(entry);
        moe[i] &= word ? strcmp(word, "sparse") == 0 : import_item(x, list, (size_t)i, key) != 0;
    }
}

static void from_periods(import_config *x, uint8_t *moe) {
    int64_t most = SWEEP_LAYERS_MAX;
    int64_t lead = import_int(x, "first_k_dense_replace|num_dense_layers|moe_layer_start_index", 0, most);
    int64_t last = import_int(x, "moe_layer_end_index", most, most);
    int64_t step = import_int(x, "decoder_sparse_step|interleave_moe_layer_step|moe_layer_interval", 1, most);
    int64_t period = import_int(x, "expert_layer_period", 1, most),
            offset = import_int(x, "expert_layer_offset", 0, most);
    const json_t *freq = import_find(x, "moe_layer_freq|moe_layer_frequency");
    int64_t every = json_is_integer(freq) ? import_int(x, "moe_layer_freq|moe_layer_frequency", 1, most) : 1;
    if (step < 1 || period < 1 || every < 1) {
        import_fault(x, ERR_RANGE, step < 1 ? "decoder_sparse_step" : "moe_layer_freq", "found 0, expected 1 or more");
        return;
    }
    for (int64_t i = 0; i < x->n_layers; i++)
        moe[i] &= i >= lead && i <= last && (i + 1) % step == 0 && i % period == offset % period && i % every == 0;
    if (json_is_array(freq)) from_list(x, "moe_layer_freq", moe);
}

/** Layers that a list names: with experts (`moe_layers`, `moe_layers_enum`), or without (`mlp_only_layers`). */
static void from_names(import_config *x, uint8_t *moe) {
    static const char *const keys[] = {"moe_layers", "moe_layers_enum", "mlp_only_layers"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        uint8_t *mark = arena_alloc(x->mem, (size_t)x->n_layers, 1);
        if (!mark || !import_find(x, keys[k])) continue;
        import_marks(x, keys[k], 0, mark);
        for (int64_t i = 0; i < x->n_layers; i++)
            moe[i] = k < 2 ? mark[i] : (uint8_t)(moe[i] & !mark[i]);
    }
}

void import_feed_forward(import_config *x) {
    uint8_t *moe = arena_alloc(x->mem, (size_t)x->n_layers, 1);
    int64_t dense = import_int(x, "dense_intermediate_size|intermediate_size_mlp", 0, SWEEP_SIZE_MAX);
    if (!moe) {
        import_fault(x, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
        return;
    }
    memset(moe, x->experts > 0, (size_t)x->n_layers);
    from_periods(x, moe);
    from_names(x, moe);
    from_list(x, "mlp_layer_types", moe);
    from_list(x, "is_moe_layer", moe);
    for (int64_t i = 0; i < x->n_layers; i++) {
        int sparse = moe[i] && x->experts;
        x->layer[i].ffn = sparse ? IMPORT_FFN_MOE : IMPORT_FFN_MLP;
        if (!sparse) x->layer[i].inner = dense;
    }
}

void import_mtp(import_config *x) {
    int64_t n = import_int(x, "num_nextn_predict_layers|mtp_num_hidden_layers|mtp_num_layers", 0, 64);
    const import_layer *last = &x->layer[x->n_layers - 1];
    const char *parts = x->arch->mtp, *at = parts ? strchr(parts, '@') : NULL;
    import_find(x, "num_mtp_modules|mtp_transformer_layers|use_mtp");
    if (!n || x->mtp.n) return;
    if (!parts) {
        import_assume(x, "%lld MTP layers left out: this architecture's are not known", (long long)n);
        return;
    }
    import_assume(x, "MTP layers of %s", x->arch->name);
    import_put(&x->mtp, "mtp:%lld*%.*s", (long long)n, at ? (int)(at - parts) : (int)strlen(parts), parts);
    if (at) import_put(&x->mtp, "%s%s", last->ffn == IMPORT_FFN_MOE ? "moe" : "mlp", at + 1);
}
