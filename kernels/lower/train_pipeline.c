/*
 * train_pipeline.c - what a pipeline schedule has in flight: micro-batches whose activations a stage holds, receive
 * buffers, and logits that outlive their micro-batch. Narayanan et al. 2021, Efficient Large-Scale Language Model
 * Training on GPU Clusters, section 2.2.
 */
#include "kernels/lower/training.h"

static double chunks(const kern_layout *at) {
    return at->vpp > 1 ? at->vpp : 1;
}

/**
 * 1F1B: a stage starts as many micro-batches as there are stages behind it, itself included. Interleaved, a rank runs
 * all its model chunks but the last for pp micro-batches before the first backward pass, and waits twice as long for
 * the ranks behind it. In micro-batches of the whole rank: a chunk is 1/v of one.
 */
void kern_train_schedule(kern_training *t) {
    const kern_layout *at = &t->l->sc->layout;
    double behind = at->pp - t->stage->index - 1, v = chunks(at);
    double started = v > 1 ? 2 * behind + (v - 1) * at->pp + 1 : behind + 1;
    double most = at->micro_batches > 0 ? at->micro_batches * v : started;
    t->in_flight = (started < most ? started : most) / v;
    t->at_work = 1 / v;
}

/** Micro-batches of a step; unless stated as many as fill the pipeline. */
static double micro_batches(const kern_layout *at) {
    return at->micro_batches > 0 ? at->micro_batches : at->pp;
}

static void put_received(const kern_training *t, double n) {
    const kern_scenario *sc = t->l->sc;
    double v = chunks(&sc->layout), ends = !t->stage->first + !t->stage->last;
    double hidden = KERN_TRAIN_BYTES * (double)sc->model->hidden * kern_train_whole_share(sc, t->by);
    double buffers = n * (2 * (v - 1) + ends);
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_RECEIVED, kern_train_per_token(sc, buffers * hidden),
                  "%.0f buffers x %.0f bytes per token", buffers, hidden);
}

static void put_outputs(const kern_training *t, double others) {
    const kern_scenario *sc = t->l->sc;
    double vocab = kern_train_head_params(sc, t->stage) / (double)sc->model->hidden;
    double bytes = others * KERN_TRAIN_BYTES * vocab;
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_OUTPUTS, kern_train_per_token(sc, bytes),
                  "%.0f other micro-batches x %d x %.0f entries per token", others, KERN_TRAIN_BYTES, vocab);
}

void kern_train_pipeline(const kern_training *t) {
    const kern_layout *at = &t->l->sc->layout;
    double n = micro_batches(at);
    if (at->pp == 1) return;
    if (t->by->pipe_buffers) put_received(t, n);
    if (t->by->pipe_outputs && t->moment != KERN_MOMENT_STEP) put_outputs(t, n - 1);
}
