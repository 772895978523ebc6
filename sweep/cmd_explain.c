/*
 * cmd_explain.c - `explain AXIS=VALUE...`: every term of the phase that decides, with formula, numbers and source.
 * The terms add up to the component and the components to the total, to the byte.
 */
#include <string.h>

#include "kernels/eval/term.h"
#include "report/number.h"
#include "sweep/args.h"
#include "sweep/output.h"

/** Terms as lowering put them, with the numbers that entered. */
typedef struct terms {
    arena *mem;
    const char *numbers[KERN_TERMS_MAX];
    unsigned n;
    int failed;
} terms;

static void keep_numbers(void *ctx, const kern_term *term, const char *numbers) {
    terms *t = ctx;
    (void)term;
    if (t->n == KERN_TERMS_MAX) return;
    t->numbers[t->n] = arena_text(t->mem, numbers, strlen(numbers));
    if (!t->numbers[t->n]) t->failed = 1;
    t->n++;
}

static double term_value(const kern_term *t, double b, double s) {
    return kern_term_batch(t, kern_term_context(t, s), b, s);
}

/** Number of the phase whose total is the largest, the first on a tie. */
static unsigned deciding_phase(const kern_record *r, double b, double s) {
    double total[KERN_PHASES_MAX] = {0};
    unsigned best = 0;
    for (unsigned i = 0; i < r->n_terms; i++)
        total[r->term[i].phase] += term_value(&r->term[i], b, s);
    for (unsigned p = 1; p < r->n_phases; p++) {
        if (total[p] > total[best]) best = p;
    }
    return best;
}

static void print_amount(FILE *to, const char *label, double bytes) {
    char text[REPORT_GROUPED], gb[64], gib[64];
    report_grouped_text(bytes, text);
    report_number_text(bytes / report_unit_find("GB")->bytes, 3, gb);
    report_number_text(bytes / report_unit_find("GiB")->bytes, 3, gib);
    fprintf(to, "%-26s %22s bytes %14s GB %14s GiB\n", label, text, gb, gib);
}

static void print_component(FILE *to, const kern_record *r, const terms *t, unsigned phase, unsigned c,
                            const sweep_scenario *sc, double bytes) {
    print_amount(to, kern_component_name[c], bytes);
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *term = &r->term[i];
        char label[64];
        if (term->phase != phase || term->component != c) continue;
        const kern_formula *f = &kern_formulas[term->formula];
        snprintf(label, sizeof label, "  %s", f->name);
        print_amount(to, label, term_value(term, sc->batch, sc->context));
        fprintf(to, "      formula  %s\n      numbers  %s\n      source   %s\n", f->text, t->numbers[i], f->source);
    }
}

static void print_capacity(FILE *to, const sweep_scenario *sc, const sweep_answer *a) {
    if (!sc->gpu) return;
    fprintf(to, "\n%d x %s (%s): %s\n", sc->gpus, sc->gpu->name, sc->gpu->display, a->fits ? "fits" : "does not fit");
    print_amount(to, "usable", a->usable);
    fprintf(to, "largest batch %.0f, longest context %.0f tokens, fewest GPUs %.0f\n", a->max_batch, a->max_context,
            a->min_gpus);
}

static err print_text(sweep_ctx *ctx, const sweep_scenario *sc, const kern_record *r, const terms *t,
                      const sweep_answer *a) {
    unsigned phase = deciding_phase(r, sc->batch, sc->context);
    const char *line = sweep_args_describe(ctx, sc, NULL);
    fprintf(stdout, "%s\n", line ? line : "");
    fprintf(stdout, "model: %s; method: %s\n", sc->k.model->source, sc->k.method->source);
    if (r->n_phases > 1) fprintf(stdout, "phase or stage %u of %u decides\n", phase + 1, r->n_phases);
    fputc('\n', stdout);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        print_component(stdout, r, t, phase, c, sc, a->component[c]);
    print_amount(stdout, "total", a->total);
    if (a->low < a->total || a->high > a->total) {
        print_amount(stdout, "total, low", a->low);
        print_amount(stdout, "total, high", a->high);
    }
    if (r->charged) print_amount(stdout, "total as the document adds", a->charge);
    print_capacity(stdout, sc, a);
    return ERR_OK;
}

enum { COLUMN_COMPONENT, COLUMN_TERM, COLUMN_BYTES, COLUMN_FORMULA, COLUMN_NUMBERS, COLUMN_SOURCE, TERM_COLUMNS };

static err print_table(sweep_ctx *ctx, const sweep_scenario *sc, const kern_record *r, const terms *t) {
    static const report_column columns[TERM_COLUMNS] = {{"component", "", 0, 1}, {"term", "", 0, 1},
                                                        {"bytes", "", 0, 0},     {"formula", "", 0, 1},
                                                        {"numbers", "", 0, 1},   {"source", "", 0, 1}};
    unsigned phase = deciding_phase(r, sc->batch, sc->context);
    size_t at = 0;
    report_table *table = sweep_table_new(&ctx->mem, columns, TERM_COLUMNS, r->n_terms);
    if (!table) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *term = &r->term[i];
        if (term->phase != phase) continue;
        sweep_cell_text(table, at, COLUMN_COMPONENT, kern_component_name[term->component]);
        sweep_cell_text(table, at, COLUMN_TERM, kern_formulas[term->formula].name);
        sweep_cell_number(table, at, COLUMN_BYTES, term_value(term, sc->batch, sc->context));
        sweep_cell_text(table, at, COLUMN_FORMULA, kern_formulas[term->formula].text);
        sweep_cell_text(table, at, COLUMN_NUMBERS, t->numbers[i]);
        sweep_cell_text(table, at++, COLUMN_SOURCE, kern_formulas[term->formula].source);
    }
    table->n_rows = at;
    table->name = table->title = "terms";
    return sweep_output_table(ctx, table);
}

err sweep_cmd_explain(sweep_ctx *ctx) {
    const char *text[SC_COLUMNS];
    sweep_scenario sc;
    sweep_auto layouts;
    sweep_answer a;
    kern_record r;
    char why[DIAG_TEXT];
    terms t = {.mem = &ctx->mem};
    TRY(sweep_args_scenario(ctx, text, &sc, &layouts));
    err e = sweep_auto_choose(&layouts, &sc, why);
    if (e == ERR_OK) e = kern_lower(&sc.k, &(kern_bounds){sc.context, sc.batch}, &r, why, keep_numbers, &t);
    if (e == ERR_OK) e = sweep_scenario_answer(&sc, &a, why);
    if (e != ERR_OK) return diag_add(&ctx->faults, e, NULL, 0, 0, "scenario", "%s", why);
    if (t.failed) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (ctx->options->format == SWEEP_FORMAT_TEXT && !ctx->options->out) return print_text(ctx, &sc, &r, &t, &a);
    return print_table(ctx, &sc, &r, &t);
}
