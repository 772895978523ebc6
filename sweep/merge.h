/*
 * merge.h - the shards of one run: found in the folders given, held against each other (merge_find.c), put together
 * (cmd_merge.c). A shard is an output folder like any other whose manifest says which share it holds.
 */
#ifndef SWEEP_MERGE_H
#define SWEEP_MERGE_H

#include "sweep/command.h"
#include "sweep/manifest.h"

typedef struct sweep_shard {
    const char *dir;
    const char *name; /* of its manifest, in the folder */
    sweep_manifest m;
} sweep_shard;

typedef struct sweep_shards {
    sweep_shard *item;
    size_t n, cap;
} sweep_shards;

/**
 * Finds the shards in a folder that holds shard-K-of-N folders, or is one.
 * @return ERR_MISSING: there are none, or one was never finished
 */
err sweep_shards_find(sweep_shards *s, arena *mem, const char *dir, diags *faults);

/**
 * Sorts them and checks that they are one run, whole: none missing, none twice, none of another run, no file missing or
 * of another length. All faults are found; digests are left to whoever copies.
 */
err sweep_shards_check(sweep_shards *s, arena *mem, diags *faults);

/** Whether the shards of a report are shares of one file; else the first shard has all of it. */
int sweep_shards_share(const sweep_made_report *r);

#endif
