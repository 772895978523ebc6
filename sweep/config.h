/*
 * config.h - a sweep config as written: YAML -> sweep_config, nothing resolved against the catalogs yet. Every fault is
 * reported as file:line:column with the nearest right key, up to 20 in one run. Everything lives in the arena.
 * The keys, their types, bounds and defaults are one table (config_keys.c) that also documents them: docs/config.md.
 */
#ifndef SWEEP_CONFIG_H
#define SWEEP_CONFIG_H

#include "common/arena.h"
#include "common/err.h"
#include "sweep/buying.h"
#include "sweep/plan.h"

enum {
    SWEEP_CONFIG_BYTES = 1 << 20, /* of a file */
    SWEEP_CONFIG_DEPTH = 16,      /* mappings and lists inside each other */
    SWEEP_CONFIG_NODES = 1 << 18, /* scalars, lists and mappings of a file */
    SWEEP_CONFIG_SWEEPS = 64,
    SWEEP_CONFIG_REPORTS = 256,
    SWEEP_CONFIG_ITEMS = 100000, /* of one axis */
    SWEEP_CONFIG_SKIPS = 256,
    SWEEP_CONFIG_COUNTS = 16, /* of min_gpu_counts */
    SWEEP_CONFIG_INJECTS = 32 /* of one table */
};

/** A scalar of the file and where it stands (1-based). */
typedef struct sweep_item {
    const char *text;
    int line, column;
} sweep_item;

typedef struct sweep_items {
    const sweep_item *item;
    size_t n;
} sweep_items;

/** One sweep: items of each axis as written, n 0 where the axis is absent. */
typedef struct sweep_spec {
    const char *name; /* NULL: the only sweep, unnamed */
    int line, column;
    sweep_items axis[SWEEP_AXES];
    sweep_items skip;
    int64_t gpus;       /* 0: what the layout needs */
    const char *digest; /* of what is written here (common/digest.h) */
} sweep_spec;

typedef enum sweep_report_kind {
    SWEEP_REPORT_CSV,
    SWEEP_REPORT_TABLE,
    SWEEP_REPORT_CHART,
    SWEEP_REPORT_WORKBOOK,
    SWEEP_REPORT_COMPARE,
    SWEEP_REPORT_REDUCE,
    SWEEP_REPORT_HTML,
    SWEEP_REPORT_RECOMMEND,
    SWEEP_REPORT_CHANGES,
    SWEEP_REPORT_PROCUREMENT,
    SWEEP_REPORTS
} sweep_report_kind;

/** How a table's rows are put in order, and under which headings. Values follow the words of the config. */
typedef enum sweep_sort { SWEEP_SORT_GIVEN, SWEEP_SORT_NAME, SWEEP_SORT_SIZE, SWEEP_SORT_FAMILY } sweep_sort;
typedef enum sweep_grouping { SWEEP_GROUP_NONE, SWEEP_GROUP_FAMILY, SWEEP_GROUP_SIZE } sweep_grouping;

/** Rows are headed by the catalog's slug or by the name that people read. */
typedef enum sweep_naming { SWEEP_NAMES_CATALOG, SWEEP_NAMES_DISPLAY } sweep_naming;

/** What a table does with a context that the model was not made for. */
typedef enum sweep_beyond { SWEEP_BEYOND_MARK, SWEEP_BEYOND_SHOW } sweep_beyond;

/** A place in an existing page that a table is written into. */
typedef struct sweep_inject {
    const char *file; /* resolved path */
    sweep_item marker;
} sweep_inject;

/** What the cells of a table show. */
typedef enum sweep_measure {
    SWEEP_TOTAL,
    SWEEP_TOTAL_LOW, /* by the spread of the engine's constants */
    SWEEP_TOTAL_HIGH,
    SWEEP_WEIGHTS_BYTES,
    SWEEP_KV_CACHE,
    SWEEP_ACTIVATIONS,
    SWEEP_GRADIENTS,
    SWEEP_OPTIMIZER,
    SWEEP_OVERHEAD,
    SWEEP_MODEL_STATES,
    SWEEP_KV_PER_TOKEN,
    SWEEP_MAX_BATCH,
    SWEEP_MAX_CONTEXT,
    SWEEP_MIN_GPUS,
    SWEEP_CROSSOVER_CONTEXT,
    SWEEP_HEADROOM,
    SWEEP_COST_PER_USER, /* [USD a month] */
    SWEEP_MEASURES
} sweep_measure;

/** Name of a measure in configs and which inner axes it depends on. */
typedef struct sweep_measure_info {
    const char *name;
    unsigned char uses_context, uses_batch, uses_gpu;
} sweep_measure_info;

extern const sweep_measure_info sweep_measures[SWEEP_MEASURES];

/** What the values of a chart are drawn as. Values follow the words of the config. */
typedef enum sweep_mark {
    SWEEP_MARK_LINES,
    SWEEP_MARK_BARS,
    SWEEP_MARK_STACK, /* one bar, a part per measure */
    SWEEP_MARK_HEAT   /* x across, series down, a number or a GPU in each cell */
} sweep_mark;

typedef enum sweep_scale { SWEEP_SCALE_LINEAR, SWEEP_SCALE_LOG2, SWEEP_SCALE_LOG10, SWEEP_SCALE_AUTO } sweep_scale;

/** Signs that a chart adds to its values; a set of bits. */
enum { SWEEP_SIGN_CROSSOVER = 1, SWEEP_SIGN_VALUES = 2, SWEEP_SIGN_QUALITY = 4, SWEEP_SIGN_CAPACITY = 8 };

enum { SWEEP_CHART_MEASURES = 8 };

/** A chart as the config describes it: what is drawn along which axis. */
typedef struct sweep_chart {
    sweep_mark mark;
    sweep_axis x, series, facets; /* SWEEP_AXES: none */
    sweep_measure y[SWEEP_CHART_MEASURES];
    size_t n_y;
    sweep_measure level; /* a dashed line for each line; SWEEP_MEASURES: none */
    sweep_scale scale_x, scale_y;
    unsigned signs;
} sweep_chart;

/** `labels`: how a row or column is headed. */
typedef struct sweep_label {
    sweep_item value;
    const char *shown;
} sweep_label;

/** One report; fields that its kind does not have are zero. */
typedef struct sweep_report {
    sweep_report_kind kind;
    int line, column;
    const char *target;            /* value of the kind's own key: file, table name, chart; compare: resolved path */
    const char *name;              /* stem of the output files: table, chart, compare; never NULL there */
    const char *title;             /* NULL: not given */
    sweep_item sweep;              /* as written, text NULL: the first sweep */
    size_t i_sweep;                /* resolved */
    int outside;                   /* target is absolute or climbs: not one of the folder's set */
    sweep_items where[SWEEP_AXES]; /* n 0: not restricted */
    sweep_axis rows, columns;      /* SWEEP_AXES: the kind has none */
    sweep_measure value;
    const char *unit; /* a name of report/number.h, or "document": the units the method's document has */
    int64_t decimals;
    sweep_items min_gpu;                         /* GPU names, globs, tags; n 0: no such column */
    sweep_item min_gpu_for;                      /* a value of the columns axis, text NULL: the last */
    int64_t min_gpu_counts[SWEEP_CONFIG_COUNTS]; /* rising */
    size_t n_min_gpu_counts;                     /* 0: any number */
    sweep_items to;       /* md csv xlsx ..., without repeats; never empty where the kind has it */
    sweep_items by;       /* reduce: axes that rows are told apart by; n 0: every combination */
    const char *formulas; /* of CSV: "neutral", "keep" or NULL, as its kind has it */
    sweep_items notes;
    const sweep_label *labels;
    size_t n_labels;
    sweep_sort sort;
    sweep_grouping group;
    sweep_naming names;
    sweep_beyond beyond;
    sweep_chart chart;
    const sweep_inject *injects;
    size_t n_injects;
    sweep_buying buying;
    sweep_item context; /* procurement: a context of the sweep, text NULL: the largest */
    const char *book;   /* procurement: workbook with formulas, NULL: none */
    const char *digest; /* of what is written here */
} sweep_report;

typedef struct sweep_config {
    const char *path, *name; /* name: file stem */
    const char *title;       /* default: the name */
    sweep_items catalogs;    /* overlays, resolved against the folder of the config */
    const sweep_spec *sweeps;
    size_t n_sweeps;
    const sweep_report *reports;
    size_t n_reports;
    const char *digest; /* of everything but sweeps and reports */
} sweep_config;

/** Reads a file. @return ERR_OK or the code of the first fault; all faults are in `faults`. */
err sweep_config_load(sweep_config *cfg, arena *mem, const char *path, diags *faults);

/** The same where outputs may have absolute paths and climb out of the output folder (--allow-outside). */
err sweep_config_load_freely(sweep_config *cfg, arena *mem, const char *path, diags *faults);

/** The same from memory; `path` names it in messages and decides name and folder. */
err sweep_config_parse(sweep_config *cfg, arena *mem, const char *path, const char *text, size_t n, diags *faults);

/** Whether an output path is absolute or climbs with `..`. */
int sweep_config_leaves(const char *path);

/** One line of the key reference. */
typedef struct sweep_key_doc {
    const char *mapping;        /* file, sweep, csv, table, ... */
    const char *key, *type;     /* "whole number" */
    int64_t least, most;        /* bounds of a number, or most items or bytes; 0, 0: none to state */
    const char *const *choices; /* NULL-terminated words, or NULL */
    int required;
    const char *fallback; /* default as text, "" when there is none */
    const char *text;
} sweep_key_doc;

/** The i-th line; 0 at the end. For documentation and completion. */
int sweep_config_key(size_t i, sweep_key_doc *out);

#endif
