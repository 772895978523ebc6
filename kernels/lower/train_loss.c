/*
 * train_loss.c - logits and loss at the end of the forward pass, on the stage that holds the head. The multipliers per
 * vocabulary entry are columns of engines.csv: 16-bit logits, their 32-bit copy, log-softmax and gradients, as many of
 * them as the framework has alive at once. Vocabulary-parallel heads divide by tp.
 */
#include "kernels/lower/training.h"

/** A split vocabulary takes the eager loss apart into more steps, with more results alive at once. */
static double vocab_bytes(const kern_training *t) {
    int split = t->l->sc->layout.tp > 1;
    switch ((kern_loss)t->l->sc->mode->loss) {
    case KERN_LOSS_EAGER:
        return t->by->loss_eager_bytes + (split ? t->by->loss_parallel_bytes : 0);
    case KERN_LOSS_FUSED_CE:
        return t->by->loss_fused_bytes;
    case KERN_LOSS_CHUNKED:
        return t->by->loss_chunk_bytes;
    case KERN_LOSS_COMPILED:
        return t->by->loss_compiled_bytes;
    case KERN_LOSS_FUSED_LINEAR:
        return 0;
    }
    return 0;
}

void kern_train_loss(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    double h = (double)sc->model->hidden, head = kern_train_head_params(sc, t->stage), vocab = head / h;
    double whole = kern_train_whole_share(sc, t->by);
    int linear = sc->mode->loss == KERN_LOSS_FUSED_LINEAR;
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_LOGITS, kern_train_per_token(sc, vocab_bytes(t) * vocab),
                  "%g x %.0f entries per token", vocab_bytes(t), vocab);
    /* With a split sequence the head works on the gathered one: its input and the gradient of it are whole. */
    double hidden = linear ? t->by->loss_linear_bytes : t->by->loss_hidden_bytes;
    double gathered = whole < 1 ? 4 : 0;
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_LOSS,
                  kern_train_per_token(sc, (hidden * whole + gathered) * h), "%g x %.0f per token, %g gathered", hidden,
                  h, gathered);
    if (!linear || sc->mode->train != KERN_FULL) return;
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_LINEAR, TERM_CONST(2 * KERN_TRAIN_BYTES * head),
                  "gradient of the head and one product: %.0f parameters x 2 x %d", head, KERN_TRAIN_BYTES);
}
