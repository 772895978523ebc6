/*
 * import_internal.h - one config.json on its way to a models.csv row: keys are looked up by a list of names
 * ("hidden_size|n_embd|d_model", "attn_config.kv_n_heads"), each name looked up counts as understood, layers are laid
 * out one by one and equal ones joined into layer_groups. The first fault stops what follows from giving another.
 */
#ifndef SWEEP_IMPORT_INTERNAL_H
#define SWEEP_IMPORT_INTERNAL_H

#include <jansson.h>

#include "sweep/import.h"
#include "sweep/layer_groups.h"

enum {
    IMPORT_FILE_MAX = 16 << 20, /* [bytes] of a JSON file */
    IMPORT_DEPTH_MAX = 64,
    IMPORT_VALUES_MAX = 4 << 20,
    IMPORT_KEYS_MAX = 1024,
    IMPORT_GROUPS_TEXT = 8192,
    IMPORT_TEXT = 512
};

/** Text that is put together piece by piece; too much sets `full`. */
typedef struct import_text {
    char at[IMPORT_GROUPS_TEXT];
    size_t n;
    int full;
} import_text;

void import_put(import_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

typedef enum import_ffn { IMPORT_FFN_NONE, IMPORT_FFN_MLP, IMPORT_FFN_MOE, IMPORT_FFN_BOTH } import_ffn;

enum { IMPORT_NO_MIXER = -1 };

/** A layer; members that are 0 are those of the columns. Only numbers: equal layers are equal bytes. */
typedef struct import_layer {
    int64_t mixer, second; /* kern_part_kind or IMPORT_NO_MIXER */
    int64_t window, chunk, q, kv, hd, vhd, ratio;
    int64_t keqv, nokv, shared, cross, indexer, nov;
    int64_t ffn, inner;         /* import_ffn; width of the MLP */
    int64_t norms;              /* norms of this layer + 1 */
    int64_t extra, ple, laurel; /* parameters beside; layer has inputs of its own; rank of AltUp's projection */
} import_layer;

/** What the rules of an architecture may be. */
typedef enum import_trait {
    IMPORT_PLAIN = 1 << 0,      /* feed-forward without a gate */
    IMPORT_LN = 1 << 1,         /* layer norm instead of RMS norm */
    IMPORT_FP32 = 1 << 2,       /* weights are fp32 when the config does not say */
    IMPORT_ROUTERBIAS = 1 << 3, /* the router always has a correction bias */
    IMPORT_SWA = 1 << 4,        /* sliding_window holds for every layer unless a pattern says otherwise */
    IMPORT_MOE_FIRST = 1 << 5,  /* order of layer_groups: groups with experts before those without */
    IMPORT_SEEN_ORDER = 1 << 6, /* as they come */
    IMPORT_TEXT_ORDER = 1 << 7  /* by their text, layers without a mixer first */
} import_trait;

typedef struct import_config import_config;

/** An architecture: what its name says and no key of the config does. */
typedef struct import_arch {
    const char *name, *family;
    uint32_t traits;      /* import_trait */
    const char *bias;     /* attn_bias, or KEY:attn_bias where a key switches it */
    const char *qk_norm;  /* the same */
    const char *position; /* position */
    const char *flags;    /* count_flags */
    const char *mtp;      /* parts of an MTP layer, '@' stands for the feed-forward of the last layer; NULL: none */
    const char *defaults; /* "key=number ..." of keys that configs of this architecture leave out */
    void (*rule)(import_config *x); /* what no column of this table can say, NULL: nothing */
} import_arch;

/** Architecture of a name, case kept; NULL when there is none. import_arch_next feeds text_suggest. */
const import_arch *import_arch_find(const char *name);
const char *import_arch_next(const void *unused, size_t i);

/** Where an import reads from and what it may do. */
typedef struct import_source {
    const char *file; /* in `keep` */
    const char *text; /* as read, for the line of a key; NULL: none */
    const char *name; /* `source` of the row */
    int assume;
} import_source;

struct import_config {
    const sweep_catalogs *c;
    arena *keep, *mem; /* what outlives the import; scratch */
    diags *faults;
    const struct import_source *from;
    const char *file, *text;
    json_t *root;
    const json_t *model; /* root, or its text_config */
    const import_arch *arch;
    int assume;
    err first;
    const char *used[IMPORT_KEYS_MAX];
    size_t n_used;
    const char *value[SWEEP_IMPORT_COLUMNS_MAX];
    char *assumed;
    import_layer *layer;
    int64_t n_layers;
    int64_t n_decoder; /* encoder-decoder: layer_groups is written already, this many layers decode; else 0 */
    int64_t hidden, q_heads, kv_heads, head_dim, v_head_dim, inner, vocab, window;
    int64_t experts, top_k, moe_inner, shared_inner, context, extra_params, kv_lora;
    int64_t q_lora, rope_dim, nope_dim, vision_params;
    int tied, gated;
    const char *bias, *qk_norm, *native;
    import_text flags, state, mtp, groups;
};

/** Fault about a key; the first one counts, the rest are dropped. Always returns 0. */
int64_t import_fault(import_config *x, err code, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Something taken for granted. */
void import_assume(import_config *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Value of the first of the names ("a|b|c.d") that is there and not null; the model's part first, then the root. */
const json_t *import_find(import_config *x, const char *names);

/** Whole number 0..most of a key, an architecture's default, or `fallback`. A negative fallback: must be given. */
int64_t import_int(import_config *x, const char *names, int64_t fallback, int64_t most);

int import_flag(import_config *x, const char *names, int fallback);

/** Text of a key, NULL when it is absent or null. */
const char *import_word(import_config *x, const char *names);

/** Array of a key, NULL when absent; with fewer than `n` entries (0: any) a fault and NULL. */
const json_t *import_list(import_config *x, const char *names, int64_t n);

/** Whole number at `i` of a list; other kinds are a fault. Booleans are 0 and 1. */
int64_t import_item(import_config *x, const json_t *list, size_t i, const char *key);

/** Names in a list of layers (mlp_only_layers, moe_layers): sets mark[i - base]. */
void import_marks(import_config *x, const char *names, int64_t base, uint8_t *mark);

/** Column of the row; texts are copied into the arena. */
void import_set(import_config *x, const char *column, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** Opens a regular file without waiting for anybody: a FIFO is refused like a folder. *bytes: its length. */
err import_open(const char *path, FILE **in, int64_t *bytes, diags *faults);

/* Steps, in this order. */
/** A file that is read whole, or bytes that are in memory; take care of *root with json_decref. */
err import_json_load(const char *path, arena *mem, const char **text, json_t **root, diags *faults);
err import_json_parse(const char *path, char *text, size_t n, json_t **root, diags *faults);
void import_shape(import_config *x);
void import_layers(import_config *x);
void import_feed_forward(import_config *x);
void import_mixers(import_config *x);
void import_native(import_config *x);
void import_mtp(import_config *x);
void import_tower(import_config *x);
void import_groups(import_config *x);
void import_columns(import_config *x);
void import_unknown(import_config *x);

/** Adds a flag to count_flags. */
void import_flag_add(import_config *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** A config that is in memory already; `root` stays the caller's. */
err import_build(const sweep_catalogs *c, arena *keep, const import_source *from, json_t *root, sweep_import_row *out,
                 diags *faults);

/** Width of sliding attention; a fault when it is not given. */
int64_t import_window(import_config *x);

/** Every layer but each `period`-th (from layer `period - 1` on) slides. */
void import_slide_all_but(import_config *x, int64_t period);

/** Sets the mixer of all layers. */
void import_mix_all(import_config *x, int64_t mixer);

/* Rules of single architectures: import_rules.c, import_rules_hybrid.c. */
#define RULE(name) void import_rule_##name(import_config *x);
#include "sweep/import_rules.def"
#undef RULE

#endif
