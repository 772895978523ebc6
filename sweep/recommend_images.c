/*
 * recommend_images.c - image-generation models (images.csv): parameters of each component, and their bytes in each
 * weight format of the sweep. Every parameter counts in the format; activations depend on the picture and are not
 * counted.
 */
#include "sweep/recommend.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "report/number.h"
#include "sweep/output.h"
#include "sweep/facts.h"
#include "sweep/table_load.h"

/** A component of an image model. */
typedef struct component {
    const char *model, *display_name, *component;
    int64_t params;
    double published_gb; /* what a guide says the whole model needs, on its first component; 0: nothing */
    const char *published_gpu, *published_source, *source, *notes;
} component;

#define F(name, kind, least, most, required)                                                                           \
    { #name, kind, offsetof(component, name), least, most, NULL, required }
static const sweep_field fields[] = {
    F(model, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(display_name, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(component, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(params, SWEEP_FIELD_INT, 1, 1e13, 1),
    F(published_gb, SWEEP_FIELD_REAL, 0, 1e4, 0),
    F(published_gpu, SWEEP_FIELD_TEXT, 0, 0, 0),
    F(published_source, SWEEP_FIELD_TEXT, 0, 0, 0),
    F(source, SWEEP_FIELD_TEXT, 0, 0, 1),
    F(notes, SWEEP_FIELD_TEXT, 0, 0, 0),
};
#undef F

enum { IMAGE_COMPONENT, IMAGE_PARAMS, IMAGE_FORMATS };

/** State of one table. */
typedef struct images {
    sweep_run *run;
    const sweep_report *r;
    sweep_pick pick;
    const component *part;
    size_t n_parts, formats;
    report_table *table;
    report_group *group;
    size_t n_groups, row;
} images;

static const kern_format *format_at(const images *t, size_t i) {
    return t->pick.plan->value[SWEEP_WEIGHTS][t->pick.index[SWEEP_WEIGHTS][i]].row.format;
}

static int starts_model(const images *t, size_t i) {
    return i == 0 || strcmp(t->part[i].model, t->part[i - 1].model) != 0;
}

static err make_table(images *t) {
    size_t n = IMAGE_FORMATS + t->formats + 2, models = 0;
    report_column *c = arena_alloc(&t->run->ctx->mem, n, sizeof *c);
    if (!c) return sweep_run_no_memory(t->run);
    for (size_t i = 0; i < t->n_parts; i++)
        models += (size_t)starts_model(t, i);
    c[IMAGE_COMPONENT] = (report_column){"Component", "", 0, 1};
    c[IMAGE_PARAMS] = (report_column){"Parameters", "", 0, 0};
    for (size_t i = 0; i < t->formats; i++)
        c[IMAGE_FORMATS + i] =
            (report_column){sweep_pick_label(&t->pick, SWEEP_WEIGHTS, i), "GB", (int)t->r->decimals, 0};
    c[n - 2] = (report_column){"A guide says", "", 0, 1};
    c[n - 1] = (report_column){"Source", "", 0, 1};
    t->table = sweep_table_new(&t->run->ctx->mem, c, n, t->n_parts + models);
    t->group = arena_alloc(&t->run->ctx->mem, models + 1, sizeof *t->group);
    return t->table && t->group ? ERR_OK : sweep_run_no_memory(t->run);
}

static void fill_numbers(images *t, const char *name, int64_t params, const double *bytes) {
    sweep_cell_text(t->table, t->row, IMAGE_COMPONENT, name);
    sweep_cell_number(t->table, t->row, IMAGE_PARAMS, (double)params);
    for (size_t i = 0; i < t->formats; i++)
        sweep_cell_number(t->table, t->row, IMAGE_FORMATS + i, bytes[i] / report_unit_find("GB")->bytes);
}

/** What a guide says about the whole model, beside what its weights alone take in 16 bit. */
static err fill_claim(images *t, const component *first) {
    if (first->published_gb <= 0) return ERR_OK;
    const kern_gpu *gpu = sweep_find_gpu(&t->run->ctx->catalogs, first->published_gpu);
    const char *said =
        arena_printf(&t->run->ctx->mem, "%g GB%s%s", first->published_gb, gpu ? ", " : "", gpu ? gpu->display : "");
    if (!said) return sweep_run_no_memory(t->run);
    sweep_cell_text(t->table, t->row, t->table->n_columns - 2, said);
    sweep_cell_text(t->table, t->row, t->table->n_columns - 1, first->published_source);
    return ERR_OK;
}

/** Components from `first` on and their sum; returns the next model's first. */
static err fill_model(images *t, size_t first, size_t *next, double *bytes, double *sum) {
    int64_t params = 0;
    size_t i = first;
    t->group[t->n_groups++] = (report_group){t->row, t->part[first].display_name};
    memset(sum, 0, t->formats * sizeof *sum);
    do {
        for (size_t k = 0; k < t->formats; k++) {
            bytes[k] = ceil((double)t->part[i].params * format_at(t, k)->bits / 8);
            sum[k] += bytes[k];
        }
        fill_numbers(t, t->part[i].component, t->part[i].params, bytes);
        sweep_cell_text(t->table, t->row++, t->table->n_columns - 1, t->part[i].source);
        params += t->part[i].params;
        i++;
    } while (i < t->n_parts && !starts_model(t, i));
    fill_numbers(t, "All together", params, sum);
    TRY(fill_claim(t, &t->part[first]));
    t->row++;
    *next = i;
    return ERR_OK;
}

static const sweep_shape shape = {fields, sizeof fields / sizeof *fields, sizeof(component)};

err sweep_images_check(sweep_ctx *ctx, const char *path) {
    void *rows = NULL;
    size_t n = 0;
    TRY(sweep_table_load(&ctx->mem, path, &shape, &rows, &n, &ctx->faults));
    for (const component *c = rows; c < (const component *)rows + n; c++) {
        if (!*c->published_gpu || sweep_find_gpu(&ctx->catalogs, c->published_gpu)) continue;
        return diag_add(&ctx->faults, ERR_NAME, path, (int)(c - (const component *)rows) + 2, 0, "published_gpu",
                        "no GPU is called '%s'", c->published_gpu);
    }
    return ERR_OK;
}

err sweep_recommend_images(sweep_run *run, const sweep_report *r) {
    static const char *const notes[] = {"Weights only, every parameter in the format, scales counted: activations grow "
                                        "with the picture and come on top, and "
                                        "pipelines may keep text encoders in host memory or drop them (T5) for less."};
    const char *path = sweep_facts_path(run->ctx, "images.csv");
    images t = {.run = run, .r = r};
    void *rows = NULL;
    if (!path) return sweep_run_no_memory(run);
    TRY(sweep_pick_build(&t.pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(sweep_table_load(&run->ctx->mem, path, &shape, &rows, &t.n_parts, &run->ctx->faults));
    t.part = rows;
    t.formats = t.pick.n[SWEEP_WEIGHTS];
    double *bytes = arena_alloc(&run->ctx->mem, 2 * t.formats + 1, sizeof *bytes);
    TRY(make_table(&t));
    if (!bytes) return sweep_run_no_memory(run);
    for (size_t i = 0; i < t.n_parts;)
        TRY(fill_model(&t, i, &i, bytes, bytes + t.formats));
    const sweep_draft draft = {t.table, "Image-generation models by component", "model", t.group, t.n_groups, notes, 1};
    return sweep_recommend_write(run, r, &draft);
}
