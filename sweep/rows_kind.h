/*
 * rows_kind.h - the file formats of scenario rows: the suffix of a file decides, unless --format does.
 */
#ifndef SWEEP_ROWS_KIND_H
#define SWEEP_ROWS_KIND_H

#include "sweep/config.h"
#include "sweep/options.h"

typedef enum sweep_rows_kind { SWEEP_ROWS_CSV, SWEEP_ROWS_JSON, SWEEP_ROWS_XLSX } sweep_rows_kind;

/** .csv, .jsonl or .xlsx, the first two also with .gz or .zst. */
sweep_rows_kind sweep_rows_kind_of(const char *path);

/**
 * Gives the files of all `csv` reports the suffix of the format asked for (csv or jsonl; any other leaves them alone).
 * ERR_DUPLICATE when two reports would then write the same file.
 */
err sweep_rows_rename(sweep_config *cfg, sweep_format format, arena *mem, diags *faults);

#endif
