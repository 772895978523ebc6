/*
 * scenario_style.c - the two ways scenario rows are written, and a row that has nothing to show.
 */
#include <string.h>

#include "report/scenario_csv.h"

static const char header[] = "model,weights,kv,context,batch,mode,layout,engine,method,gpu,gpus,weights_bytes,"
                             "kv_cache_bytes,activations_bytes,gradients_bytes,optimizer_bytes,overhead_bytes,"
                             "total_bytes,usable_bytes,headroom_bytes,fits,min_gpus,max_batch,max_context,"
                             "kv_capacity_tokens,status\n";

const char *report_rows_header(void) {
    return header;
}

const report_rows_style report_rows_csv = {
    .open = "",
    .context = ",",
    .batch = ",",
    .after = ",",
    .gpu = ",",
    .no_gpu = ",",
    .nothing = ",,,,,,,",
    .memory = {",", ",", ",", ",", ",", ",", ","},
    .usable = ",",
    .headroom = ",",
    .fits = ",",
    .yes = "yes",
    .no = "no",
    .min_gpus = ",",
    .max_batch = ",",
    .max_context = ",",
    .kv_tokens = ",",
    .none = "",
    .status = ",",
    .close = "\n",
};

const report_rows_style report_rows_json = {
    .open = "{",
    .context = ",\"context\":",
    .batch = ",\"batch\":",
    .after = ",",
    .gpu = ",",
    .no_gpu = "\"gpu\":null,\"gpus\":null",
    .nothing = ",\"usable_bytes\":null,\"headroom_bytes\":null,\"fits\":null,\"min_gpus\":null,\"max_batch\":null,"
               "\"max_context\":null,\"kv_capacity_tokens\":null",
    .memory = {",\"weights_bytes\":", ",\"kv_cache_bytes\":", ",\"activations_bytes\":", ",\"gradients_bytes\":",
               ",\"optimizer_bytes\":", ",\"overhead_bytes\":", ",\"total_bytes\":"},
    .usable = ",\"usable_bytes\":",
    .headroom = ",\"headroom_bytes\":",
    .fits = ",\"fits\":",
    .yes = "true",
    .no = "false",
    .min_gpus = ",\"min_gpus\":",
    .max_batch = ",\"max_batch\":",
    .max_context = ",\"max_context\":",
    .kv_tokens = ",\"kv_capacity_tokens\":",
    .none = "null",
    .status = ",",
    .close = "}\n",
};

size_t report_rows_refused(const report_rows_style *s, char *out, size_t cap, const char *before, const char *after,
                           const char *status) {
    const char *const pieces[] = {s->open,      before,    s->context,   s->none,   s->batch,     s->none,
                                  s->after,     after,     s->gpu,       s->no_gpu, s->memory[0], s->none,
                                  s->memory[1], s->none,   s->memory[2], s->none,   s->memory[3], s->none,
                                  s->memory[4], s->none,   s->memory[5], s->none,   s->memory[6], s->none,
                                  s->nothing,   s->status, status,       s->close};
    size_t at = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t n = strlen(pieces[i]);
        if (n > cap - at) return 0;
        memcpy(out + at, pieces[i], n);
        at += n;
    }
    return at;
}
