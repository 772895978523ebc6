/*
 * config_keys.c - every key of a config: its type, bounds, default and what it is for. The loader walks these tables
 * and the documentation is made from them. Data only.
 */
#include "sweep/config_internal.h"

#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ALL      (~0u)
#define IN(kind) (1u << SWEEP_REPORT_##kind)

const char *const config_report_name[SWEEP_REPORTS + 1] = {
    "csv", "table", "chart", "workbook", "compare", "reduce", "html", "recommend", "changes", "procurement", NULL};

const sweep_measure_info sweep_measures[SWEEP_MEASURES] = {
    [SWEEP_TOTAL] = {"total", 1, 1, 0},
    [SWEEP_TOTAL_LOW] = {"total_low", 1, 1, 0},
    [SWEEP_TOTAL_HIGH] = {"total_high", 1, 1, 0},
    [SWEEP_WEIGHTS_BYTES] = {"weights", 0, 0, 0},
    [SWEEP_KV_CACHE] = {"kv_cache", 1, 1, 0},
    [SWEEP_ACTIVATIONS] = {"activations", 1, 1, 0},
    [SWEEP_GRADIENTS] = {"gradients", 0, 0, 0},
    [SWEEP_OPTIMIZER] = {"optimizer", 0, 0, 0},
    [SWEEP_OVERHEAD] = {"overhead", 1, 1, 0},
    [SWEEP_MODEL_STATES] = {"model_states", 0, 0, 0},
    [SWEEP_KV_PER_TOKEN] = {"kv_per_token", 0, 0, 0},
    [SWEEP_MAX_BATCH] = {"max_batch", 1, 0, 1},
    [SWEEP_MAX_CONTEXT] = {"max_context", 0, 1, 1},
    [SWEEP_MIN_GPUS] = {"min_gpus", 1, 1, 1},
    [SWEEP_CROSSOVER_CONTEXT] = {"crossover_context", 0, 1, 0},
    [SWEEP_HEADROOM] = {"headroom", 1, 1, 1},
    [SWEEP_COST_PER_USER] = {"cost_per_user", 1, 0, 1},
};

static const char *const axis_words[] = {"method", "engine",  "mode",  "model", "weights", "kv",
                                         "layout", "context", "batch", "gpu",   NULL};
static const char *const by_words[] = {"model", "weights", "kv", "mode", "layout", "engine", "method", "gpu", NULL};
static const char *const measure_words[] = {
    "total",       "total_low", "total_high",        "weights",      "kv_cache",      "activations",
    "gradients",   "optimizer", "overhead",          "model_states", "kv_per_token",  "max_batch",
    "max_context", "min_gpus",  "crossover_context", "headroom",     "cost_per_user", NULL};
static const char *const unit_words[] = {"GB", "GiB", "MB", "MiB", "KB", "KiB", "TB", "TiB", "bytes", "document", NULL};
static const char *const writer_words[] = {"md", "html", "adoc", "rst", "tex", "csv", "xlsx", NULL};
static const char *const changes_words[] = {"md", "csv", "json", NULL};
static const char *const formula_words[] = {"neutral", "keep", NULL};
static const char *const sort_words[] = {"given", "name", "size", "family", NULL};
static const char *const group_words[] = {"none", "family", "size", NULL};
static const char *const name_words[] = {"catalog", "display", NULL};
static const char *const beyond_words[] = {"mark", "show", NULL};
static const char *const mark_words[] = {"lines", "bars", "stack", "heat", NULL};
static const char *const scale_words[] = {"linear", "log2", "log10", NULL};
static const char *const sign_words[] = {"crossover", "values", "quality", "capacity", NULL};
static const char *const csv_suffixes[] = {".csv",      ".csv.gz",    ".csv.zst", ".jsonl",
                                           ".jsonl.gz", ".jsonl.zst", ".xlsx",    NULL};
static const char *const reduce_suffixes[] = {".csv", NULL};
static const char *const recommend_words[] = {"tiers", "use-cases", "formats", "image-models", NULL};
static const char *const basis_words[] = {"cheapest", "purchase", "on-demand", "spot", "reserved", NULL};
static const char *const html_suffixes[] = {".html", NULL};
static const char *const xlsx_suffixes[] = {".xlsx", NULL};

#define F(member) offsetof(sweep_config, member)
static const config_key file_keys[] = {
    {"title", &config_text, F(title), ALL, 0, 200, NULL, 0, "the file's name", "heading of the results"},
    {"catalogs", &config_inputs, F(catalogs), ALL, 0, 32, NULL, 0, "",
     "overlay folders or files, relative to this file; later ones win"},
    {"sweep", &config_one_sweep, F(sweeps), ALL, 0, 0, NULL, 0, "", "the axes, when there is one sweep"},
    {"sweeps", &config_sweeps, F(sweeps), ALL, 0, SWEEP_CONFIG_SWEEPS, NULL, 0, "", "several sweeps, each with a name"},
    {"reports", &config_reports, F(reports), ALL, 0, SWEEP_CONFIG_REPORTS, NULL, 0, "", "what is written"},
};

#undef F
#define F(member) offsetof(sweep_spec, member)
#define AXIS(name, id, required, fallback, doc)                                                                        \
    { name, &config_items, offsetof(sweep_spec, axis[id]), ALL, 0, SWEEP_CONFIG_ITEMS, NULL, required, fallback, doc }
static const config_key sweep_keys[] = {
    {"name", &config_name, F(name), ALL, 0, 64, NULL, 0, "", "by which reports choose it; required in sweeps"},
    AXIS("model", SWEEP_MODEL, 1, "", "names, Hugging Face ids, globs, tags"),
    AXIS("weights", SWEEP_WEIGHTS, 0, "native", "weight formats, globs"),
    AXIS("kv", SWEEP_KV, 0, "bf16", "KV-cache formats, globs, K:V"),
    AXIS("context", SWEEP_CONTEXT, 0, "8k", "tokens per sequence: numbers and ranges"),
    AXIS("batch", SWEEP_BATCH, 0, "1", "concurrent sequences or micro-batch: numbers and ranges"),
    AXIS("mode", SWEEP_MODE, 0, "inference", "inference or training recipes, globs"),
    AXIS("layout", SWEEP_LAYOUT, 0, "tp1", "parallel layouts: tp8, tp4-pp2; auto: the best of all on `gpus` GPUs"),
    AXIS("engine", SWEEP_ENGINE, 0, "none", "engines, with @version where it matters, globs"),
    AXIS("method", SWEEP_METHOD, 0, "exact", "exact or a published method, globs"),
    AXIS("gpu", SWEEP_GPU, 0, "", "names, globs, tags: what results are held against"),
    {"gpus", &config_number, F(gpus), ALL, 1, KERN_DEGREE_MAX, NULL, 0, "what the layout needs",
     "how many GPUs results are held against"},
    {"skip", &config_texts, F(skip), ALL, 0, SWEEP_CONFIG_SKIPS, NULL, 0, "", "combinations to leave out"},
};

#undef F
#define F(member) offsetof(sweep_report, member)
static const config_key report_keys[] = {
    {"csv", &config_output, F(target), IN(CSV), 0, 200, csv_suffixes, 0, "",
     "file: every row of the sweep; its suffix decides the format"},
    {"table", &config_name, F(target), IN(TABLE), 0, 64, NULL, 0, "", "name: a pivot of one value"},
    {"chart", &config_name, F(target), IN(CHART), 0, 64, NULL, 0, "",
     "name of a chart; kv-vs-weights and users-vs-context are ready-made"},
    {"workbook", &config_output, F(target), IN(WORKBOOK), 0, 200, xlsx_suffixes, 0, "",
     "file: all tables whose `to` has xlsx, with catalogs and notes"},
    {"compare", &config_input, F(target), IN(COMPARE), 0, 0, NULL, 0, "",
     "CSV of published figures, relative to this file, held against ours"},
    {"reduce", &config_output, F(target), IN(REDUCE), 0, 200, reduce_suffixes, 0, "",
     "file: per combination and GPU the cells that fit, largest batch, longest context"},
    {"by", &config_words, F(by), IN(REDUCE), 0, 8, by_words, 0, "every combination",
     "axes that rows are told apart by, besides the GPU; combinations that differ in others are added up"},
    {"mark", &config_choice, F(chart.mark), IN(CHART), 0, 0, mark_words, 0, "lines",
     "what is drawn: a line or a bar per series, a bar stacked from the measures of y, a cell per x and series"},
    {"x", &config_choice, F(chart.x), IN(CHART), 0, 0, axis_words, 0, "", "axis from left to right"},
    {"y", &config_measures, 0, IN(CHART), 0, SWEEP_CHART_MEASURES, measure_words, 0, "total", "what is shown"},
    {"series", &config_choice, F(chart.series), IN(CHART), 0, 0, axis_words, 0, "",
     "axis with a line, a bar or a row of cells for each value"},
    {"facets", &config_choice, F(chart.facets), IN(CHART), 0, 0, axis_words, 0, "",
     "axis with a panel for each value: bars and stacks"},
    {"level", &config_choice, F(chart.level), IN(CHART), 0, 0, measure_words, 0, "",
     "lines: a measure drawn as a dashed level beside each line"},
    {"scale", &config_scale, F(chart), IN(CHART), 0, 0, scale_words, 0, "log2 and log10 for lines, else linear",
     "x and y: how the axes are divided"},
    {"markers", &config_signs, F(chart.signs), IN(CHART), 0, 4, sign_words, 0, "",
     "crossover: where a line meets its level; values: numbers on bars; quality: published loss of each weight format; "
     "capacity: usable memory of the GPUs in min_gpu, and where lines reach it"},
    {"html", &config_output, F(target), IN(HTML), 0, 200, html_suffixes, 0, "",
     "file: one page that needs no other file, with all tables and charts of the run"},
    {"recommend", &config_word, F(target), IN(RECOMMEND), 0, 0, recommend_words, 0, "",
     "a table computed from the catalogs: cards by price, published use cases, formats with their loss, image models"},
    {"tiers", &config_numbers, 0, IN(RECOMMEND), 1, 100000000, NULL, 0, "all prices together",
     "tiers: where a price class ends, in US dollars, rising"},
    {"changes", &config_name, F(target), IN(CHANGES), 0, 64, NULL, 0, "",
     "name: what differs from the last run in this folder, and why"},
    {"procurement", &config_name, F(target), IN(PROCUREMENT), 0, 64, NULL, 0, "",
     "name: what hardware serves so many users, what it costs, why others do not"},
    {"users", &config_users, F(buying), IN(PROCUREMENT), 1, 1000000000, NULL, 1, "",
     "sequences at the same time; the first is the input of the workbook"},
    {"context", &config_item, F(context), IN(PROCUREMENT), 0, 64, NULL, 0, "the largest of the sweep",
     "tokens per sequence: a context of the sweep"},
    {"months", &config_real, F(buying.months), IN(PROCUREMENT), 1, 600, NULL, 0, "36",
     "over which a purchase is spread"},
    {"hours_per_day", &config_positive, F(buying.hours_per_day), IN(PROCUREMENT), 0, 24, NULL, 0, "24",
     "of use: power, on-demand and spot prices; reserved instances are paid around the clock"},
    {"electricity", &config_real, F(buying.electricity), IN(PROCUREMENT), 0, 1000000, NULL, 0, "left out",
     "price of a kWh in the currency"},
    {"pue", &config_real, F(buying.pue), IN(PROCUREMENT), 1, 10, NULL, 0, "1",
     "power of the site over power of the GPUs"},
    {"discount", &config_real, F(buying.discount), IN(PROCUREMENT), 0, 1, NULL, 0, "0",
     "share off the purchase price of GPUs: 0.1 is ten percent"},
    {"host_price", &config_real, F(buying.host), IN(PROCUREMENT), 0, 1000000000000, NULL, 0, "0",
     "price of a node without its GPUs, in the currency"},
    {"currency", &config_currency, F(buying.currency), IN(PROCUREMENT), 0, 0, NULL, 0, "USD",
     "three letters; prices of catalogs are in USD"},
    {"per_usd", &config_positive, F(buying.per_usd), IN(PROCUREMENT), 0, 1000000, NULL, 0, "1 for USD, else required",
     "units of the currency for one US dollar"},
    {"cost", &config_choice, F(buying.basis), IN(PROCUREMENT), 0, 0, basis_words, 0, "cheapest",
     "what options are ranked by; cheapest: purchase, on-demand or reserved"},
    {"max_gpus", &config_number, F(buying.max_gpus), IN(PROCUREMENT), 1, 4096, NULL, 0, "64", "most GPUs of a replica"},
    {"min_tokens", &config_real, F(buying.min_tokens), IN(PROCUREMENT), 0, 1000000, NULL, 0, "0",
     "tokens per second and user; options whose ceiling is below are not shown; csv has all"},
    {"top", &config_number, F(buying.top), IN(PROCUREMENT), 0, 65536, NULL, 0, "10",
     "options shown of each model and number of users, 0: all; csv has all"},
    {"book", &config_output, F(book), IN(PROCUREMENT), 0, 200, xlsx_suffixes, 0, "",
     "file: workbook with the inputs as cells and formulas that follow them"},
    {"sweep", &config_item, F(sweep), IN(CSV) | IN(TABLE) | IN(CHART) | IN(REDUCE) | IN(RECOMMEND) | IN(PROCUREMENT), 0,
     64, NULL, 0, "the first", "name of the sweep it shows"},
    {"where", &config_where, F(where), IN(CSV) | IN(TABLE) | IN(CHART) | IN(REDUCE) | IN(RECOMMEND) | IN(PROCUREMENT),
     0, SWEEP_CONFIG_ITEMS, NULL, 0, "everything", "axis: value or list of values to keep"},
    {"name", &config_name, F(name), IN(CHART) | IN(COMPARE) | IN(RECOMMEND), 0, 64, NULL, 0,
     "the chart's or file's name", "stem of the output files"},
    {"title", &config_text, F(title),
     IN(TABLE) | IN(CHART) | IN(COMPARE) | IN(HTML) | IN(RECOMMEND) | IN(CHANGES) | IN(PROCUREMENT), 0, 200, NULL, 0,
     "made from the values", "heading"},
    {"rows", &config_choice, F(rows), IN(TABLE), 0, 0, axis_words, 1, "", "axis down the side"},
    {"columns", &config_choice, F(columns), IN(TABLE), 0, 0, axis_words, 1, "", "axis across the top"},
    {"value", &config_choice, F(value), IN(TABLE), 0, 0, measure_words, 0, "total", "what the cells show"},
    {"unit", &config_word, F(unit), IN(TABLE) | IN(CHART), 0, 0, unit_words, 0, "GB",
     "unit of memory; document: as the method's document has it"},
    {"decimals", &config_number, F(decimals), IN(TABLE) | IN(CHART) | IN(RECOMMEND), 0, 6, NULL, 0, "1",
     "decimal places"},
    {"min_gpu", &config_items, F(min_gpu), IN(TABLE) | IN(CHART), 0, 256, NULL, 0, "",
     "GPU names, globs, tags: adds the column of the smallest GPU, or N of them, that holds the row; "
     "in heat: what cells show instead of y"},
    {"min_gpu_for", &config_item, F(min_gpu_for), IN(TABLE), 0, 200, NULL, 0, "the last column",
     "the column value that min_gpu is computed for"},
    {"min_gpu_counts", &config_numbers, 0, IN(TABLE) | IN(CHART), 1, KERN_DEGREE_MAX, NULL, 0, "any",
     "how many GPUs one may take, rising"},
    {"sort", &config_choice, F(sort), IN(TABLE), 0, 0, sort_words, 0, "given",
     "order of the rows, models or GPUs: as given, by name, by parameters or memory, by family"},
    {"group", &config_choice, F(group), IN(TABLE), 0, 0, group_words, 0, "none",
     "headings between rows, models or GPUs: by family (maker and architecture of GPUs) or by size"},
    {"names", &config_choice, F(names), IN(TABLE), 0, 0, name_words, 0, "catalog",
     "how models and GPUs are called: by the catalog's name or by the one that people read"},
    {"beyond", &config_choice, F(beyond), IN(TABLE), 0, 0, beyond_words, 0, "mark",
     "contexts that the model was not made for: a dash with a footnote, or the number all the same"},
    {"to", &config_words, F(to), IN(TABLE) | IN(COMPARE) | IN(RECOMMEND) | IN(PROCUREMENT), 0, 7, writer_words, 0, "md",
     "formats written"},
    {"to", &config_words, F(to), IN(CHANGES), 0, 3, changes_words, 0, "md", "formats written"},
    {"inject", &config_injects, 0, IN(TABLE) | IN(COMPARE) | IN(RECOMMEND) | IN(PROCUREMENT), 0, SWEEP_CONFIG_INJECTS,
     NULL, 0, "", "existing pages that take the table in, between a pair of marks"},
    {"formulas", &config_word, F(formulas),
     IN(CSV) | IN(TABLE) | IN(COMPARE) | IN(RECOMMEND) | IN(CHANGES) | IN(PROCUREMENT), 0, 0, formula_words, 0,
     "neutral, in `csv` reports keep",
     "CSV: texts that a spreadsheet would compute get an apostrophe in front (neutral), or stay as they are (keep)"},
    {"notes", &config_texts, F(notes), IN(TABLE) | IN(CHART) | IN(RECOMMEND) | IN(PROCUREMENT), 0, 64, NULL, 0, "",
     "footnotes"},
    {"labels", &config_labels, 0, IN(TABLE) | IN(CHART), 0, 1000, NULL, 0, "",
     "value: how its row, column or line is headed"},
};

#undef F
#define F(member) offsetof(sweep_inject, member)
static const config_key inject_keys[] = {
    {"file", &config_input, F(file), ALL, 0, 0, NULL, 1, "", "page that takes the table in, relative to this file"},
    {"marker", &config_mark, F(marker), ALL, 0, 64, NULL, 1, "", "name of the marks between which it goes"},
};

const config_keys config_inject_keys = {inject_keys, COUNT(inject_keys), "inject"};
const config_keys config_file_keys = {file_keys, COUNT(file_keys), "the file"};
const config_keys config_sweep_keys = {sweep_keys, COUNT(sweep_keys), "a sweep"};
const config_keys config_report_keys = {report_keys, COUNT(report_keys), "a report"};

static void describe(sweep_key_doc *out, const char *mapping, const config_key *k) {
    *out = (sweep_key_doc){mapping,    k->key,      k->type->name, k->least, k->most,
                           k->choices, k->required, k->fallback,   k->doc};
}

int sweep_config_key(size_t i, sweep_key_doc *out) {
    if (i < COUNT(file_keys)) return describe(out, "file", &file_keys[i]), 1;
    i -= COUNT(file_keys);
    if (i < COUNT(sweep_keys)) return describe(out, "sweep", &sweep_keys[i]), 1;
    i -= COUNT(sweep_keys);
    for (unsigned kind = 0; kind < SWEEP_REPORTS; kind++)
        for (size_t k = 0; k < COUNT(report_keys); k++)
            if (report_keys[k].kinds & 1u << kind && i-- == 0)
                return describe(out, config_report_name[kind], &report_keys[k]), 1;
    if (i < COUNT(inject_keys)) return describe(out, "inject", &inject_keys[i]), 1;
    return 0;
}
