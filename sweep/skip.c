/*
 * skip.c - asks compiled skip rules, and compiles them: text -> terms -> bit sets over the values of each axis. Refuses
 * unknown axes, names and tags, numbers where names belong, and rules that are too long.
 */
#include "sweep/skip.h"

#include "common/text.h"
#include "sweep/axes.h"

#include <string.h>

/** Bits of the values a rule matches, NULL for axes that it does not name. */
typedef struct rule {
    uint64_t *match[SWEEP_AXES];
} rule;

/** Rules that a combination alone decides come first. */
struct sweep_skip {
    rule *rule;
    size_t n_combo, n;
};

static int has(const uint64_t *bits, size_t i) {
    return (int)(bits[i / 64] >> (i % 64) & 1);
}

static int matches_combo(const rule *r, const uint32_t at[SWEEP_CATEGORIES]) {
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        if (r->match[a] && !has(r->match[a], at[a])) return 0;
    return 1;
}

int sweep_skip_combo(const sweep_skip *skip, const uint32_t at[SWEEP_CATEGORIES]) {
    for (size_t i = 0; skip && i < skip->n_combo; i++)
        if (matches_combo(&skip->rule[i], at)) return 1;
    return 0;
}

int sweep_skip_cell(const sweep_skip *skip, const uint32_t at[SWEEP_CATEGORIES], size_t i_context, size_t i_batch,
                    long i_gpu) {
    for (size_t i = skip ? skip->n_combo : 0; skip && i < skip->n; i++) {
        const rule *r = &skip->rule[i];
        if (r->match[SWEEP_CONTEXT] && !has(r->match[SWEEP_CONTEXT], i_context)) continue;
        if (r->match[SWEEP_BATCH] && !has(r->match[SWEEP_BATCH], i_batch)) continue;
        if (r->match[SWEEP_GPU] && (i_gpu < 0 || !has(r->match[SWEEP_GPU], (size_t)i_gpu))) continue;
        if (matches_combo(r, at)) return 1;
    }
    return 0;
}

int sweep_skip_has_cells(const sweep_skip *skip) {
    return skip && skip->n > skip->n_combo;
}

int sweep_skip_has_grid(const sweep_skip *skip) {
    for (size_t i = skip ? skip->n_combo : 0; skip && i < skip->n; i++) {
        if (skip->rule[i].match[SWEEP_CONTEXT] || skip->rule[i].match[SWEEP_BATCH]) return 1;
    }
    return 0;
}

/** One rule while it is compiled. */
typedef struct compiler {
    arena *mem;
    const sweep_plan *p;
    const sweep_place *at;
    diags *faults;
} compiler;

static err refuse(const compiler *c, err code, const char *text, const char *why) {
    return diag_add(c->faults, code, c->at->file, c->at->line, c->at->column, c->at->field, "'%.60s': %s", text, why);
}

/** Cuts blanks at both ends, in place. */
static char *trim(char *text) {
    text += strspn(text, " ");
    size_t n = strlen(text);
    while (n && text[n - 1] == ' ')
        n--;
    text[n] = 0;
    return text;
}

typedef enum relation { IS, IS_NOT, LESS, LESS_OR_IS, MORE, MORE_OR_IS } relation;

/** Finds the relation of a term, ends the axis name before it; *right is what follows. 0 when there is none. */
static int split(char *term, relation *rel, char **right) {
    char *op = strpbrk(term, "=!<>");
    if (!op || (*op == '!' && op[1] != '=')) return 0;
    const int two = op[0] != '=' && op[1] == '=';
    switch (*op) {
    case '=':
        *rel = IS;
        break;
    case '!':
        *rel = IS_NOT;
        break;
    case '<':
        *rel = two ? LESS_OR_IS : LESS;
        break;
    default:
        *rel = two ? MORE_OR_IS : MORE;
        break;
    }
    *op = 0;
    *right = op + 1 + two;
    return 1;
}

static int holds(relation rel, double value, double bound) {
    switch (rel) {
    case LESS:
        return value < bound;
    case LESS_OR_IS:
        return value <= bound;
    case MORE:
        return value > bound;
    case MORE_OR_IS:
        return value >= bound;
    default:
        return value == bound;
    }
}

/** Sets the bits of a number axis that one alternative names. */
static err match_number(const compiler *c, sweep_axis axis, relation rel, const char *text, uint64_t *bits) {
    const double *value = axis == SWEEP_CONTEXT ? c->p->context : c->p->batch;
    double bound;
    TRY(sweep_resolve_number(axis, text, &bound, c->at, c->faults));
    for (size_t i = 0; i < c->p->n[axis]; i++)
        if (holds(rel, value[i], bound)) bits[i / 64] |= (uint64_t)1 << (i % 64);
    return ERR_OK;
}

/** Value i of a categorical axis or GPU of the plan. */
static sweep_value value_at(const sweep_plan *p, sweep_axis axis, size_t i) {
    if (axis != SWEEP_GPU) return p->value[axis][i];
    return (sweep_value){.label = p->gpu[i]->name, .row.gpu = p->gpu[i]};
}

/** Sets the bits of an axis of names; an engine without version means all its versions. */
static err match_name(const compiler *c, sweep_axis axis, const char *text, uint64_t *bits) {
    const int pattern = sweep_is_pattern(text);
    sweep_value wanted = {.label = text};
    if (text[0] == '@') TRY(sweep_tag_check(c->p->catalogs, axis, text, c->at, c->faults));
    if (!pattern) TRY(sweep_resolve_value(c->p->catalogs, axis, text, &wanted, c->at, c->faults));
    for (size_t i = 0; i < c->p->n[axis]; i++) {
        const sweep_value v = value_at(c->p, axis, i);
        const int same =
            pattern ? sweep_value_matches(axis, &v, text)
                    : sweep_value_same(axis, &v, &wanted) || (axis == SWEEP_ENGINE && sweep_engine_is(&v, text));
        if (same) bits[i / 64] |= (uint64_t)1 << (i % 64);
    }
    return ERR_OK;
}

/** Pattern of a term: alternatives joined by '|'. */
static err match_pattern(const compiler *c, sweep_axis axis, relation rel, char *pattern, uint64_t *bits) {
    const int number = axis == SWEEP_CONTEXT || axis == SWEEP_BATCH;
    unsigned alternatives = 0;
    for (char *next; pattern; pattern = next) {
        next = strchr(pattern, '|');
        if (next) *next++ = 0;
        const char *text = trim(pattern);
        if (!text[0]) return refuse(c, ERR_SYNTAX, sweep_axis_name[axis], "a pattern is missing");
        if (++alternatives > SWEEP_SKIP_ALTERNATIVES)
            return refuse(c, ERR_LIMIT, text, "a term has at most 64 alternatives");
        TRY(number ? match_number(c, axis, rel, text, bits) : match_name(c, axis, text, bits));
    }
    return ERR_OK;
}

static err find_axis(const compiler *c, const char *name, sweep_axis *axis) {
    char near[DIAG_TEXT];
    *axis = sweep_axis_find(name);
    if (*axis != SWEEP_AXES) return ERR_OK;
    text_suggest(name, sweep_axis_next, NULL, 2, near, sizeof near);
    return diag_add(c->faults, ERR_KEY, c->at->file, c->at->line, c->at->column, c->at->field, "'%.60s' is no axis%s%s",
                    name, near[0] ? "; " : "", near);
}

/** Terms on the same axis narrow each other. */
static void narrow(rule *r, sweep_axis axis, uint64_t *bits, size_t words, int inverted) {
    for (size_t i = 0; i < words; i++) {
        if (inverted) bits[i] = ~bits[i];
        if (r->match[axis]) bits[i] &= r->match[axis][i];
    }
    r->match[axis] = bits;
}

static err compile_term(const compiler *c, char *term, rule *r) {
    relation rel;
    sweep_axis axis;
    char *right;
    if (!trim(term)[0]) return refuse(c, ERR_SYNTAX, "&", "a term is missing beside it");
    if (!split(term, &rel, &right))
        return refuse(c, ERR_SYNTAX, term, "expected AXIS=PATTERN, AXIS!=PATTERN or a comparison such as context>32k");
    TRY(find_axis(c, trim(term), &axis));
    if (rel > IS_NOT && axis != SWEEP_CONTEXT && axis != SWEEP_BATCH)
        return refuse(c, ERR_SYNTAX, sweep_axis_name[axis], "only context and batch compare with < and >");
    if (rel > IS_NOT && strchr(right, '|')) return refuse(c, ERR_SYNTAX, right, "a comparison has one number");
    const size_t words = c->p->n[axis] / 64 + 1;
    uint64_t *bits = arena_alloc(c->mem, words, sizeof *bits);
    if (!bits) return refuse(c, ERR_MEMORY, term, err_text(ERR_MEMORY));
    TRY(match_pattern(c, axis, rel, right, bits));
    narrow(r, axis, bits, words, rel == IS_NOT);
    return ERR_OK;
}

static err compile_rule(const compiler *c, const char *text, rule *r) {
    unsigned terms = 0;
    char *copy = arena_text(c->mem, text, strlen(text));
    if (!copy) return refuse(c, ERR_MEMORY, text, err_text(ERR_MEMORY));
    for (char *next; copy; copy = next) {
        next = strchr(copy, '&');
        if (next) *next++ = 0;
        if (++terms > SWEEP_SKIP_TERMS) return refuse(c, ERR_LIMIT, text, "a rule has at most 16 terms");
        TRY(compile_term(c, copy, r));
    }
    return ERR_OK;
}

static int needs_cell(const rule *r) {
    return r->match[SWEEP_CONTEXT] || r->match[SWEEP_BATCH] || r->match[SWEEP_GPU];
}

/** Combination rules to the front. */
static void sort_rules(sweep_skip *s) {
    for (size_t i = 0; i < s->n; i++) {
        if (needs_cell(&s->rule[i])) continue;
        const rule moved = s->rule[i];
        s->rule[i] = s->rule[s->n_combo];
        s->rule[s->n_combo++] = moved;
    }
}

err sweep_skip_compile(const sweep_skip **out, arena *mem, const sweep_plan *p, const sweep_items *rules,
                       const char *file, diags *faults) {
    err first = ERR_OK;
    sweep_skip *s = arena_alloc(mem, 1, sizeof *s);
    if (!s || !(s->rule = arena_alloc(mem, rules->n + 1, sizeof *s->rule)))
        return diag_add(faults, ERR_MEMORY, file, 0, 0, "skip", "%s", err_text(ERR_MEMORY));
    s->n = rules->n;
    for (size_t i = 0; i < rules->n; i++) {
        const sweep_place at = {file, rules->item[i].line, rules->item[i].column, "skip"};
        const compiler c = {mem, p, &at, faults};
        const err code = compile_rule(&c, rules->item[i].text, &s->rule[i]);
        if (first == ERR_OK) first = code;
    }
    if (first != ERR_OK) return first;
    sort_rules(s);
    *out = rules->n ? s : NULL;
    return ERR_OK;
}
