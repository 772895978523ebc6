/*
 * roles.c - words for roles and classes.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/roles.h"

enum { WHY = 160, WORD = 32 };

#define BIT(role) (UINT32_C(1) << (role))

/** A name may stand for several roles: MLA splits what others keep in one matrix. */
static const struct role_word {
    const char *name;
    uint32_t bits;
} role_words[] = {
    {"q", BIT(KERN_ROLE_Q) | BIT(KERN_ROLE_Q_DOWN) | BIT(KERN_ROLE_Q_UP)},
    {"k", BIT(KERN_ROLE_K) | BIT(KERN_ROLE_KV_DOWN) | BIT(KERN_ROLE_K_UP)},
    {"v", BIT(KERN_ROLE_V) | BIT(KERN_ROLE_V_UP)},
    {"o", BIT(KERN_ROLE_O)},
    {"gate", BIT(KERN_ROLE_GATE)},
    {"up", BIT(KERN_ROLE_UP)},
    {"down", BIT(KERN_ROLE_DOWN)},
    {"mixer", BIT(KERN_ROLE_MIXER_IN) | BIT(KERN_ROLE_MIXER_OUT)},
};

enum { ROLE_WORDS = sizeof role_words / sizeof role_words[0] };

static const struct role_set {
    const char *name, *members;
} role_sets[] = {
    {"all-linear", "q+k+v+o+gate+up+down+mixer"},
    {"attention", "q+k+v+o"},
    {"qv", "q+v"},
};

/** Copies the next word up to one of `ends`; returns what follows it, or NULL when it is too long. */
static const char *next_word(const char *text, const char *ends, char out[WORD]) {
    size_t n = strcspn(text, ends);
    if (n >= WORD) return NULL;
    memcpy(out, text, n);
    out[n] = 0;
    return text + n;
}

static uint32_t role_bits(const char *word) {
    for (int i = 0; i < ROLE_WORDS; i++) {
        if (text_same(role_words[i].name, word)) return role_words[i].bits;
    }
    return 0;
}

int sweep_roles_parse(const char *text, uint32_t *out, char *why) {
    char word[WORD];
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof role_sets / sizeof *role_sets; i++) {
        if (text_same(text, role_sets[i].name)) text = role_sets[i].members;
    }
    while (*text) {
        const char *rest = next_word(text, "+", word);
        uint32_t found = rest ? role_bits(word) : 0;
        if (!found) {
            snprintf(why, WHY,
                     "found '%.40s', expected all-linear, attention, qv, or q k v o gate up down mixer joined by +",
                     text);
            return 0;
        }
        bits |= found;
        text = rest + (*rest == '+');
    }
    *out = bits;
    return 1;
}

int sweep_role_find(const char *name) {
    static const struct {
        const char *name;
        int role;
    } words[] = {{"any", KERN_ROLE_OTHER}, {"embed", KERN_ROLE_EMBED}, {"head", KERN_ROLE_HEAD},
                 {"q", KERN_ROLE_Q},       {"k", KERN_ROLE_K},         {"v", KERN_ROLE_V},
                 {"o", KERN_ROLE_O},       {"gate", KERN_ROLE_GATE},   {"up", KERN_ROLE_UP},
                 {"down", KERN_ROLE_DOWN}, {"expert", KERN_ROLES}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].name, name) == 0) return words[i].role;
    }
    return -1;
}

int sweep_classes_parse(const char *text, uint32_t *out, char *why) {
    static const char *const names[KERN_CLASSES] = {
        [KERN_CLASS_EMBED] = "embed",         [KERN_CLASS_HEAD] = "head",     [KERN_CLASS_ATTN] = "attn",
        [KERN_CLASS_LOWRANK] = "lowrank",     [KERN_CLASS_MLP] = "mlp",       [KERN_CLASS_EXPERT] = "expert",
        [KERN_CLASS_SHARED] = "shared",       [KERN_CLASS_ROUTER] = "router", [KERN_CLASS_NORM] = "norm",
        [KERN_CLASS_RECURRENT] = "recurrent", [KERN_CLASS_STATE] = "state",   [KERN_CLASS_EXTRA] = "extra",
        [KERN_CLASS_VISION] = "vision"};
    char word[WORD];
    uint32_t bits = 0;
    if (strcmp(text, "all") == 0) bits = BIT(KERN_CLASSES) - 1;
    while (!bits || *text) {
        if (!*text || strcmp(text, "all") == 0) break;
        const char *rest = next_word(text, " ", word);
        unsigned c = 0;
        while (rest && c < KERN_CLASSES && strcmp(names[c], word) != 0)
            c++;
        if (!rest || c == KERN_CLASSES) {
            snprintf(why, WHY,
                     "found '%.40s', expected all, or embed head attn lowrank mlp expert shared router norm recurrent "
                     "state extra vision",
                     text);
            return 0;
        }
        bits |= BIT(c);
        text = rest + (*rest == ' ');
    }
    *out = bits;
    return 1;
}
