/*
 * training.c - the peak of a training step: a maximum over its moments and the stages of the pipeline, each a sum of
 * its own terms (one phase of the record). Refuses engines whose row says nothing about training.
 */
#include "kernels/lower/training.h"

kern_term kern_train_per_token(const kern_scenario *sc, double bytes) {
    kern_term t = TERM_PER_TOKEN(bytes);
    t.page_s = sc->layout.cp;
    return t;
}

/** Local tokens attend to all of them: cp x (s/cp)^2. */
kern_term kern_train_per_score(const kern_scenario *sc, double bytes) {
    kern_term t = TERM_PER_TOKEN2(bytes * sc->layout.cp);
    t.page_s = sc->layout.cp;
    return t;
}

static void put_moment(const kern_training *t) {
    kern_half half = t->l->half, of_gathered = t->l->sc->mode->train == KERN_FULL ? KERN_HALF_REST : KERN_HALF_WEIGHTS;
    if (half & KERN_HALF_WEIGHTS) kern_train_frozen(t);
    if (half & of_gathered) kern_train_gathered(t);
    if (half & KERN_HALF_WEIGHTS) kern_train_dequantized(t);
    if (!(half & KERN_HALF_REST)) return;
    kern_train_states(t);
    kern_train_overhead(t);
    kern_train_pipeline(t);
    if (t->moment == KERN_MOMENT_STEP) return;
    kern_train_activations(t);
    if (t->moment == KERN_MOMENT_LOSS) {
        kern_train_loss(t);
    } else {
        kern_train_backward(t);
    }
}

static int asked_for(const kern_layout *at, const kern_stage *st) {
    switch ((kern_pipeline_stage)at->stage) {
    case KERN_STAGE_FULLEST:
        return 1;
    case KERN_STAGE_FIRST:
        return st->first;
    case KERN_STAGE_LAST:
        return st->last;
    }
    return 1;
}

static err lower_moments(kern_lowering *l, const kern_trainer *by) {
    kern_stage stage[KERN_PHASES_MAX];
    unsigned n = kern_stages_in_order(l->sc->model, l->sc->layout.pp, stage, KERN_TRAIN_STAGES);
    l->r->n_phases = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!asked_for(&l->sc->layout, &stage[i])) continue;
        for (int moment = 0; moment < KERN_MOMENTS; moment++) {
            if (moment == KERN_MOMENT_LOSS && !stage[i].last) continue;
            kern_training t = {.l = l, .by = by, .stage = &stage[i], .moment = (kern_moment)moment};
            t.phase = l->r->n_phases++;
            kern_train_schedule(&t);
            put_moment(&t);
        }
    }
    return l->failed;
}

/** What the layout leaves open is the engine's habit. */
err kern_lower_training(kern_lowering *l) {
    const kern_scenario *asked = l->sc;
    kern_scenario settled = *asked;
    if (asked->engine->train.gated_bytes <= 0) {
        return kern_refuse(l, "engine %s does not train, and the mode is %s", asked->engine->name, asked->mode->name);
    }
    if (settled.layout.etp == 0 && asked->engine->train.expert_tp) settled.layout.etp = settled.layout.tp;
    kern_trainer by = asked->engine->train;
    if (asked->mode->compile == KERN_SWITCH_NO && by.eager_gated_bytes > 0) {
        by.gated_bytes = by.eager_gated_bytes;
        by.norm_bytes = by.eager_norm_bytes;
    }
    l->sc = &settled;
    err e = lower_moments(l, &by);
    l->sc = asked;
    return e;
}
