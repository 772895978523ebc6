/*
 * import_groups.c - layers to layer_groups: equal layers are joined, and the groups stand in the order of the catalog:
 * leading dense layers, recurrent mixers, full attention, sliding attention, layers without a mixer.
 */
#include <string.h>

#include "sweep/import_internal.h"

typedef struct group {
    import_layer layer;
    int64_t count, last; /* last layer that belongs to it */
    int64_t rank[8];
    char text[256];
} group;

static const char *mixer_name(int64_t kind) {
    static const char *const names[KERN_PARTS] = {
        [KERN_PART_ATTN] = "attn",     [KERN_PART_MLA] = "mla",
        [KERN_PART_DSV4] = "dsv4",     [KERN_PART_GDN] = "gdn",
        [KERN_PART_MAMBA2] = "mamba2", [KERN_PART_MAMBA1] = "mamba1",
        [KERN_PART_KDA] = "kda",       [KERN_PART_LIGHTNING] = "lightning",
        [KERN_PART_CONV] = "conv",     [KERN_PART_RWKV7] = "rwkv7",
        [KERN_PART_MLP] = "mlp",       [KERN_PART_CACHE] = "cache",
    };
    return kind >= 0 && kind < KERN_PARTS && names[kind] ? names[kind] : "none";
}

/** Adds `key=value` to a parenthesis that is opened with the first one. */
static void put_key(import_text *t, int *open, const char *key, int64_t value) {
    if (!value) return;
    import_put(t, "%s%s=%lld", *open ? "," : "(", key, (long long)value);
    *open = 1;
}

static void put_attention(import_text *t, const import_layer *l) {
    int open = 0;
    put_key(t, &open, "q", l->q);
    put_key(t, &open, "kv", l->kv);
    put_key(t, &open, "hd", l->hd);
    put_key(t, &open, "vhd", l->vhd);
    put_key(t, &open, "w", l->window);
    put_key(t, &open, "c", l->chunk);
    put_key(t, &open, "keqv", l->keqv);
    put_key(t, &open, "nokv", l->nokv);
    put_key(t, &open, "shared", l->shared);
    put_key(t, &open, "cross", l->cross);
    put_key(t, &open, "idx", l->indexer);
    import_put(t, "%s", open ? ")" : "");
}

static void put_mixer(import_text *t, const import_layer *l) {
    import_put(t, "%s", mixer_name(l->mixer));
    if (l->mixer == KERN_PART_ATTN) put_attention(t, l);
    if (l->mixer == KERN_PART_MLA && l->indexer) import_put(t, "(idx=1)");
    if (l->mixer == KERN_PART_DSV4) import_put(t, "(r=%lld)", (long long)l->ratio);
    if (l->mixer == KERN_PART_RWKV7 && l->nov) import_put(t, "(nov=1)");
    if (l->second != IMPORT_NO_MIXER) import_put(t, "+%s", mixer_name(l->second));
    if (l->second == KERN_PART_CACHE)
        import_put(t, "(q=%lld,kv=%lld,hd=%lld)", (long long)l->q, (long long)l->kv, (long long)l->hd);
}

static void put_mlp(import_text *t, const import_layer *l) {
    import_put(t, "+mlp");
    if (l->inner) import_put(t, "(i=%lld)", (long long)l->inner);
}

static void put_layer(import_text *t, const import_layer *l) {
    if (l->mixer != IMPORT_NO_MIXER) put_mixer(t, l);
    if (l->ffn == IMPORT_FFN_MLP || l->ffn == IMPORT_FFN_BOTH) put_mlp(t, l);
    if (l->second == KERN_PART_MLA) put_mlp(t, l); /* LongCat: two dense halves */
    if (l->ffn == IMPORT_FFN_MOE || l->ffn == IMPORT_FFN_BOTH) import_put(t, "+moe");
    if (l->norms) import_put(t, "+n(k=%lld)", (long long)l->norms - 1);
    if (l->ple) import_put(t, "+ple");
    if (l->laurel) import_put(t, "+altup(r=%lld)", (long long)l->laurel);
    if (l->extra) import_put(t, "+x(p=%lld)", (long long)l->extra);
}

static int64_t mixer_rank(const import_layer *l) {
    if (l->mixer == IMPORT_NO_MIXER) return 3;
    if (l->mixer >= KERN_PART_GDN && l->mixer <= KERN_PART_RWKV7) return 0;
    return l->window || l->chunk ? 2 : 1;
}

/** Numbers by which groups are ordered, most important first. */
static void rank(const import_config *x, int64_t first_moe, group *g) {
    const import_layer *l = &g->layer;
    uint32_t traits = x->arch->traits;
    int moe = l->ffn == IMPORT_FFN_MOE || l->ffn == IMPORT_FFN_BOTH;
    if (traits & IMPORT_SEEN_ORDER) return;
    if (traits & IMPORT_TEXT_ORDER) {
        g->rank[0] = l->mixer != IMPORT_NO_MIXER;
        return;
    }
    g->rank[0] = g->last >= first_moe;
    g->rank[1] = l->shared + l->cross;
    g->rank[2] = mixer_rank(l);
    g->rank[3] = l->nokv - l->indexer - l->nov;
    g->rank[4] = l->ratio;
    g->rank[5] = traits & IMPORT_MOE_FIRST ? !moe : moe;
}

static int before(const import_config *x, const group *a, const group *b) {
    for (size_t i = 0; i < sizeof a->rank / sizeof *a->rank; i++) {
        if (a->rank[i] != b->rank[i]) return a->rank[i] < b->rank[i];
    }
    return x->arch->traits & IMPORT_TEXT_ORDER && strcmp(a->text, b->text) < 0;
}

/** Joins equal layers in order of appearance; 0 when there are too many kinds. */
static uint32_t join(import_config *x, group *groups) {
    uint32_t n = 0;
    for (int64_t i = 0; i < x->n_layers; i++) {
        uint32_t g = 0;
        while (g < n && memcmp(&groups[g].layer, &x->layer[i], sizeof *x->layer) != 0)
            g++;
        if (g == SWEEP_GROUPS_MAX)
            return (uint32_t)import_fault(x, ERR_LIMIT, NULL, "more than %d kinds of layers", SWEEP_GROUPS_MAX);
        if (g == n) groups[n++] = (group){.layer = x->layer[i]};
        groups[g].count++;
        groups[g].last = i;
    }
    return n;
}

void import_groups(import_config *x) {
    group *groups = arena_alloc(x->mem, SWEEP_GROUPS_MAX, sizeof *groups);
    import_text *t = arena_alloc(x->mem, 1, sizeof *t);
    int64_t first_moe = 0;
    if (x->n_decoder) return;
    if (!groups || !t) {
        import_fault(x, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
        return;
    }
    while (first_moe < x->n_layers && x->layer[first_moe].ffn != IMPORT_FFN_MOE)
        first_moe++;
    uint32_t n = join(x, groups);
    for (uint32_t g = 0; g < n; g++) {
        *t = (import_text){.n = 0};
        put_layer(t, &groups[g].layer);
        snprintf(groups[g].text, sizeof groups[g].text, "%s", t->n ? t->at + (*t->at == '+') : "none");
        rank(x, first_moe == x->n_layers ? 0 : first_moe, &groups[g]);
        for (uint32_t k = g; k > 0 && before(x, &groups[k], &groups[k - 1]); k--) {
            group swap = groups[k];
            groups[k] = groups[k - 1];
            groups[k - 1] = swap;
        }
    }
    for (uint32_t g = 0; g < n; g++)
        import_put(&x->groups, "%s%lld*%s", g || x->groups.n ? ";" : "", (long long)groups[g].count, groups[g].text);
    if (x->mtp.n) import_put(&x->groups, ";%s", x->mtp.at);
    if (x->groups.full || x->flags.full || x->state.full || x->mtp.full)
        import_fault(x, ERR_LIMIT, NULL, "too many kinds of layers to write down");
}
