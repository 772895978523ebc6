/*
 * catalog_index.c - names to rows: open addressing, ASCII case ignored, the load kept below one half.
 */
#include <string.h>
#include <strings.h>

#include "common/hash.h"
#include "common/text.h"
#include "sweep/catalog_internal.h"

typedef struct slot {
    const char *name;
    size_t row;
} slot;

struct sweep_index {
    arena *mem;
    slot *slots;
    size_t n, cap; /* cap: a power of two */
};

sweep_index *sweep_index_new(arena *mem, size_t names) {
    size_t cap = 64;
    while (cap < 2 * names)
        cap *= 2;
    sweep_index *x = arena_alloc(mem, 1, sizeof *x);
    slot *slots = arena_alloc(mem, cap, sizeof *slots);
    if (!x || !slots) return NULL;
    *x = (sweep_index){mem, slots, 0, cap};
    return x;
}

/** Slot of a name, or the empty one where it belongs. */
static slot *probe(slot *slots, size_t cap, const char *name) {
    size_t i = hash_name(name) & (cap - 1);
    while (slots[i].name && !text_same(slots[i].name, name))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static int grow(sweep_index *x) {
    slot *slots = arena_alloc(x->mem, 2 * x->cap, sizeof *slots);
    if (!slots) return 0;
    for (size_t i = 0; i < x->cap; i++) {
        if (x->slots[i].name) *probe(slots, 2 * x->cap, x->slots[i].name) = x->slots[i];
    }
    x->slots = slots;
    x->cap *= 2;
    return 1;
}

int sweep_index_add(sweep_index *x, const char *name, size_t row) {
    if (2 * (x->n + 1) > x->cap && !grow(x)) return -1;
    slot *s = probe(x->slots, x->cap, name);
    if (s->name) return 0;
    *s = (slot){name, row};
    x->n++;
    return 1;
}

size_t sweep_index_find(const sweep_index *x, const char *name) {
    const slot *s = probe(x->slots, x->cap, name);
    return s->name ? s->row : SIZE_MAX;
}

void sweep_index_alias(sweep_loader *l, sweep_index *x, const sweep_raws *rows, size_t at, const char *name) {
    int added = sweep_index_add(x, name, at);
    size_t first = added == 0 ? sweep_index_find(x, name) : at;
    if (added < 0) sweep_row_fault(l, &rows->item[at], ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    if (first == at || rows->item[first].source != rows->item[at].source) return;
    sweep_row_fault(l, &rows->item[at], ERR_DUPLICATE, "aliases", "'%.80s' already names '%.80s'", name,
                    rows->item[first].key);
}

void sweep_index_aliases(sweep_loader *l, sweep_index *x, const sweep_raws *rows, size_t at, const char *aliases) {
    while (*aliases) {
        size_t n = strcspn(aliases, ";");
        char *name = arena_text(l->mem, aliases, n);
        if (!name) {
            sweep_row_fault(l, &rows->item[at], ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
            return;
        }
        if (n) sweep_index_alias(l, x, rows, at, name);
        aliases += n + (aliases[n] != 0);
    }
}

/** Words of tuned or converted versions: the same shapes as the base model. */
static const char *const versions[] = {"instruct", "chat", "it", "base", "pt", "hf"};

static int is_version(const char *word, size_t n) {
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (strlen(versions[i]) == n && strncasecmp(word, versions[i], n) == 0) return 1;
    }
    return 0;
}

int sweep_bare_name(const char *name, char *out) {
    const char *slash = strrchr(name, '/');
    size_t at = 0;
    if (slash) name = slash + 1;
    if (strlen(name) >= SWEEP_BARE) return 0;
    for (int first = 1; *name; first = 0) {
        size_t n = strcspn(name, "-");
        if (first || !is_version(name, n)) {
            if (!first) out[at++] = '-';
            memcpy(out + at, name, n);
            at += n;
        }
        name += n + (name[n] != 0);
    }
    out[at] = 0;
    return at > 0;
}

int sweep_index_bare(sweep_index *x, const char *name, size_t row) {
    slot *s = probe(x->slots, x->cap, name);
    if (!s->name) return sweep_index_add(x, name, row) >= 0;
    if (s->row != row) s->row = SIZE_MAX;
    return 1;
}
