/*
 * answers.c - a scenario is known by the texts of all its columns but context, batch and GPU; what its row holds beyond
 * that is worked out from the lowered record. Whatever is out of the ordinary (numbers that cannot be read, sums beyond
 * 2^53, texts without end, layouts to be searched for) takes the plain way, which also words the reason.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/answers_internal.h"
#include "sweep/auto_layout.h"

static err refuse(const diags *faults, err e, char *why) {
    const diag *first = &faults->item[0];
    snprintf(why, DIAG_TEXT, "%.40s%s%.260s", first->field ? first->field : "", first->field ? ": " : "",
             faults->n ? first->text : err_text(e));
    return e;
}

err sweep_answers_plain(const sweep_catalogs *c, const char *const text[SC_COLUMNS], sweep_scenario *sc,
                        sweep_answer *out, char *why) {
    diags faults = {.n = 0};
    const sweep_place at = {.file = NULL};
    sweep_auto layouts;
    err e = sweep_auto_build(c, text, &at, sc, &layouts, &faults);
    if (e != ERR_OK) return refuse(&faults, e, why);
    TRY(sweep_auto_choose(&layouts, sc, why));
    return sweep_scenario_answer(sc, out, why);
}

sweep_answers *sweep_answers_new(const sweep_catalogs *c, const sweep_column *columns, size_t n) {
    sweep_answers *m = calloc(1, sizeof *m);
    if (!m || !sweep_memo_init(&m->memo)) {
        free(m);
        return NULL;
    }
    m->catalogs = c;
    answers_forget(m); /* written before they are read: see sweep_memo_clear */
    for (size_t i = 0; i < n; i++) {
        sweep_column k = columns[i];
        if (k != SC_ID && k != SC_CONTEXT && k != SC_BATCH && k != SC_GPU && k != SC_GPUS) m->column[m->n++] = k;
    }
    return m;
}

void sweep_answers_free(sweep_answers *m) {
    if (!m) return;
    sweep_memo_fini(&m->memo);
    free(m);
}

/** Puts texts with their NULs into a key; 0 when they do not fit. */
static int put_key(answers_key *key, const char *const text[SC_COLUMNS], const sweep_column *column, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const char *field = text[column[i]] ? text[column[i]] : "";
        size_t bytes = strlen(field) + 1;
        if (key->n + bytes > sizeof key->text) return 0;
        memcpy(key->text + key->n, field, bytes);
        key->n += bytes;
    }
    return 1;
}

static int same_key(const answers_key *a, const answers_key *b) {
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

static const char *keep_text(sweep_answers *m, const char *text) {
    size_t n = strlen(text) + 1;
    char *kept = sweep_memo_take(&m->memo, n);
    return kept ? memcpy(kept, text, n) : NULL;
}

/** Keeps what lowering looks at: rows that knobs changed are the scenario's own. 0 when memory is gone. */
static int keep_scenario(sweep_answers *m, const sweep_scenario *sc, answers_known *k) {
    k->k = sc->k;
    if (sc->older_engine && !(k->older_engine = keep_text(m, sc->older_engine))) return 0;
    if (sc->k.mode != &sc->mode) return 1;
    kern_mode *mode = sweep_memo_take(&m->memo, sizeof *mode);
    kern_engine *engine = sweep_memo_take(&m->memo, sizeof *engine);
    if (!mode || !engine) return 0;
    *mode = sc->mode;
    *engine = sc->engine;
    k->k.mode = mode;
    k->k.engine = engine;
    return 1;
}

/** Resolves and lowers a scenario for good. The order of refusals is that of the plain way. */
static void learn(sweep_answers *m, const char *const text[SC_COLUMNS], int with_gpu, answers_known *k) {
    const char *own[SC_COLUMNS] = {NULL};
    const sweep_place at = {.file = NULL};
    char why[DIAG_TEXT];
    diags faults = {.n = 0};
    k->state = ANSWERS_ODD;
    for (size_t i = 0; i < m->n; i++)
        own[m->column[i]] = text[m->column[i]];
    if (with_gpu) own[SC_GPU] = text[SC_GPU];
    k->refused = sweep_scenario_build(m->catalogs, own, &at, &m->scenario, &faults);
    if (k->refused != ERR_OK) {
        refuse(&faults, k->refused, why);
        k->state = ANSWERS_UNKNOWN;
    } else if (!keep_scenario(m, &m->scenario, k)) {
        return;
    } else if ((k->refused = answers_lower(m, k, why)) == ERR_OK) {
        k->state = k->of.rest ? ANSWERS_READY : ANSWERS_ODD;
        return;
    } else if (k->refused == ERR_SCENARIO) {
        k->state = ANSWERS_REFUSED; /* ERR_RANGE names context and batch */
    }
    if (!(k->why = keep_text(m, why))) k->state = ANSWERS_ODD;
}

/** The scenario of these texts, by itself or as it is on the GPU, remembered or learnt; NULL when it cannot be. */
static const answers_known *known_as(sweep_answers *m, const char *const text[SC_COLUMNS], int with_gpu) {
    static const sweep_column gpu[] = {SC_GPU};
    answers_key key;
    key.n = 1;
    key.text[0] = with_gpu ? ANSWERS_SCENARIO_ON_GPU : ANSWERS_SCENARIO;
    if (!put_key(&key, text, m->column, m->n) || (with_gpu && !put_key(&key, text, gpu, 1))) return NULL;
    if (m->known && same_key(&key, &m->known_key)) return m->known;
    answers_known *k = sweep_memo_find(&m->memo, key.text, key.n);
    if (!k) {
        k = sweep_memo_add(&m->memo, key.text, key.n, sizeof *k);
        if (!k) return NULL;
        learn(m, text, with_gpu, k);
    }
    m->known = k;
    m->known_key.n = key.n;
    memcpy(m->known_key.text, key.text, key.n);
    return k;
}

/** Some engines have other defaults on some GPUs (sweep_scenario_on_gpu): there the GPU is part of the scenario. */
static const answers_known *known(sweep_answers *m, const char *const text[SC_COLUMNS]) {
    const answers_known *k = known_as(m, text, 0);
    if (!k || k->state == ANSWERS_UNKNOWN || k->state == ANSWERS_ODD || !text[SC_GPU] || !*text[SC_GPU]) return k;
    return k->k.engine->small_below > 0 || *k->k.engine->small_gpus ? known_as(m, text, 1) : k;
}

static int number(const char *const text[SC_COLUMNS], sweep_column c, sweep_axis axis, double *out) {
    const char *given = text[c] && *text[c] ? text[c] : sweep_columns[c].fallback;
    return sweep_resolve_number(axis, given, out, NULL, NULL) == ERR_OK;
}

static int given(const char *const text[SC_COLUMNS], sweep_column c) {
    return text[c] && *text[c];
}

/** Rows about a search for layouts, which is one for every context, batch and GPU. */
static int searches(const char *const text[SC_COLUMNS]) {
    return sweep_auto_is(text[SC_LAYOUT]) || given(text, SC_OBJECTIVE) || given(text, SC_GLOBAL_BATCH);
}

/** Answers from memory. 0 when the row has to take the plain way. */
static int remembered(sweep_answers *m, const char *const text[SC_COLUMNS], sweep_answer *out, sweep_stand_in *engine,
                      err *e, char *why) {
    double s, b;
    const answers_known *k;
    answers_held *h = NULL;
    if (searches(text)) return 0;
    if (!number(text, SC_CONTEXT, SWEEP_CONTEXT, &s) || !number(text, SC_BATCH, SWEEP_BATCH, &b)) return 0;
    if (!(k = known(m, text)) || k->state == ANSWERS_ODD) return 0;
    int on_gpu = given(text, SC_GPU) || given(text, SC_GPUS);
    if (k->state != ANSWERS_UNKNOWN && on_gpu && !(h = answers_hold(m, text, k))) return 0;
    *e = k->refused;
    if (*e != ERR_OK) {
        snprintf(why, DIAG_TEXT, "%s", k->why);
        return 1;
    }
    const kern_record *r = answers_join(m, &k->of);
    out->total = kern_eval_cell(r, b, s, out->component, &out->charge);
    if (out->total >= 0x1p53 || out->charge >= 0x1p53 || b * s > 0x1p40) return 0;
    if (!kern_total_range(&k->k, out->component, &out->low, &out->high)) out->low = out->high = NAN;
    out->held = h && h->gpu;
    out->serves = k->k.mode->train == KERN_INFERENCE;
    out->layout = k->k.layout;
    out->checkpointing = k->k.mode->checkpointing;
    if (out->held && !answers_fit(m, h, r, s, b, out)) return 0;
    *engine = (sweep_stand_in){k->older_engine, k->k.engine};
    return 1;
}

err sweep_answers_get(sweep_answers *m, const char *const text[SC_COLUMNS], sweep_answer *out, sweep_stand_in *engine,
                      char *why) {
    err e;
    engine->asked = NULL;
    if (sweep_memo_full(&m->memo)) {
        sweep_memo_clear(&m->memo);
        answers_forget(m);
    }
    if (remembered(m, text, out, engine, &e, why)) return e;
    e = sweep_answers_plain(m->catalogs, text, &m->scenario, out, why);
    if (e == ERR_OK) *engine = (sweep_stand_in){m->scenario.older_engine, m->scenario.k.engine};
    return e;
}
