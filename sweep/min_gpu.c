/*
 * min_gpu.c - fewest GPUs, then least memory, then the order of the list.
 */
#include "sweep/axes.h"
#include "sweep/min_gpu.h"

static const int64_t usual_counts[] = {1, 2, 4, 8};

err sweep_min_gpu_init(sweep_min_gpu *s, sweep_run *run, const sweep_report *r) {
    *s = (sweep_min_gpu){
        .mem = &run->ctx->mem, .counts = usual_counts, .n_counts = sizeof usual_counts / sizeof *usual_counts};
    if (r->n_min_gpu_counts) {
        s->counts = r->min_gpu_counts;
        s->n_counts = r->n_min_gpu_counts;
    }
    return sweep_axis_gpus(s->mem, &run->ctx->catalogs, &r->min_gpu, run->cfg->path, &s->gpu, &s->n_gpus,
                           &run->ctx->faults);
}

/** Smallest offered count that is at least `need`; 0 when there is none. */
static int64_t offered(const sweep_min_gpu *s, int need) {
    for (size_t i = 0; i < s->n_counts; i++) {
        if (s->counts[i] >= need) return s->counts[i];
    }
    return 0;
}

int64_t sweep_min_gpu_find(const sweep_min_gpu *s, const sweep_point *p, const kern_gpu **out) {
    const kern_gpu *best = NULL;
    int64_t best_count = 0;
    for (size_t i = 0; i < s->n_gpus; i++) {
        const kern_gpu *gpu = s->gpu[i];
        int need = kern_min_gpus(p->sc, gpu, p->batch, p->context, NULL);
        int64_t count = need > 0 ? offered(s, need) : 0;
        if (!count || (best && count > best_count)) continue;
        if (best && count == best_count && gpu->usable_bytes >= best->usable_bytes) continue;
        best = gpu;
        best_count = count;
    }
    *out = best;
    return best_count;
}

const char *sweep_min_gpu_text(const sweep_min_gpu *s, const sweep_point *p) {
    const kern_gpu *best;
    int64_t best_count = sweep_min_gpu_find(s, p, &best);
    if (!best) return "none of those offered";
    if (best_count == 1) return arena_printf(s->mem, "%s (%g GB)", best->display, best->marketed_gb);
    return arena_printf(s->mem, "%lldx %s (%g GB)", (long long)best_count, best->display,
                        (double)best_count * best->marketed_gb);
}
