/*
 * import_mixers.c - linear_state: the sizes of the recurrent mixers that the layers use, from the keys of their kinds.
 */
#include <string.h>

#include "sweep/import_internal.h"

#define MOST SWEEP_MIXER_MAX

static int uses(const import_config *x, int64_t kind) {
    for (int64_t i = 0; i < x->n_layers; i++) {
        if (x->layer[i].mixer == kind || x->layer[i].second == kind) return 1;
    }
    return 0;
}

static void begin(import_config *x, const char *name) {
    import_put(&x->state, "%s%s:", x->state.n ? "|" : "", name);
}

static void put(import_config *x, const char *key, int64_t value) {
    int first = x->state.n && x->state.at[x->state.n - 1] == ':';
    import_put(&x->state, "%s%s=%lld", first ? "" : ";", key, (long long)value);
}

static void take(import_config *x, const char *key, const char *names, int64_t fallback) {
    put(x, key, import_int(x, names, fallback, MOST));
}

static void delta_net(import_config *x) {
    begin(x, "gdn");
    take(x, "kh", "linear_num_key_heads", -1);
    take(x, "vh", "linear_num_value_heads", -1);
    take(x, "kd", "linear_key_head_dim", -1);
    take(x, "vd", "linear_value_head_dim", -1);
    take(x, "conv", "linear_conv_kernel_dim", 4);
}

/** Heads of a Mamba-2 mixer: given, or what the expansion leaves. */
static void mamba2(import_config *x) {
    int64_t hd = import_int(x, "mamba_d_head|mamba_head_dim|mamba_headdim|head_dim", 64, MOST);
    int64_t expand = import_int(x, "mamba_expand|expand", 2, 64);
    int64_t inner = import_int(x, "mamba_d_ssm", 0, SWEEP_SIZE_MAX);
    if (!inner) inner = expand * x->hidden;
    int64_t heads = import_int(x, "mamba_n_heads|mamba_num_heads|n_mamba_heads|num_heads", 0, MOST);
    begin(x, "mamba2");
    put(x, "heads", heads ? heads : inner / (hd ? hd : 1));
    put(x, "hd", hd);
    take(x, "state", "mamba_d_state|ssm_state_size|state_size", 128);
    take(x, "groups", "mamba_n_groups|mamba_ngroups|n_groups", 1);
    take(x, "conv", "mamba_d_conv|conv_kernel", 4);
    if (x->layer[0].second == KERN_PART_MAMBA2 && !import_flag(x, "mamba_rms_norm", 0)) put(x, "nonorm", 1);
    if (!import_flag(x, "mamba_conv_bias|use_conv_bias", 1)) put(x, "noconvbias", 1);
}

static void mamba1(import_config *x) {
    const json_t *rank = import_find(x, "mamba_dt_rank|time_step_rank");
    int64_t inner = import_int(x, "mamba_expand|expand", 2, 64) * x->hidden;
    if (!x->q_heads) inner = import_int(x, "intermediate_size|d_inner", inner, SWEEP_SIZE_MAX);
    begin(x, "mamba1");
    put(x, "inner", inner);
    take(x, "state", "mamba_d_state|state_size", 16);
    if (rank && !json_is_string(rank))
        take(x, "dtrank", "mamba_dt_rank|time_step_rank", -1);
    else
        put(x, "dtrank", (x->hidden + 15) / 16);
    take(x, "conv", "mamba_d_conv|conv_kernel", 4);
    if (strcmp(x->arch->family, "jamba") == 0) put(x, "dtbcnorm", 1);
    if (!import_flag(x, "mamba_conv_bias|use_conv_bias", 1))
        import_fault(x, ERR_RANGE, "use_conv_bias", "a convolution without a bias is not known here");
}

static void kimi_delta(import_config *x) {
    begin(x, "kda");
    take(x, "heads", "linear_attn_config.num_heads", -1);
    take(x, "hd", "linear_attn_config.head_dim", -1);
    take(x, "conv", "linear_attn_config.short_conv_kernel_size", 4);
    if (import_flag(x, "linear_attn_config.use_full_rank_gate", 0)) put(x, "fullgate", 1);
}

static void lightning(import_config *x) {
    begin(x, "lightning");
    put(x, "heads", x->q_heads);
    put(x, "hd", x->head_dim);
}

static void short_conv(import_config *x) {
    begin(x, "conv");
    take(x, "L", "conv_L_cache", 3);
}

static void rwkv7(import_config *x) {
    begin(x, "rwkv7");
    take(x, "w", "decay_low_rank_dim", -1);
    take(x, "a", "a_low_rank_dim", -1);
    take(x, "v", "v_low_rank_dim", -1);
    take(x, "g", "gate_low_rank_dim", -1);
    put(x, "heads", x->q_heads);
    put(x, "hd", x->head_dim);
}

void import_mixers(import_config *x) {
    static const struct {
        int64_t kind;
        void (*sizes)(import_config *x);
    } kinds[] = {
        {KERN_PART_GDN, delta_net},  {KERN_PART_MAMBA2, mamba2},       {KERN_PART_MAMBA1, mamba1},
        {KERN_PART_KDA, kimi_delta}, {KERN_PART_LIGHTNING, lightning}, {KERN_PART_CONV, short_conv},
        {KERN_PART_RWKV7, rwkv7},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (uses(x, kinds[i].kind)) kinds[i].sizes(x);
    }
    if (import_flag(x, "mamba_proj_bias|use_bias", 0) && (uses(x, KERN_PART_MAMBA2) || uses(x, KERN_PART_MAMBA1)))
        import_fault(x, ERR_RANGE, "mamba_proj_bias", "biases of the mixer's projections are not known here");
}
