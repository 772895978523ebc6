/*
 * cmd_list.c - `list WHAT`: what the catalogs hold, one table per kind, rows by name, columns by getters.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/layout.h"
#include "sweep/output.h"

/** A column of a listing: text or number of one row. */
typedef struct getter {
    report_column column;
    const char *(*text)(const void *row);
    double (*number)(const void *row);
    int known_only; /* 0 means unknown: left blank */
} getter;

#define TEXT_OF(type, field)                                                                                           \
    static const char *type##_##field(const void *row) {                                                               \
        return ((const type *)row)->field;                                                                             \
    }
#define NUMBER_OF(type, field)                                                                                         \
    static double type##_##field(const void *row) {                                                                    \
        return (double)((const type *)row)->field;                                                                     \
    }

TEXT_OF(kern_model, name)
TEXT_OF(kern_model, display)
TEXT_OF(kern_model, family)
TEXT_OF(kern_model, hf_id)
TEXT_OF(kern_model, native_format)
TEXT_OF(kern_model, source)
NUMBER_OF(kern_model, params_total)
NUMBER_OF(kern_model, params_active)
NUMBER_OF(kern_model, layers)
NUMBER_OF(kern_model, kv_heads)
NUMBER_OF(kern_model, max_context)
TEXT_OF(kern_gpu, name)
TEXT_OF(kern_gpu, display)
TEXT_OF(kern_gpu, vendor)
TEXT_OF(kern_gpu, architecture)
TEXT_OF(kern_gpu, source)
NUMBER_OF(kern_gpu, marketed_gb)
NUMBER_OF(kern_gpu, usable_bytes)
NUMBER_OF(kern_gpu, bandwidth_gbps)
NUMBER_OF(kern_gpu, max_per_node)
NUMBER_OF(kern_gpu, street_usd)
TEXT_OF(kern_format, name)
TEXT_OF(kern_format, source)
NUMBER_OF(kern_format, bits)
NUMBER_OF(kern_format, block)
TEXT_OF(kern_mode, name)
TEXT_OF(kern_mode, source)
NUMBER_OF(kern_mode, param_bytes)
NUMBER_OF(kern_mode, grad_bytes)
NUMBER_OF(kern_mode, master_bytes)
NUMBER_OF(kern_mode, state_bytes)
NUMBER_OF(kern_mode, lora_rank)
TEXT_OF(kern_engine, name)
TEXT_OF(kern_engine, version)
TEXT_OF(kern_engine, source)
NUMBER_OF(kern_engine, memory_utilization)
NUMBER_OF(kern_engine, page_tokens)
TEXT_OF(kern_method, name)
TEXT_OF(kern_method, title)
TEXT_OF(kern_method, source)

/** Tags without the blank before the first; nothing when there are none. */
static const char *trimmed(const char *tags) {
    return tags + strspn(tags, " ");
}
static const char *kern_model_tags(const void *row) {
    return trimmed(((const kern_model *)row)->tags);
}
static const char *kern_gpu_tags(const void *row) {
    return trimmed(((const kern_gpu *)row)->tags);
}

static double usable_gib(const void *row) {
    return kern_gpu_usable_bytes(row) / 0x1p30;
}
static double params_billions(const void *row) {
    return kern_model_params_total(row) / 1e9;
}
static double active_billions(const void *row) {
    return kern_model_params_active(row) / 1e9;
}

static const char *kind_name(const void *row) {
    static const char *const names[] = {"type", "naive", "mix", "native", "scheme"};
    return names[((const kern_format *)row)->kind];
}

static const char *train_name(const void *row) {
    static const char *const names[] = {"inference", "full", "lora", "qlora"};
    return names[((const kern_mode *)row)->train];
}

#define T(title, get)                                                                                                  \
    { {title, "", 0, 1}, get, NULL, 0 }
#define K(title, unit, decimals, get)                                                                                  \
    { {title, unit, decimals, 0}, NULL, get, 1 }
#define N(title, unit, decimals, get)                                                                                  \
    { {title, unit, decimals, 0}, NULL, get, 0 }

static const getter model_getters[] = {
    T("model", kern_model_name),
    T("name", kern_model_display),
    T("family", kern_model_family),
    N("params", "1e9", 2, params_billions),
    N("active", "1e9", 2, active_billions),
    N("layers", "", 0, kern_model_layers),
    K("kv_heads", "", 0, kern_model_kv_heads),
    N("max_context", "tokens", 0, kern_model_max_context),
    T("native", kern_model_native_format),
    T("hf_id", kern_model_hf_id),
    T("tags", kern_model_tags),
    T("source", kern_model_source),
};
static const getter gpu_getters[] = {
    T("gpu", kern_gpu_name),
    T("name", kern_gpu_display),
    T("vendor", kern_gpu_vendor),
    T("architecture", kern_gpu_architecture),
    N("marketed", "GB", 0, kern_gpu_marketed_gb),
    N("usable", "GiB", 2, usable_gib),
    K("bandwidth", "GB/s", 0, kern_gpu_bandwidth_gbps),
    N("per_node", "", 0, kern_gpu_max_per_node),
    K("street_price", "USD", 0, kern_gpu_street_usd),
    T("tags", kern_gpu_tags),
    T("source", kern_gpu_source),
};
static const getter format_getters[] = {
    T("format", kern_format_name),      T("kind", kind_name),
    N("bits", "", 4, kern_format_bits), N("block", "elements", 0, kern_format_block),
    T("source", kern_format_source),
};
static const getter mode_getters[] = {
    T("mode", kern_mode_name),
    T("trains", train_name),
    N("weights", "B/param", 2, kern_mode_param_bytes),
    N("gradients", "B/param", 2, kern_mode_grad_bytes),
    N("master", "B/param", 2, kern_mode_master_bytes),
    N("moments", "B/param", 4, kern_mode_state_bytes),
    K("lora_rank", "", 0, kern_mode_lora_rank),
    T("source", kern_mode_source),
};
static const getter engine_getters[] = {
    T("engine", kern_engine_name),
    T("version", kern_engine_version),
    N("utilization", "", 2, kern_engine_memory_utilization),
    N("kv_page", "tokens", 0, kern_engine_page_tokens),
    T("source", kern_engine_source),
};
static const getter method_getters[] = {
    T("method", kern_method_name),
    T("title", kern_method_title),
    T("source", kern_method_source),
};

/** Rows of a kind that a listing shows: all, or those of an axis. */
typedef struct listing {
    const char *what;
    const getter *getters;
    size_t n_getters;
    const void *const *(*rows)(const sweep_catalogs *c, size_t *n);
    int (*shows)(const void *row);
} listing;

#define ROWS_OF(kind)                                                                                                  \
    static const void *const *rows_of_##kind(const sweep_catalogs *c, size_t *n) {                                     \
        *n = c->kind.n;                                                                                                \
        return (const void *const *)c->kind.rows;                                                                      \
    }
ROWS_OF(models)
ROWS_OF(gpus)
ROWS_OF(formats)
ROWS_OF(modes)
ROWS_OF(engines)
ROWS_OF(methods)

static int for_weights(const void *row) {
    return ((const kern_format *)row)->for_weights;
}
static int for_kv(const void *row) {
    return ((const kern_format *)row)->for_kv;
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
static const listing listings[] = {
    {"models", model_getters, COUNT(model_getters), rows_of_models, NULL},
    {"gpus", gpu_getters, COUNT(gpu_getters), rows_of_gpus, NULL},
    {"weights", format_getters, COUNT(format_getters), rows_of_formats, for_weights},
    {"kv", format_getters, COUNT(format_getters), rows_of_formats, for_kv},
    {"modes", mode_getters, COUNT(mode_getters), rows_of_modes, NULL},
    {"engines", engine_getters, COUNT(engine_getters), rows_of_engines, NULL},
    {"methods", method_getters, COUNT(method_getters), rows_of_methods, NULL},
};

static void fill_row(const report_table *t, size_t at, const listing *l, const void *row) {
    for (size_t j = 0; j < l->n_getters; j++) {
        const getter *get = &l->getters[j];
        if (get->text) {
            sweep_cell_text(t, at, j, get->text(row));
        } else if (!get->known_only || get->number(row) > 0) {
            sweep_cell_number(t, at, j, get->number(row));
        }
    }
}

/** Columns of a listing; on a terminal the source column is left out, it is longer than the rest together. */
static report_column *columns_of(sweep_ctx *ctx, const listing *l, size_t *n) {
    int text = ctx->options->format == SWEEP_FORMAT_TEXT;
    report_column *columns = arena_alloc(&ctx->mem, l->n_getters, sizeof *columns);
    *n = text && l->n_getters > 3 ? l->n_getters - 1 : l->n_getters;
    for (size_t j = 0; columns && j < l->n_getters; j++)
        columns[j] = l->getters[j].column;
    return columns;
}

/** By name, then by the version of an engine; any listing begins with two columns of text. */
static int compare_rows(const void *x, const void *y, void *listed) {
    const getter *get = ((const listing *)listed)->getters;
    const void *a = *(const void *const *)x, *b = *(const void *const *)y;
    int order = text_order(get[0].text(a), get[0].text(b));
    return order ? order : text_order(get[1].text(a), get[1].text(b));
}

/** Rows that the listing shows, in order; NULL when memory is gone. */
static const void **shown_rows(sweep_ctx *ctx, const listing *l, size_t *n) {
    size_t all;
    const void *const *rows = l->rows(&ctx->catalogs, &all);
    const void **shown = arena_alloc(&ctx->mem, all + 1, sizeof *shown);
    *n = 0;
    for (size_t i = 0; shown && i < all; i++) {
        if (!l->shows || l->shows(rows[i])) shown[(*n)++] = rows[i];
    }
    if (shown) qsort_r(shown, *n, sizeof *shown, compare_rows, (void *)l);
    return shown;
}

static err list_rows(sweep_ctx *ctx, const listing *l) {
    size_t n, n_columns;
    const void **rows = shown_rows(ctx, l, &n);
    listing visible = *l;
    report_column *columns = columns_of(ctx, l, &n_columns);
    report_table *t = columns && rows ? sweep_table_new(&ctx->mem, columns, n_columns, n) : NULL;
    if (!t) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    visible.n_getters = n_columns;
    for (size_t i = 0; i < n; i++)
        fill_row(t, i, &visible, rows[i]);
    t->name = l->what;
    t->title = "";
    return sweep_output_table(ctx, t);
}

/** Layouts are a grammar, not a catalog: its parts. */
static err list_layouts(sweep_ctx *ctx) {
    static const char *const parts[][2] = {
        {"tpN", "tensor parallel: matrices and KV heads divided, MLA caches replicated"},
        {"ppN", "pipeline parallel: layers divided, the fullest stage counts"},
        {"dpN", "data parallel: replicas; ZeRO and FSDP shard over them"},
        {"epN", "expert parallel: whole experts divided"},
        {"cpN", "context parallel: tokens of a sequence divided"},
        {"zeroN", "ZeRO stage 1 to 3 over dp: optimizer, gradients, parameters"},
        {"fsdp", "fully sharded data parallel: ZeRO-3 over dp"},
        {"hsdp", "hybrid sharding: ZeRO-3 within a node, replicas across"},
        {"sp", "sequence parallel: what tp leaves whole is divided too"},
    };
    static const report_column columns[] = {{"part", "", 0, 1}, {"meaning", "", 0, 1}};
    report_table *t = sweep_table_new(&ctx->mem, columns, 2, COUNT(parts));
    if (!t) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < COUNT(parts); i++) {
        sweep_cell_text(t, i, 0, parts[i][0]);
        sweep_cell_text(t, i, 1, parts[i][1]);
    }
    t->name = "layouts";
    t->title = "";
    return sweep_output_table(ctx, t);
}

static const char *listing_name(const void *unused, size_t i) {
    (void)unused;
    if (i < COUNT(listings)) return listings[i].what;
    return i == COUNT(listings) ? "layouts" : NULL;
}

err sweep_cmd_list(sweep_ctx *ctx) {
    char near[DIAG_TEXT / 2];
    if (ctx->options->n_args != 1) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "list",
                        "expected one of models, gpus, weights, kv, modes, layouts, engines, methods");
    }
    const char *what = ctx->options->args[0];
    if (text_same(what, "layouts")) return list_layouts(ctx);
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    for (size_t i = 0; i < COUNT(listings); i++) {
        if (text_same(what, listings[i].what)) return list_rows(ctx, &listings[i]);
    }
    text_suggest(what, listing_name, NULL, 2, near, sizeof near);
    return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "list", "unknown list '%s'%s%s", what, *near ? ", " : "",
                    near);
}
