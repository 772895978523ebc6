/*
 * layout.h - the grammar of parallel layouts: PART ( '-' PART )*, PART = (tp|pp|dp|ep|cp)N | zeroN | fsdp | hsdp | sp.
 * Each part at most once; fsdp is ZeRO-3 over dp, hsdp within a node only. `tp1` is one GPU.
 */
#ifndef SWEEP_LAYOUT_H
#define SWEEP_LAYOUT_H

#include "common/err.h"
#include "kernels/types.h"

/** Parses; *why (DIAG_TEXT bytes) gets the reason on failure. */
err sweep_layout_parse(const char *text, kern_layout *out, char *why);

/** True when the degrees, each within its bounds, need more than KERN_DEGREE_MAX GPUs together. */
int sweep_layout_too_large(const kern_layout *l);

/** Shortest spelling, e.g. tp4-pp2, tp8-dp8-zero3; `tp1` when every degree is 1. out: KERN_LAYOUT_TEXT bytes. */
void sweep_layout_text(const kern_layout *l, char *out);

#endif
