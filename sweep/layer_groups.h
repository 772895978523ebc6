/*
 * layer_groups.h - the layer_groups column of models.csv, its flags and its mixer sizes.
 *
 *     GROUPS = GROUP ( ';' GROUP )*      GROUP = [ 'mtp:' | 'enc:' ] COUNT '*' PART ( '+' PART )*
 *     PART   = KIND [ '(' KEY '=' NUMBER ( ',' KEY '=' NUMBER )* ')' ]
 *
 * Kinds and keys: docs/catalogs.md. At most 64 groups of 8 parts.
 */
#ifndef SWEEP_LAYER_GROUPS_H
#define SWEEP_LAYER_GROUPS_H

#include "common/err.h"
#include "kernels/lower/tensors.h"

enum { SWEEP_GROUPS_MAX = 64, SWEEP_SIZE_MAX = 1 << 24, SWEEP_MIXER_MAX = 1 << 16, SWEEP_LAYERS_MAX = 100000 };

typedef struct sweep_group_spec {
    kern_group_kind kind;
    int64_t layers;
    kern_part_spec part[KERN_LAYER_PARTS_MAX];
    uint32_t n_parts;
} sweep_group_spec;

/** Parses layer_groups. @return number of groups, 0 on failure with the reason in why (DIAG_TEXT bytes) */
uint32_t sweep_groups_parse(const char *text, sweep_group_spec out[SWEEP_GROUPS_MAX], char *why);

/** Parses count_flags (`norms=4;routerbias;gate=elem`) into the shape. Returns 0 with the reason in why. */
int sweep_flags_parse(const char *text, kern_shape *out, char *why);

/** Parses linear_state (`gdn:kh=16;vh=32;kd=128;vd=128;conv=4`, several joined by '|'). Returns 0 with the reason. */
int sweep_mixers_parse(const char *text, kern_shape *out, char *why);

#endif
