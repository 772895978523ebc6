/*
 * mixes.c - which type a tensor has in a format: classes that stay behind, per-tensor rules of GGUF mixes, blocks that
 * do not divide the row. Rules count tensors in the order of the file; the catalog keeps no order inside a model, so
 * the rarer kind of layer is taken to end each period, as in every released hybrid (ggml-org/llama.cpp:
 * src/llama-quant.cpp).
 */
#include "kernels/lower/internal.h"

/** Layers of mixers other than attention that state no KV heads in the file: the first layer is one of them. */
static int starts_recurrent(const kern_model *m) {
    for (uint32_t g = 0; g < m->n_groups; g++) {
        int attention = 0, recurrent = 0;
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            uint8_t kind = m->groups[g].parts[p].kind;
            attention |= kind == KERN_PART_ATTN || kind == KERN_PART_MLA;
            recurrent |= kind >= KERN_PART_MAMBA2 && kind <= KERN_PART_CONV;
        }
        if (recurrent && !attention) return 1;
    }
    return 0;
}

/** Query heads per KV head of the first layer, which is what the rules look at. */
static int64_t attention_ratio(const kern_model *m) {
    return m->kv_heads && !starts_recurrent(m) ? m->q_heads / m->kv_heads : 0;
}

static int64_t experts_of(const kern_model *m) {
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            if (m->groups[g].parts[p].kind == KERN_PART_MOE) return m->groups[g].parts[p].experts;
        }
    }
    return 0;
}

/** First and last eighth of the layers and every third between. */
static int more_bits(int64_t i, int64_t n) {
    return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
}

static int rule_holds(const kern_mix_rule *rule, const kern_model *m, const kern_tensor *t, int64_t i, int64_t n) {
    switch ((kern_mix_condition)rule->condition) {
    case KERN_MIX_ALWAYS:
        return 1;
    case KERN_MIX_MORE:
        return more_bits(i, n);
    case KERN_MIX_BELOW:
        return i < rule->value;
    case KERN_MIX_BELOW_SHARE:
        return i < n / rule->value;
    case KERN_MIX_GQA_AT_LEAST:
        return attention_ratio(m) >= rule->value;
    case KERN_MIX_EXPERTS_EQUAL:
        return experts_of(m) == rule->value;
    case KERN_MIX_EXPERTS_AT_LEAST:
        return experts_of(m) >= rule->value;
    case KERN_MIX_LAYERS_EQUAL:
        return m->layers == rule->value && attention_ratio(m) > 1;
    case KERN_MIX_MIDDLE:
        return n / 8 <= i && i < 7 * n / 8;
    case KERN_MIX_MORE_EXPERTS:
        return experts_of(m) == rule->value && more_bits(i, n);
    case KERN_MIX_RAGGED:
        return t->cols % rule->value != 0;
    }
    return 0;
}

/** What rules call the tensor: a tied embedding is the head, a fused attn_qkv counts as attn_v. */
static uint8_t rule_role(const kern_model *m, const kern_tensor *t) {
    if (t->role == KERN_ROLE_EMBED && m->tied) return KERN_ROLE_HEAD;
    return t->qkv ? KERN_ROLE_V : t->role;
}

/** The rule is about this tensor. */
static int rule_names(const kern_mix_rule *rule, uint8_t role, const kern_tensor *t) {
    return rule->role == role || rule->role == KERN_ROLE_OTHER ||
           (rule->role == KERN_ROLES && t->cls == KERN_CLASS_EXPERT);
}

int kern_mix_varies(const kern_format *f, const kern_model *m, const kern_tensor *t) {
    uint8_t role = rule_role(m, t);
    for (uint32_t k = 0; k < f->n_rules; k++) {
        uint8_t c = f->rules[k].condition;
        int by_layer = c == KERN_MIX_MORE || c == KERN_MIX_BELOW || c == KERN_MIX_BELOW_SHARE || c == KERN_MIX_MIDDLE ||
                       c == KERN_MIX_MORE_EXPERTS;
        if (by_layer && rule_names(&f->rules[k], role, t)) return 1;
    }
    return 0;
}

static const kern_format *mix_type(const kern_format *f, const kern_model *m, const kern_tensor *t, int64_t i,
                                   int64_t n) {
    uint8_t role = rule_role(m, t);
    for (uint32_t k = 0; k < f->n_rules; k++) {
        const kern_mix_rule *rule = &f->rules[k];
        if (rule_names(rule, role, t) && rule_holds(rule, m, t, i, n)) return rule->type;
    }
    return f->rest;
}

const kern_format *kern_tensor_format(const kern_format *f, const kern_model *m, const kern_tensor *t, int64_t cols,
                                      int64_t i, int64_t n) {
    if (f->kind == KERN_FORMAT_NAIVE) return f;
    int small = t->cols == 1 || (f->kind == KERN_FORMAT_MIX && t->cls == KERN_CLASS_ROUTER);
    if (small) return f->vector ? f->vector : f;
    if (!(f->covers >> t->cls & 1)) return f->rest ? kern_tensor_format(f->rest, m, t, cols, i, n) : f;
    const kern_format *type = f->kind == KERN_FORMAT_MIX ? mix_type(f, m, t, i, n) : f;
    while (type->fallback && cols % type->block)
        type = type->fallback;
    return type;
}

kern_tensor kern_stored_tensor(const kern_format *f, const kern_tensor *t) {
    kern_tensor stored = *t;
    if (f->kind != KERN_FORMAT_MIX || t->role != KERN_ROLE_K_UP || !t->kv_heads) return stored;
    stored.cols = t->rows / t->kv_heads;
    stored.rows = t->cols * t->kv_heads;
    return stored;
}

const kern_format *kern_placed_format(const kern_format *f, const kern_model *m, const kern_tensor *t,
                                      const kern_place *at) {
    int value = rule_role(m, t) == KERN_ROLE_V;
    return kern_tensor_format(f, m, t, t->cols, value ? at->v : at->ffn, value ? at->n_v : at->n_ffn);
}

/** Rows of what rules count as attn_v in a layer, 0: none. */
static int64_t value_rows(const kern_group *g) {
    for (uint32_t t = 0; t < g->n_tensors; t++) {
        const kern_tensor *x = &g->tensors[t];
        if (x->role == KERN_ROLE_V || (x->qkv && x->role == KERN_ROLE_MIXER_IN)) return x->rows;
    }
    return 0;
}

static int has_part(const kern_group *g, kern_part_kind kind) {
    for (uint32_t p = 0; p < g->n_parts; p++) {
        if (g->parts[p].kind == kind) return 1;
    }
    return 0;
}

static int in_file(const kern_model *m, const kern_group *g) {
    return g->kind != KERN_GROUP_MTP || m->gguf_mtp;
}

/** Length of the periods that `rare` of n layers end: as many periods as there are rare layers, the rest at the end. */
static int64_t period_of(int64_t rare, int64_t n) {
    if (rare < 1) return n; /* no layer of the rarer kind: one period */
    int64_t period = (n + rare) / (rare + 1);
    return period > 0 && n / period == rare ? period : n / rare;
}

/** Number, among all n, of layer j of a kind that has `kind` of them. */
static int64_t spread(int64_t j, int64_t kind, int64_t n) {
    if (kind >= n) return j;
    if (2 * kind <= n) return (j + 1) * period_of(kind, n) - 1;
    int64_t rare = n - kind, period = period_of(rare, n), passed = j / (period - 1);
    return j + (passed < rare ? passed : rare);
}

static void place_value(const kern_model *m, const kern_group *g, int64_t k, kern_place *at) {
    int64_t rows = value_rows(g), same = 0, before = 0, all = 0;
    if (!rows || !in_file(m, g)) return;
    for (uint32_t i = 0; i < m->n_groups; i++) {
        const kern_group *x = &m->groups[i];
        if (!in_file(m, x) || !value_rows(x)) continue;
        if (value_rows(x) == rows) {
            if (x < g) before += x->layers;
            same += x->layers;
        }
        all += x->layers;
    }
    at->v = spread(before + k, same, all);
    at->n_v = all;
}

/** Layers of dense groups that the catalog lists before all others. */
static int64_t leading_layers(const kern_model *m) {
    int64_t n = 0;
    for (uint32_t i = 0; i < m->n_groups && has_part(&m->groups[i], KERN_PART_MLP); i++)
        n += m->groups[i].layers;
    return n;
}

static void place_feed_forward(const kern_model *m, const kern_group *g, int64_t k, kern_place *at) {
    int experts = experts_of(m) > 1, moe = has_part(g, KERN_PART_MOE);
    int64_t lead = experts ? leading_layers(m) : 0, before = 0, same = 0, all = 0, seen = 0;
    if (!in_file(m, g)) return;
    for (uint32_t i = 0; i < m->n_groups; i++) {
        const kern_group *x = &m->groups[i];
        int counted = experts ? x->kind == KERN_GROUP_MAIN : has_part(x, KERN_PART_MLP);
        if (!in_file(m, x)) continue;
        all += x->layers;
        seen += x->layers;
        if (!counted || (experts && seen <= lead) || has_part(x, KERN_PART_MOE) != moe) continue;
        if (x < g) before += x->layers;
        same += x->layers;
    }
    at->n_ffn = all;
    at->ffn = before + k;
    if (!experts) return;
    int64_t first = 0;
    for (const kern_group *x = m->groups; x < g; x++)
        first += in_file(m, x) ? x->layers : 0;
    int64_t main_layers = m->layers - lead;
    at->ffn = g->kind != KERN_GROUP_MAIN || first < lead ? first + k : lead + spread(before + k, same, main_layers);
}

kern_place kern_layer_place(const kern_model *m, const kern_group *g, int64_t k) {
    kern_place at = {0, 1, 0, 1};
    place_value(m, g, k, &at);
    place_feed_forward(m, g, k, &at);
    return at;
}
