/*
 * sharding.c - what one rank of a layout holds of a tensor, and which layouts a model allows.
 * Column and row parallel matrices divide by tp, K and V by no more than their heads, norms and low-rank
 * down-projections are replicated, the vocabulary is padded to 64 x tp (Shoeybi et al. 2019, section 3).
 */
#include "kernels/lower/internal.h"

static double div_up(double x, double y) {
    return ceil(x / y);
}

double kern_expert_cut(const kern_layout *l) {
    if (l->ep == 1) return l->tp;
    return l->etp > 1 ? l->etp : 1;
}

/** Experts are shared out over ep; their inner width is cut like a dense matrix, by tp or, under ep, by etp. */
static kern_local shard_expert(const kern_tensor *t, const kern_layout *l) {
    kern_local local = {(double)t->rows, (double)t->cols, (double)t->count};
    double cut = kern_expert_cut(l);
    local.count = div_up(local.count, l->ep);
    if (t->role == KERN_ROLE_DOWN) {
        local.cols = div_up(local.cols, cut);
    } else {
        local.rows = div_up(local.rows, cut);
    }
    return local;
}

kern_local kern_shard_tensor(const kern_tensor *t, const kern_layout *l) {
    kern_local local = {(double)t->rows, (double)t->cols, (double)t->count};
    if (t->shard == KERN_SHARD_EXPERT) return shard_expert(t, l);
    if (l->tp == 1) return local;
    switch ((kern_shard)t->shard) {
    case KERN_SHARD_COLUMN:
        local.rows = div_up(local.rows, l->tp);
        break;
    case KERN_SHARD_ROW:
        local.cols = div_up(local.cols, l->tp);
        break;
    case KERN_SHARD_KV:
        if (t->kv_heads) local.rows = local.rows / t->kv_heads * div_up(t->kv_heads, l->tp);
        break;
    case KERN_SHARD_VOCAB:
        local.rows = div_up(local.rows, 64.0 * l->tp) * 64;
        break;
    case KERN_SHARD_NONE:
    case KERN_SHARD_EXPERT:
        break;
    }
    return local;
}

/** Query heads must divide evenly; KV heads must divide or be divided by tp. */
static err check_part(kern_lowering *l, const kern_part *p) {
    int tp = l->sc->layout.tp, ep = l->sc->layout.ep;
    if (p->q_heads && p->q_heads % tp) {
        return kern_refuse(l, "tp%d does not divide the %lld attention heads of %s", tp, (long long)p->q_heads,
                           l->sc->model->name);
    }
    if (p->kind == KERN_PART_ATTN && p->kv_heads && p->kv_heads % tp && tp % p->kv_heads) {
        return kern_refuse(l, "tp%d and the %lld KV heads of %s do not divide one another", tp, (long long)p->kv_heads,
                           l->sc->model->name);
    }
    if (p->kind == KERN_PART_MOE && l->sc->layout.etp > tp) {
        return kern_refuse(l, "etp%d is more than tp%d", l->sc->layout.etp, tp);
    }
    if (p->kind == KERN_PART_MOE && ep > p->experts) {
        return kern_refuse(l, "ep%d is more than the %lld experts of %s", ep, (long long)p->experts,
                           l->sc->model->name);
    }
    return ERR_OK;
}

err kern_lower_check_layout(kern_lowering *l) {
    const kern_model *m = l->sc->model;
    const kern_layout *at = &l->sc->layout;
    int experts = 0;
    if (at->tp < 1) return kern_refuse(l, "no layout of so many GPUs is allowed for %s", m->name);
    if (m->n_groups > KERN_GROUPS_MAX)
        return kern_refuse(l, "%s has more than %d layer groups", m->name, KERN_GROUPS_MAX);
    if (at->pp > m->layers)
        return kern_refuse(l, "pp%d is more than the %lld layers of %s", at->pp, (long long)m->layers, m->name);
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            experts |= m->groups[g].parts[p].kind == KERN_PART_MOE;
            TRY(check_part(l, &m->groups[g].parts[p]));
        }
    }
    if (at->ep > 1 && !experts) return kern_refuse(l, "ep%d needs experts, %s is dense", at->ep, m->name);
    if (at->zero && l->sc->mode->train == KERN_INFERENCE) {
        return kern_refuse(l, "ZeRO and FSDP shard a training run, the mode is %s", l->sc->mode->name);
    }
    return ERR_OK;
}
