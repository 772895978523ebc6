/*
 * procure_table.c - one table of columns for all views: what each is called, in which unit, and in which views it is.
 * A cell that is not known is blank.
 */
#include "sweep/procure_table.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "report/number.h"
#include "sweep/output.h"

/** Views that a column is in. IF_SEVERAL: values, on a screen, KV formats for people too; SERVING: not when training.
 */
enum { PEOPLE = 1, TERMINAL = 2, DATA = 4, IF_SEVERAL = 8, SERVING = 16 };
enum { ALL_DIGITS = -1 };

/** All there is to say about an option, by name. */
typedef struct facts {
    const char *model, *gpu, *gpu_display, *weights, *kv, *layout, *price_kind, *price_date, *price_source, *front;
    const char *cloud, *offer[REPORT_TARIFFS]; /* who rents on demand; what, in full */
    double place, users, context, rank, pareto, tp, pp, replicas, gpus, nodes, per_replica, share, capacity;
    double need, usable, headroom, used, percent, price, purchase, kilowatts, electricity, own;
    double hour[REPORT_TARIFFS], month[REPORT_TARIFFS], even[REPORT_TARIFFS];
    double cost, cost_user, tokens_user, tokens, read, experts, expert_share, cache_user;
} facts;

/** `$` in a unit stands for the currency. `data`: name in files for programs; `scale`: bytes to the unit of people. */
typedef struct column {
    const char *data, *data_unit, *title, *terse, *unit;
    int decimals, views, is_text;
    size_t at;
    double scale;
} column;

#define TEXT(data, title, terse, member, views)                                                                        \
    { data, "", title, terse, "", 0, views, 1, offsetof(facts, member), 1 }
#define REAL(data, data_unit, title, terse, unit, decimals, member, scale, views)                                      \
    { data, data_unit, title, terse, unit, decimals, views, 0, offsetof(facts, member), scale }
#define ONLY_DATA(data, unit, member) REAL(data, unit, "", "", "", 0, member, 1, DATA)

static const column columns[] = {
    REAL("", "", "", "#", "", 0, place, 1, TERMINAL),
    TEXT("model", "", "model", model, DATA | IF_SEVERAL),
    TEXT("gpu", "", "gpu", gpu, DATA | TERMINAL),
    TEXT("", "GPU", "", gpu_display, PEOPLE),
    REAL("", "", "#", "", "", 0, place, 1, PEOPLE),
    TEXT("weights", "Weights", "weights", weights, DATA | PEOPLE | TERMINAL),
    TEXT("kv", "KV", "kv", kv, DATA | IF_SEVERAL),
    TEXT("layout", "Layout", "layout", layout, DATA | PEOPLE | TERMINAL),
    ONLY_DATA("context", "tokens", context),
    REAL("users", "", "", "users", "", 0, users, 1, DATA | IF_SEVERAL),
    ONLY_DATA("rank", "", rank),
    ONLY_DATA("pareto", "", pareto),
    ONLY_DATA("tp", "", tp),
    ONLY_DATA("pp", "", pp),
    ONLY_DATA("replicas", "", replicas),
    REAL("gpus", "", "GPUs", "gpus", "", 0, gpus, 1, DATA | PEOPLE | TERMINAL),
    REAL("nodes", "", "Nodes", "", "", 0, nodes, 1, DATA | PEOPLE),
    REAL("cost_user", "$/month", "Cost per user", "user", "$/month", 2, cost_user, 1,
         DATA | PEOPLE | TERMINAL | SERVING),
    ONLY_DATA("cost", "$/month", cost),
    TEXT("", "Front", "", front, PEOPLE),
    REAL("purchase", "$", "Purchase", "purchase", "$", 0, purchase, 1, DATA | PEOPLE | TERMINAL),
    REAL("own", "$/month", "Own", "own", "$/month", 0, own, 1, DATA | PEOPLE | TERMINAL),
    REAL("on_demand", "$/month", "On demand", "rent", "$/month", 0, month[REPORT_ON_DEMAND], 1,
         DATA | PEOPLE | TERMINAL),
    TEXT("", "Cloud", "", cloud, PEOPLE),
    REAL("break_even_on_demand", "months", "Break-even", "even", "months", 1, even[REPORT_ON_DEMAND], 1,
         DATA | PEOPLE | TERMINAL),
    REAL("tokens_user", "1/s", "Tokens per user", "tok/s", "1/s", 1, tokens_user, 1,
         DATA | PEOPLE | TERMINAL | SERVING),
    REAL("tokens", "1/s", "Tokens", "", "1/s", 0, tokens, 1, DATA | PEOPLE | SERVING),
    REAL("users_held", "", "Users held", "", "", 0, capacity, 1, DATA | PEOPLE | SERVING),
    ONLY_DATA("users_per_replica", "", per_replica),
    ONLY_DATA("users_fullest_replica", "", share),
    ONLY_DATA("need", "bytes", need),
    ONLY_DATA("usable", "bytes", usable),
    REAL("headroom", "bytes", "Headroom", "", "GB", 1, headroom, 1e9, DATA | PEOPLE),
    REAL("", "", "Used", "used%", "%", 0, percent, 1, PEOPLE | TERMINAL),
    ONLY_DATA("used", "", used),
    ONLY_DATA("power", "kW", kilowatts),
    ONLY_DATA("electricity", "$/month", electricity),
    ONLY_DATA("gpu_price", "$", price),
    TEXT("gpu_price_kind", "", "", price_kind, DATA),
    TEXT("gpu_price_date", "", "", price_date, DATA),
    TEXT("gpu_price_source", "", "", price_source, DATA),
    ONLY_DATA("on_demand", "$/h", hour[REPORT_ON_DEMAND]),
    TEXT("on_demand_offer", "", "", offer[REPORT_ON_DEMAND], DATA),
    ONLY_DATA("spot", "$/h", hour[REPORT_SPOT]),
    TEXT("spot_offer", "", "", offer[REPORT_SPOT], DATA),
    REAL("spot", "$/month", "Spot", "", "$/month", 0, month[REPORT_SPOT], 1, DATA | PEOPLE),
    ONLY_DATA("break_even_spot", "months", even[REPORT_SPOT]),
    ONLY_DATA("reserved", "$/h", hour[REPORT_RESERVED]),
    TEXT("reserved_offer", "", "", offer[REPORT_RESERVED], DATA),
    REAL("reserved", "$/month", "Reserved", "", "$/month", 0, month[REPORT_RESERVED], 1, DATA | PEOPLE),
    ONLY_DATA("break_even_reserved", "months", even[REPORT_RESERVED]),
    ONLY_DATA("read", "bytes", read),
    ONLY_DATA("experts", "bytes", experts),
    ONLY_DATA("expert_share", "", expert_share),
    ONLY_DATA("cache_user", "bytes", cache_user),
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/** Options under one number of users, in order. */
typedef struct block {
    double users;
    report_answer *answer;
    size_t *order;
} block;

/** A table on its way. */
typedef struct making {
    const sweep_procure *q;
    sweep_procure_view view;
    int bit;
    block *blocks;
    size_t *row, *of, *place; /* option and block of each row, its number under its heading */
    report_group *group;
    size_t n_rows, n_groups;
} making;

/** Works that differ from the first in their model or, `kv`, their KV format. */
static int differ(const sweep_procure *q, int kv) {
    for (size_t i = 1; i < q->n_works; i++) {
        const sweep_work *w = &q->work[i];
        if (kv ? w->kv != q->work->kv : w->combo.sc.model != q->work->combo.sc.model) return 1;
    }
    return 0;
}

static int is_shown(const making *m, const column *c) {
    int trains = m->q->work->combo.sc.mode->train != KERN_INFERENCE;
    if (trains && c->views & SERVING && m->view != SWEEP_VIEW_DATA) return 0;
    if (c->views & m->bit) return 1;
    if (!(c->views & IF_SEVERAL)) return 0;
    if (c->at == offsetof(facts, kv)) return differ(m->q, 1);
    if (m->view != SWEEP_VIEW_TERMINAL) return 0;
    return c->at == offsetof(facts, users) ? m->q->buying.n_users > 1 : differ(m->q, 0);
}

/** A unit with the currency in place of `$`. */
static const char *unit_of(const making *m, const char *unit) {
    const char *dollar = strchr(unit, '$');
    if (!dollar) return unit;
    return arena_printf(m->q->mem, "%.*s%s%s", (int)(dollar - unit), unit, m->q->buying.currency, dollar + 1);
}

static report_column *make_columns(const making *m, size_t *n) {
    report_column *out = arena_alloc(m->q->mem, COLUMNS, sizeof *out);
    *n = 0;
    for (size_t i = 0; out && i < COLUMNS; i++) {
        const column *c = &columns[i];
        if (!is_shown(m, c)) continue;
        const char *title = m->view == SWEEP_VIEW_PEOPLE     ? c->title
                            : m->view == SWEEP_VIEW_TERMINAL ? c->terse
                                                             : c->data;
        const char *unit = m->view == SWEEP_VIEW_PEOPLE ? c->unit : m->view == SWEEP_VIEW_TERMINAL ? "" : c->data_unit;
        int decimals = m->view == SWEEP_VIEW_DATA ? ALL_DIGITS : c->decimals;
        out[*n] = (report_column){title, unit_of(m, unit), decimals, c->is_text};
        if (!out[(*n)++].unit) return NULL;
    }
    return out;
}

static facts facts_of(const making *m, size_t at, const block *b) {
    const report_procurement *p = &m->q->report;
    const report_option *o = &p->option[at];
    const report_answer *a = &b->answer[at];
    const report_gpu *g = &p->gpu[o->gpu];
    facts f = {.model = o->model,
               .gpu = g->name,
               .gpu_display = g->display,
               .weights = o->weights,
               .kv = o->kv,
               .layout = o->layout,
               .price_kind = g->price_kind,
               .price_date = g->price_date,
               .price_source = g->price_source,
               .front = a->pareto ? "\xe2\x97\x8f" : "",
               .users = b->users,
               .context = p->inputs.context,
               .rank = a->rank,
               .pareto = a->pareto,
               .tp = o->tp,
               .pp = o->pp,
               .replicas = a->replicas,
               .gpus = a->gpus,
               .nodes = a->nodes,
               .share = a->share,
               .capacity = a->capacity,
               .need = a->need,
               .headroom = a->headroom,
               .used = a->used,
               .percent = 100 * a->used,
               .purchase = a->purchase,
               .kilowatts = a->kilowatts,
               .electricity = a->electricity,
               .own = a->own_month,
               .cost = a->cost,
               .cost_user = a->cost_user,
               .tokens_user = a->tokens_user,
               .tokens = a->tokens,
               .read = o->read,
               .experts = o->experts,
               .expert_share = o->expert_share};
    size_t c = 0;
    while (p->context[c] < p->inputs.context)
        c++;
    f.price = g->price * (g->price_usd > 0 ? p->inputs.per_usd : 1);
    f.per_replica = o->load[c].users;
    f.usable = o->load[c].capacity;
    f.cache_user = o->load[c].cache_user;
    memcpy(f.hour, a->hour, sizeof f.hour);
    memcpy(f.month, a->month, sizeof f.month);
    memcpy(f.even, a->break_even, sizeof f.even);
    if (o->trains) f.share = f.capacity = f.read = f.experts = f.expert_share = f.cache_user = NAN;
    return f;
}

/** "3 x p5.48xlarge, aws, us-east-1, 2026-01-21"; NULL: none. */
static const char *offer_text(const making *m, const report_offer *f, double count) {
    return f ? arena_printf(m->q->mem, "%.0f x %s, %s, %s%s%s", count, f->instance, f->provider, f->region,
                            *f->region ? ", " : "", f->date)
             : NULL;
}

static void name_offers(const making *m, size_t at, const block *b, facts *f) {
    const report_procurement *p = &m->q->report;
    for (int t = 0; t < REPORT_TARIFFS && m->view != SWEEP_VIEW_TERMINAL; t++) {
        double count = 0;
        const report_offer *of =
            report_procurement_offer(p, &p->option[at], b->answer[at].replicas, (report_tariff)t, &count);
        if (m->view == SWEEP_VIEW_DATA) f->offer[t] = offer_text(m, of, count);
        if (t == REPORT_ON_DEMAND) f->cloud = of ? of->provider : NULL;
    }
}

static void fill_row(const making *m, report_table *t, size_t row) {
    facts f = facts_of(m, m->row[row], &m->blocks[m->of[row]]);
    size_t j = 0;
    name_offers(m, m->row[row], &m->blocks[m->of[row]], &f);
    f.place = isnan(f.rank) ? NAN : (double)m->place[row];
    for (size_t i = 0; i < COLUMNS; i++) {
        const column *c = &columns[i];
        if (!is_shown(m, c)) continue;
        const char *at = (const char *)&f + c->at, *text = NULL;
        double number = NAN;
        if (c->is_text) {
            memcpy(&text, at, sizeof text);
        } else {
            memcpy(&number, at, sizeof number);
        }
        sweep_cell_text(t, row, j, text);
        if (!isnan(number)) sweep_cell_number(t, row, j, m->view == SWEEP_VIEW_DATA ? number : number / c->scale);
        j++;
    }
}

/** People see each GPU and format once, by its best layout, unless there is but one GPU. */
static int is_first_of_kind(const making *m, const report_option *o, size_t from) {
    if (m->q->n_gpus == 1) return 1;
    for (size_t i = from; i < m->n_rows; i++) {
        const report_option *x = &m->q->report.option[m->row[i]];
        if (x->gpu == o->gpu && x->weights == o->weights && x->kv == o->kv) return 0;
    }
    return 1;
}

/** Rows of one model and number of users. */
static void pick_rows(making *m, const char *model, size_t b) {
    const report_procurement *p = &m->q->report;
    size_t from = m->n_rows, top = m->view == SWEEP_VIEW_DATA ? 0 : (size_t)m->q->buying.top;
    for (size_t i = 0; i < p->n_options && (!top || m->n_rows - from < top); i++) {
        size_t at = m->blocks[b].order[i];
        const report_option *o = &p->option[at];
        const report_answer *a = &m->blocks[b].answer[at];
        if (o->model != model || isnan(a->gpus)) continue;
        if (m->view != SWEEP_VIEW_DATA && (a->tokens_user < m->q->buying.min_tokens || !is_first_of_kind(m, o, from)))
            continue;
        m->place[m->n_rows] = m->n_rows - from + 1;
        m->row[m->n_rows] = at;
        m->of[m->n_rows++] = b;
    }
}

const char *sweep_procure_workload(const sweep_procure *q, const kern_model *model, double users) {
    char count[REPORT_GROUPED], tokens[REPORT_GROUPED];
    report_grouped_text(users, count);
    report_grouped_text(q->shown_context, tokens);
    if (q->work->combo.sc.mode->train != KERN_INFERENCE)
        return arena_printf(q->mem, "%s, %s tokens a sequence", model->display, tokens);
    return arena_printf(q->mem, "%s: %s user%s of %s tokens", model->display, count, users > 1 ? "s" : "", tokens);
}

/** Models in the order of the works, each with all numbers of users. */
static int pick_groups(making *m) {
    const sweep_procure *q = m->q;
    for (size_t w = 0; w < q->n_works; w++) {
        const kern_model *model = q->work[w].combo.sc.model;
        size_t before = 0;
        while (q->work[before].combo.sc.model != model)
            before++;
        for (size_t b = 0; before == w && b < q->buying.n_users; b++) {
            size_t from = m->n_rows;
            pick_rows(m, model->name, b);
            if (m->n_rows == from) continue;
            m->group[m->n_groups] = (report_group){from, sweep_procure_workload(q, model, m->blocks[b].users)};
            if (!m->group[m->n_groups++].label) return 0;
        }
    }
    return 1;
}

static int answer_blocks(making *m) {
    const sweep_procure *q = m->q;
    size_t n = q->report.n_options;
    m->blocks = arena_alloc(q->mem, q->buying.n_users + 1, sizeof *m->blocks);
    for (size_t b = 0; m->blocks && b < q->buying.n_users; b++) {
        report_procurement p = q->report;
        block *to = &m->blocks[b];
        *to = (block){(double)q->buying.users[b], arena_alloc(q->mem, n + 1, sizeof *to->answer),
                      arena_alloc(q->mem, n + 1, sizeof *to->order)};
        p.inputs.users = to->users;
        if (!to->answer || !to->order || sweep_procure_order(&p, to->answer, to->order) != ERR_OK) return 0;
    }
    return m->blocks != NULL;
}

report_table *sweep_procure_table(const sweep_procure *q, sweep_procure_view view) {
    making m = {.q = q,
                .view = view,
                .bit = view == SWEEP_VIEW_PEOPLE ? PEOPLE
                       : view == SWEEP_VIEW_DATA ? DATA
                                                 : TERMINAL};
    size_t most = q->report.n_options * q->buying.n_users, n;
    m.row = arena_alloc(q->mem, most + 1, sizeof *m.row);
    m.of = arena_alloc(q->mem, most + 1, sizeof *m.of);
    m.place = arena_alloc(q->mem, most + 1, sizeof *m.place);
    m.group = arena_alloc(q->mem, q->n_works * q->buying.n_users + 1, sizeof *m.group);
    if (!m.row || !m.of || !m.place || !m.group || !answer_blocks(&m) || !pick_groups(&m)) return NULL;
    const report_column *c = make_columns(&m, &n);
    report_table *t = c ? sweep_table_new(q->mem, c, n, m.n_rows) : NULL;
    for (size_t i = 0; t && i < m.n_rows; i++)
        fill_row(&m, t, i);
    if (t && view == SWEEP_VIEW_PEOPLE) {
        t->groups = m.group;
        t->n_groups = m.n_groups;
        t->group_title = "workload";
    }
    return t;
}

/* ---- GPUs that hold nothing ---- */

enum { NO_MODEL, NO_GPU, NO_WEIGHTS, NO_KV, NO_LAYOUT, NO_GPUS, NO_NEED, NO_USABLE, NO_WHY, NO_COLUMNS };

report_table *sweep_procure_refused(const sweep_procure *q, sweep_procure_view view) {
    static const report_column people[NO_COLUMNS] = {{"Model", "", 0, 1},
                                                     {"GPU", "", 0, 1},
                                                     {"Weights", "", 0, 1},
                                                     {"KV", "", 0, 1},
                                                     {"Best layout tried", "", 0, 1},
                                                     {"GPUs", "", 0, 0},
                                                     {"Needs", "GB", 1, 0},
                                                     {"Usable", "GB", 1, 0},
                                                     {"Why", "", 0, 1}};
    static const report_column data[NO_COLUMNS] = {
        {"model", "", 0, 1},      {"gpu", "", 0, 1},          {"weights", "", 0, 1},
        {"kv", "", 0, 1},         {"layout", "", 0, 1},       {"gpus", "", 0, 0},
        {"need", "bytes", -1, 0}, {"usable", "bytes", -1, 0}, {"why", "", 0, 1}};
    int shown = view != SWEEP_VIEW_DATA;
    double unit = shown ? report_unit_find("GB")->bytes : 1;
    report_table *t = sweep_table_new(q->mem, shown ? people : data, NO_COLUMNS, q->n_refusals);
    for (size_t i = 0; t && i < q->n_refusals; i++) {
        const sweep_refusal *r = &q->refusal[i];
        const sweep_work *w = &q->work[r->work];
        const kern_model *m = w->combo.sc.model;
        sweep_cell_text(t, i, NO_MODEL, shown ? m->display : m->name);
        sweep_cell_text(t, i, NO_GPU, shown ? q->gpu[r->gpu]->display : q->gpu[r->gpu]->name);
        sweep_cell_text(t, i, NO_WEIGHTS, w->weights);
        sweep_cell_text(t, i, NO_KV, w->kv);
        sweep_cell_text(t, i, NO_LAYOUT, r->layout);
        if (!isnan(r->gpus)) sweep_cell_number(t, i, NO_GPUS, r->gpus);
        if (!isnan(r->need)) sweep_cell_number(t, i, NO_NEED, r->need / unit);
        if (!isnan(r->capacity)) sweep_cell_number(t, i, NO_USABLE, r->capacity / unit);
        sweep_cell_text(t, i, NO_WHY, r->why);
    }
    return t;
}
