/*
 * diff.h - two texts as a unified diff, as patch(1) reads it.
 */
#ifndef REPORT_DIFF_H
#define REPORT_DIFF_H

#include "common/err.h"

/** One side: its name in the heading and its bytes. */
typedef struct report_side {
    const char *name, *text;
    size_t n;
} report_side;

/**
 * Writes the differing lines with three lines of context; nothing when the texts are equal. Texts that differ in more
 * than a thousand or so lines are shown as one replaced block. ERR_MEMORY: nothing is written.
 */
err report_diff(FILE *to, const report_side *before, const report_side *after);

#endif
