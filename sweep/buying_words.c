/*
 * buying_words.c - WORD=VALUE arguments of a buyer. Bounds and choices are those of the keys of a `procurement` report.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "common/text.h"
#include "sweep/config.h"
#include "sweep/fit_procure.h"

typedef enum word_kind { WORD_REAL, WORD_POSITIVE, WORD_WHOLE, WORD_CHOICE, WORD_CURRENCY } word_kind;

static const struct word {
    const char *name, *key;
    word_kind kind;
    size_t at;
} words[] = {
    {"users", "users", WORD_WHOLE, offsetof(sweep_buying, users)},
    {"months", "months", WORD_REAL, offsetof(sweep_buying, months)},
    {"hours", "hours_per_day", WORD_POSITIVE, offsetof(sweep_buying, hours_per_day)},
    {"electricity", "electricity", WORD_REAL, offsetof(sweep_buying, electricity)},
    {"pue", "pue", WORD_REAL, offsetof(sweep_buying, pue)},
    {"discount", "discount", WORD_REAL, offsetof(sweep_buying, discount)},
    {"host", "host_price", WORD_REAL, offsetof(sweep_buying, host)},
    {"currency", "currency", WORD_CURRENCY, offsetof(sweep_buying, currency)},
    {"per_usd", "per_usd", WORD_POSITIVE, offsetof(sweep_buying, per_usd)},
    {"cost", "cost", WORD_CHOICE, offsetof(sweep_buying, basis)},
    {"min_tokens", "min_tokens", WORD_REAL, offsetof(sweep_buying, min_tokens)},
    {"max_gpus", "max_gpus", WORD_WHOLE, offsetof(sweep_buying, max_gpus)},
};
enum { WORDS = sizeof words / sizeof *words };

const char *sweep_buying_word(size_t i) {
    return i < WORDS ? words[i].name : NULL;
}

/** Word of an argument; WORDS when it is none. */
static size_t word_of(const char *arg) {
    size_t i = 0, n = strcspn(arg, "=");
    while (i < WORDS && (arg[n] != '=' || strlen(words[i].name) != n || strncmp(words[i].name, arg, n) != 0))
        i++;
    return i;
}

static sweep_key_doc key_of(const char *key) {
    sweep_key_doc k = {0};
    for (size_t i = 0; sweep_config_key(i, &k); i++) {
        if (strcmp(k.mapping, "procurement") == 0 && strcmp(k.key, key) == 0) break;
    }
    return k;
}

static err take_number(sweep_ctx *ctx, const struct word *w, const char *text, char *to) {
    const sweep_key_doc k = key_of(w->key);
    double x = 0;
    int64_t n = 0;
    int good = w->kind == WORD_WHOLE ? text_int(text, &n) : text_real(text, &x);
    if (w->kind == WORD_WHOLE) x = (double)n;
    if (!good || x > (double)k.most || x < (double)k.least || (w->kind == WORD_POSITIVE && x <= 0)) {
        return diag_add(&ctx->faults, ERR_RANGE, NULL, 0, 0, w->name, "'%.60s', expected %s %s %lld and at most %lld",
                        text, w->kind == WORD_WHOLE ? "a whole number" : "a number",
                        w->kind == WORD_POSITIVE ? "above" : "from", (long long)k.least, (long long)k.most);
    }
    if (w->kind == WORD_WHOLE) {
        memcpy(to, &n, sizeof n);
    } else {
        memcpy(to, &x, sizeof x);
    }
    return ERR_OK;
}

static err take_choice(sweep_ctx *ctx, const struct word *w, const char *text, char *to) {
    const sweep_key_doc k = key_of(w->key);
    char allowed[DIAG_TEXT / 2] = "";
    size_t used = 0;
    for (int i = 0; k.choices[i]; i++) {
        if (strcmp(k.choices[i], text) == 0) return *(int *)(void *)to = i, ERR_OK;
        used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "", k.choices[i]);
    }
    return diag_add(&ctx->faults, ERR_RANGE, NULL, 0, 0, w->name, "'%.60s', expected one of %s", text, allowed);
}

static err take_currency(sweep_ctx *ctx, const struct word *w, const char *text, char *to) {
    if (!sweep_is_currency(text)) {
        return diag_add(&ctx->faults, ERR_RANGE, NULL, 0, 0, w->name,
                        "'%.20s', expected three capital letters such as EUR", text);
    }
    memcpy(to, &text, sizeof text);
    return ERR_OK;
}

static err take_word(sweep_ctx *ctx, size_t i, const char *text, sweep_buying *b) {
    char *to = (char *)b + words[i].at;
    switch (words[i].kind) {
    case WORD_CHOICE:
        return take_choice(ctx, &words[i], text, to);
    case WORD_CURRENCY:
        return take_currency(ctx, &words[i], text, to);
    default:
        return take_number(ctx, &words[i], text, to);
    }
}

err sweep_buying_words(sweep_ctx *ctx, sweep_buying *b, char **rest, int *n_rest, int *asked) {
    unsigned given = 0;
    err first = ERR_OK;
    sweep_buying_default(b);
    *n_rest = 0;
    for (int k = 0; k < ctx->options->n_args; k++) {
        char *arg = ctx->options->args[k];
        size_t i = word_of(arg);
        err e = ERR_OK;
        if (i == WORDS) {
            rest[(*n_rest)++] = arg;
            continue;
        }
        e = given >> i & 1 ? diag_add(&ctx->faults, ERR_DUPLICATE, NULL, 0, 0, words[i].name, "given twice")
                           : take_word(ctx, i, strchr(arg, '=') + 1, b);
        given |= 1u << i;
        if (first == ERR_OK) first = e;
    }
    *asked = given & 1;
    b->n_users = 1;
    if (first != ERR_OK || !given) return first;
    if (!*asked) {
        size_t i = 1;
        while (!(given >> i & 1))
            i++;
        return diag_add(&ctx->faults, ERR_MISSING, NULL, 0, 0, "users",
                        "%s= is for options with users=", words[i].name);
    }
    return sweep_buying_check(b, NULL, 0, 0, &ctx->faults);
}
