/*
 * terminal.h - a table for people at a terminal: aligned columns without boxes, cut to the width of the screen.
 */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include "common/err.h"
#include "report/table.h"

#include <stdio.h>

/**
 * Prints title, heads, rows and footnotes. On a terminal long texts are cut so that a row keeps to one line; numbers
 * are never cut. Control characters come out as '?'.
 * @param color  heads bold, marks coloured; signs stand beside the colour either way
 * @return ERR_OK; ERR_MEMORY; ERR_WRITE
 */
err report_terminal_write(FILE *to, const report_table *t, int color);

/** The same for a screen of `places` columns; 0: endless. */
err report_terminal_write_wide(FILE *to, const report_table *t, int color, size_t places);

#endif
