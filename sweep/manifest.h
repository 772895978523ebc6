/*
 * manifest.h - what a run leaves beside its files so that the next one knows what is stale: program, catalogs, and for
 * each report a key (digest of all it was made from) and the digests of its files. One manifest for each config of a
 * folder: <folder>/.vramsweep/<config>.manifest.json. A manifest that cannot be read counts as none.
 */
#ifndef SWEEP_MANIFEST_H
#define SWEEP_MANIFEST_H

#include "common/arena.h"
#include "common/digest.h"
#include "common/err.h"

typedef struct sweep_made_file {
    const char *name; /* relative to the folder */
    char sha[DIGEST_HEX];
    uint64_t bytes, lines;
} sweep_made_file;

typedef struct sweep_made_report {
    const char *what, *key; /* "table inference-8k" */
    const char *asked;      /* digest of its part of the config */
    sweep_made_file *file;
    size_t n, cap;
} sweep_made_report;

/** A name and the digest of what stands behind it. */
typedef struct sweep_named_digest {
    const char *name, *digest;
} sweep_named_digest;

typedef struct sweep_manifest {
    const char *program, *sources; /* version; digest of the program's sources */
    sweep_named_digest *formula, *catalog;
    size_t n_formulas, n_catalogs;
    sweep_made_report *report;
    size_t n_reports;
    uint64_t shard, of; /* of --shard, counted from 1; 0: the whole run */
} sweep_manifest;

/** One that is not there, or not a manifest, is no fault: `program` is then NULL. */
err sweep_manifest_read(sweep_manifest *m, arena *mem, const char *path, diags *faults);

err sweep_manifest_write(const sweep_manifest *m, const char *path, diags *faults);

/** Report by what it is; NULL when unknown. */
const sweep_made_report *sweep_manifest_find(const sweep_manifest *m, const char *what);

/** Adds a file to a report. Returns 0 when memory is gone. */
int sweep_made_add(sweep_made_report *r, arena *mem, const sweep_made_file *file);

#endif
