/*
 * layer_groups.c - three small grammars of `key=number` lists. Every key is a row of a table: its name and where its
 * number goes. Unknown keys, sizes beyond 2^24 and too many parts are refused with the piece that is wrong.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/layer_groups.h"

enum { PIECE = 40 };

/** A key and the member its number goes to; `wide` members are int64_t, others uint8_t. */
typedef struct key {
    const char *name;
    size_t at;
    int wide;
    int64_t most;
} key;

static int refuse(char *why, const char *what, const char *piece) {
    snprintf(why, DIAG_TEXT, "%s: '%.*s'", what, PIECE, piece);
    return 0;
}

/** Splits off the text up to one of `ends` into out (PIECE bytes); NULL when it is too long. */
static const char *piece_of(const char *text, const char *ends, char *out) {
    size_t n = strcspn(text, ends);
    if (n >= PIECE) return NULL;
    memcpy(out, text, n);
    out[n] = 0;
    return text + n;
}

static void set_member(void *to, const key *k, int64_t value) {
    char *at = (char *)to + k->at;
    if (k->wide) {
        memcpy(at, &value, sizeof value);
    } else {
        *(uint8_t *)at = (uint8_t)value;
    }
}

/** `name` or `name=number` into a member; a name alone is 1. */
static int take_key(const char *item, const key *keys, size_t n, void *to, char *why) {
    char name[PIECE];
    const char *rest = piece_of(item, "=", name);
    int64_t value = 1;
    if (!rest) return refuse(why, "too long", item);
    if (*rest == '=' && (!text_int(rest + 1, &value) || value < 0)) {
        return refuse(why, "expected a whole number, 0 or more", item);
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(keys[i].name, name) != 0) continue;
        if (value > keys[i].most)
            return refuse(why, keys[i].wide ? "the number is too large" : "expected 0 or 1", item);
        set_member(to, &keys[i], value);
        return 1;
    }
    return refuse(why, "unknown key", item);
}

/** A list of items with one separator. */
static int take_keys(const char *text, char separator, const key *keys, size_t n, void *to, char *why) {
    const char ends[2] = {separator, 0};
    while (*text) {
        char item[PIECE];
        const char *rest = piece_of(text, ends, item);
        if (!rest || !*item) return refuse(why, "empty or too long", text);
        if (!take_key(item, keys, n, to, why)) return 0;
        text = rest + (*rest != 0);
    }
    return 1;
}

#define SPEC(name, member)                                                                                             \
    { name, offsetof(kern_part_spec, member), 1, SWEEP_SIZE_MAX }
#define SPEC_FLAG(name, member)                                                                                        \
    { name, offsetof(kern_part_spec, member), 0, 1 }

static const key attn_keys[] = {SPEC("q", q),
                                SPEC("kv", kv),
                                SPEC("hd", hd),
                                SPEC("vhd", vhd),
                                SPEC("h", h),
                                SPEC("hin", hin),
                                SPEC("w", w),
                                SPEC("c", c),
                                SPEC_FLAG("keqv", keqv),
                                SPEC_FLAG("nokv", nokv),
                                SPEC_FLAG("shared", shared),
                                SPEC_FLAG("cross", cross),
                                SPEC_FLAG("nogate", nogate),
                                SPEC_FLAG("idx", idx)};
static const key mla_keys[] = {SPEC("q", q), SPEC_FLAG("idx", idx)};
static const key dsv4_keys[] = {SPEC("r", r)};
static const key mlp_keys[] = {SPEC("i", i), SPEC("h", h)};
static const key moe_keys[] = {SPEC("e", e), SPEC("k", k), SPEC("i", i)};
static const key mixer_keys[] = {SPEC("h", h)};
static const key rwkv7_part_keys[] = {SPEC("h", h), SPEC_FLAG("nov", nov)};
static const key norms_keys[] = {SPEC("k", norms)};
static const key extra_keys[] = {{"p", offsetof(kern_part_spec, extra), 1, INT64_C(1) << 40}};
static const key copies_keys[] = {SPEC("n", copies)};
static const key altup_keys[] = {SPEC("r", rank)};

#define KEYS(list) (list), sizeof(list) / sizeof(list)[0]

static const struct part_kind {
    const char *name;
    kern_part_kind kind;
    const key *keys;
    size_t n_keys;
} part_kinds[] = {
    {"attn", KERN_PART_ATTN, KEYS(attn_keys)},
    {"mla", KERN_PART_MLA, KEYS(mla_keys)},
    {"dsv4", KERN_PART_DSV4, KEYS(dsv4_keys)},
    {"gdn", KERN_PART_GDN, KEYS(mixer_keys)},
    {"mamba2", KERN_PART_MAMBA2, KEYS(mixer_keys)},
    {"mamba1", KERN_PART_MAMBA1, KEYS(mixer_keys)},
    {"kda", KERN_PART_KDA, KEYS(mixer_keys)},
    {"lightning", KERN_PART_LIGHTNING, KEYS(mixer_keys)},
    {"conv", KERN_PART_CONV, KEYS(mixer_keys)},
    {"rwkv7", KERN_PART_RWKV7, KEYS(rwkv7_part_keys)},
    {"mlp", KERN_PART_MLP, KEYS(mlp_keys)},
    {"moe", KERN_PART_MOE, KEYS(moe_keys)},
    {"cache", KERN_PART_CACHE, KEYS(attn_keys)},
    {"none", KERN_PART_OTHER, NULL, 0},
    {"n", KERN_PART_OTHER, KEYS(norms_keys)},
    {"x", KERN_PART_OTHER, KEYS(extra_keys)},
    {"eh", KERN_PART_OTHER, NULL, 0},
    {"copies", KERN_PART_OTHER, KEYS(copies_keys)},
    {"ple", KERN_PART_OTHER, NULL, 0},
    {"altup", KERN_PART_OTHER, KEYS(altup_keys)},
};

enum { PART_KINDS = sizeof part_kinds / sizeof part_kinds[0] };

static const kern_part_spec no_override = {.q = -1,
                                           .kv = -1,
                                           .hd = -1,
                                           .vhd = -1,
                                           .h = -1,
                                           .hin = -1,
                                           .w = -1,
                                           .c = -1,
                                           .r = -1,
                                           .i = -1,
                                           .e = -1,
                                           .k = -1,
                                           .norms = -1};

static int take_part(const char *text, kern_part_spec *out, char *why) {
    char name[PIECE];
    const char *rest = piece_of(text, "(", name);
    if (!rest) return refuse(why, "unknown part", text);
    for (int i = 0; i < PART_KINDS; i++) {
        const struct part_kind *p = &part_kinds[i];
        if (strcmp(p->name, name) != 0) continue;
        *out = no_override;
        out->kind = p->kind;
        out->mtp_input = strcmp(name, "eh") == 0;
        out->layer_embed = strcmp(name, "ple") == 0;
        if (!*rest) return 1;
        char list[256];
        size_t n = strlen(rest);
        if (n < 3 || n >= sizeof list || rest[n - 1] != ')') return refuse(why, "unbalanced parenthesis", text);
        memcpy(list, rest + 1, n - 2);
        list[n - 2] = 0;
        return take_keys(list, ',', p->keys, p->n_keys, out, why);
    }
    return refuse(why, "unknown part", text);
}

/** Parts of one group, joined by '+'. */
static int take_parts(const char *text, sweep_group_spec *g, char *why) {
    for (;;) {
        char part[256];
        size_t n = strcspn(text, "+");
        if (n == 0 || n >= sizeof part) return refuse(why, "empty or too long part", text);
        if (g->n_parts == KERN_LAYER_PARTS_MAX) return refuse(why, "more than 8 parts", text);
        memcpy(part, text, n);
        part[n] = 0;
        if (!take_part(part, &g->part[g->n_parts++], why)) return 0;
        text += n;
        if (!*text++) return 1;
    }
}

static int take_group(const char *text, sweep_group_spec *g, char *why) {
    char count[PIECE];
    *g = (sweep_group_spec){.kind = KERN_GROUP_MAIN};
    if (strncmp(text, "mtp:", 4) == 0) g->kind = KERN_GROUP_MTP;
    if (strncmp(text, "enc:", 4) == 0) g->kind = KERN_GROUP_ENCODER;
    if (g->kind != KERN_GROUP_MAIN) text += 4;
    const char *rest = piece_of(text, "*", count);
    if (!rest || *rest != '*' || !text_int(count, &g->layers) || g->layers < 1 || g->layers > SWEEP_LAYERS_MAX) {
        return refuse(why, "expected COUNT*PART+PART..., COUNT from 1 to 100000", text);
    }
    return take_parts(rest + 1, g, why);
}

uint32_t sweep_groups_parse(const char *text, sweep_group_spec out[SWEEP_GROUPS_MAX], char *why) {
    uint32_t n = 0;
    for (;;) {
        char group[512];
        size_t length = strcspn(text, ";");
        if (length == 0 || length >= sizeof group) return (uint32_t)refuse(why, "empty or too long group", text);
        if (n == SWEEP_GROUPS_MAX) return (uint32_t)refuse(why, "more than 64 groups", text);
        memcpy(group, text, length);
        group[length] = 0;
        if (!take_group(group, &out[n++], why)) return 0;
        text += length;
        if (!*text++) return n;
    }
}

#define SHAPE(name, member)                                                                                            \
    { name, offsetof(kern_shape, member), 1, SWEEP_SIZE_MAX }
#define SHAPE_FLAG(name, member)                                                                                       \
    { name, offsetof(kern_shape, member), 0, 1 }

static const key flag_keys[] = {
    SHAPE("norms", norms),
    SHAPE("qlora", low_rank_q),
    SHAPE("idxheads", index_heads),
    SHAPE("idxdim", index_dim),
    SHAPE("ogroups", o_groups),
    SHAPE("olora", o_lora),
    SHAPE("hc", hyper),
    SHAPE("latent", latent),
    SHAPE("zeroexperts", zero_experts),
    SHAPE("embrows", embed_rows),
    SHAPE("embdim", embed_dim),
    SHAPE("posrows", position_rows),
    SHAPE("ple", layer_embed),
    SHAPE("plevocab", layer_vocab),
    SHAPE("altup", streams),
    SHAPE_FLAG("qknormbias", qk_norm_bias),
    SHAPE_FLAG("mlpbias", mlp_bias),
    SHAPE_FLAG("ffnsub", ffn_subnorm),
    SHAPE_FLAG("expbias", expert_bias),
    SHAPE_FLAG("routerbias", router_bias),
    SHAPE_FLAG("latentnorm", latent_norm),
    SHAPE_FLAG("sharedgate", shared_gate),
    SHAPE_FLAG("nohead", no_head),
    SHAPE_FLAG("headbias", head_bias),
    SHAPE_FLAG("embnorm", embed_norm),
    SHAPE_FLAG("nofinal", no_final_norm),
    SHAPE_FLAG("nonormw", no_norm_weight),
    SHAPE_FLAG("sinks", sinks),
    SHAPE_FLAG("ggufqkv", fused_qkv),
    SHAPE_FLAG("ggufmtp", gguf_mtp),
    SHAPE_FLAG("ggufnoswa", gguf_no_swa),
};

/** Flags with a word for a value. */
static int take_word_flag(const char *item, kern_shape *out) {
    if (strcmp(item, "gate=elem") == 0)
        out->attn_gate = KERN_GATE_ELEMENT;
    else if (strcmp(item, "gate=head") == 0)
        out->attn_gate = KERN_GATE_HEAD;
    else if (strcmp(item, "sinks=swa") == 0)
        out->sinks = out->sinks_sliding_only = 1;
    else if (strcmp(item, "nonormbias") == 0)
        out->norm_bias = 0;
    else
        return 0;
    return 1;
}

int sweep_flags_parse(const char *text, kern_shape *out, char *why) {
    while (*text) {
        char item[PIECE];
        const char *rest = piece_of(text, ";", item);
        if (!rest || !*item) return refuse(why, "empty or too long flag", text);
        if (!take_word_flag(item, out) && !take_key(item, flag_keys, sizeof flag_keys / sizeof *flag_keys, out, why))
            return 0;
        text = rest + (*rest != 0);
    }
    return 1;
}

#define MIXER(name, member)                                                                                            \
    { name, offsetof(kern_mixer, member), 1, SWEEP_MIXER_MAX }
#define MIXER_FLAG(name, member)                                                                                       \
    { name, offsetof(kern_mixer, member), 0, 1 }

static const key gdn_keys[] = {MIXER("kh", key_heads), MIXER("vh", heads), MIXER("kd", key_dim), MIXER("vd", head_dim),
                               MIXER("conv", conv)};
static const key mamba2_keys[] = {MIXER("heads", heads),
                                  MIXER("hd", head_dim),
                                  MIXER("state", state),
                                  MIXER("groups", groups),
                                  MIXER("conv", conv),
                                  MIXER_FLAG("nonorm", no_norm),
                                  MIXER_FLAG("noconvbias", no_conv_bias)};
static const key mamba1_keys[] = {MIXER("inner", inner), MIXER("state", state), MIXER("dtrank", dt_rank),
                                  MIXER("conv", conv), MIXER_FLAG("dtbcnorm", dt_norms)};
static const key kda_keys[] = {MIXER("heads", heads), MIXER("hd", head_dim), MIXER("conv", conv),
                               MIXER_FLAG("fullgate", full_gate)};
static const key lightning_keys[] = {MIXER("heads", heads), MIXER("hd", head_dim)};
static const key conv_keys[] = {MIXER("L", conv)};
static const key rwkv7_keys[] = {MIXER("w", w), MIXER("a", a),         MIXER("v", v),
                                 MIXER("g", g), MIXER("heads", heads), MIXER("hd", head_dim)};

static const struct part_kind mixer_kinds[] = {
    {"gdn", KERN_PART_GDN, KEYS(gdn_keys)},
    {"mamba2", KERN_PART_MAMBA2, KEYS(mamba2_keys)},
    {"mamba1", KERN_PART_MAMBA1, KEYS(mamba1_keys)},
    {"kda", KERN_PART_KDA, KEYS(kda_keys)},
    {"lightning", KERN_PART_LIGHTNING, KEYS(lightning_keys)},
    {"conv", KERN_PART_CONV, KEYS(conv_keys)},
    {"rwkv7", KERN_PART_RWKV7, KEYS(rwkv7_keys)},
};

static int take_mixer(const char *text, kern_shape *out, char *why) {
    char name[PIECE];
    const char *rest = piece_of(text, ":", name);
    if (!rest || *rest != ':') return refuse(why, "expected KIND:key=number;...", text);
    for (size_t i = 0; i < sizeof mixer_kinds / sizeof *mixer_kinds; i++) {
        const struct part_kind *m = &mixer_kinds[i];
        if (strcmp(m->name, name) != 0) continue;
        out->has_mixer[m->kind] = 1;
        return take_keys(rest + 1, ';', m->keys, m->n_keys, &out->mixer[m->kind], why);
    }
    return refuse(why, "unknown mixer", text);
}

int sweep_mixers_parse(const char *text, kern_shape *out, char *why) {
    while (*text) {
        char mixer[256];
        size_t n = strcspn(text, "|");
        if (n == 0 || n >= sizeof mixer) return refuse(why, "empty or too long mixer", text);
        memcpy(mixer, text, n);
        mixer[n] = 0;
        if (!take_mixer(mixer, out, why)) return 0;
        text += n + (text[n] != 0);
    }
    return 1;
}
