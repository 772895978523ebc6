/*
 * groups.c - the grammar of layers: three lines, layer_groups, count_flags and linear_state of models.csv. What is
 * accepted becomes a model with the other columns of a small one, and is lowered.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/layer_groups.h"
#include "tests/fuzz/fuzz.h"

enum { COLUMNS_MAX = 64 };

/** The other columns; those that are not named are empty. */
static const struct {
    const char *column, *value;
} others[] = {
    {"name", "fuzz"},
    {"display_name", "Fuzz"},
    {"family", "fuzz"},
    {"params_total", "1000000"},
    {"params_total_exact", "no"},
    {"hidden_size", "256"},
    {"num_q_heads", "8"},
    {"num_kv_heads", "4"},
    {"head_dim", "32"},
    {"v_head_dim", "32"},
    {"intermediate_size", "512"},
    {"vocab_size", "1000"},
    {"tie_embeddings", "no"},
    {"gated_mlp", "yes"},
    {"attn_bias", "none"},
    {"qk_norm", "none"},
    {"norm", "rms"},
    {"max_position", "8192"},
    {"q_lora_rank", "64"},
    {"kv_lora_rank", "64"},
    {"qk_rope_head_dim", "16"},
    {"qk_nope_head_dim", "16"},
    {"sliding_window", "128"},
    {"num_experts", "8"},
    {"experts_per_token", "2"},
    {"moe_intermediate_size", "64"},
    {"native", "bf16"},
    {"source", "fuzz"},
};

static const char *other(const char *column) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i].column, column) == 0) return others[i].value;
    }
    return "";
}

/** Layers that num_layers must name: those of the main groups. */
static int64_t layers_of(const char *groups) {
    static sweep_group_spec spec[SWEEP_GROUPS_MAX];
    char why[DIAG_TEXT] = "";
    int64_t layers = 0;
    uint32_t n = sweep_groups_parse(groups, spec, why);
    FUZZ_CHECK(n > 0 || *why);
    FUZZ_CHECK(n <= SWEEP_GROUPS_MAX);
    for (uint32_t i = 0; i < n; i++)
        layers += spec[i].kind == KERN_GROUP_MAIN ? spec[i].layers : 0;
    return layers;
}

static void drive(const char *groups, const char *flags, const char *state, uint64_t pick) {
    const char *value[COLUMNS_MAX];
    const kern_model *m;
    diags faults = {.n = 0};
    char layers[32];
    arena mem;
    fuzz_arena(&mem);
    snprintf(layers, sizeof layers, "%lld", (long long)layers_of(groups));
    for (size_t i = 0; sweep_model_column(i); i++) {
        const char *column = sweep_model_column(i);
        value[i] = strcmp(column, "layer_groups") == 0   ? groups
                   : strcmp(column, "count_flags") == 0  ? flags
                   : strcmp(column, "linear_state") == 0 ? state
                   : strcmp(column, "num_layers") == 0   ? layers
                                                         : other(column);
    }
    err e = sweep_model_from_columns(fuzz_catalogs(), &mem, "fuzz", value, &m, &faults);
    fuzz_faults(e, &faults);
    if (e == ERR_OK) fuzz_model(m, pick);
    arena_fini(&mem);
}

void fuzz_groups(const uint8_t *data, size_t n) {
    char *text = fuzz_text(data, n), *line[3] = {text, "", ""};
    for (int i = 1; i < 3; i++) {
        char *end = strchr(line[i - 1], '\n');
        if (!end) break;
        *end = 0;
        line[i] = end + 1;
    }
    drive(line[0], line[1], line[2], fuzz_hash(data, n));
    free(text);
}
