/*
 * file_internal.h - what the halves of an output file share: names and renaming (file.c), bytes and compression
 * (file_codec.c), the temporary file (file_temp.c).
 */
#ifndef REPORT_FILE_INTERNAL_H
#define REPORT_FILE_INTERNAL_H

#include "report/file.h"

#include <sys/stat.h>

enum { FILE_BUFFER = 1 << 20 };

/** How bytes are packed on their way out; chosen by the suffix of the path. */
typedef struct file_codec {
    const char *suffix;
    err (*begin)(report_file *f);
    /** Packs n bytes and writes what comes out; `last` ends the stream. */
    err (*step)(report_file *f, const void *bytes, size_t n, int last);
    void (*end)(report_file *f);
} file_codec;

struct report_file {
    char *path;      /* as messages name it */
    char *target;    /* where the bytes end up: links followed */
    char *temporary; /* NULL: written directly */
    int fd;
    int keep_open;    /* the descriptor is not ours to close */
    err failed;       /* first error, sticky */
    int why;          /* its errno */
    const char *what; /* what was being done: "cannot write" */
    const file_codec *codec;
    void *stream;
    unsigned char *buffer, *packed; /* FILE_BUFFER each; packed only when compressing */
    size_t used;
};

/** The codec of a path; plain when no suffix matches. */
const file_codec *file_codec_of(const char *path);

/** Writes all n bytes to the descriptor. */
err file_emit(report_file *f, const void *bytes, size_t n);

/** Notes the first error; returns the sticky code. */
err file_fail(report_file *f, err code, int why, const char *what);

/** Makes the folders above a path. 0, or errno. */
int file_make_folders(const char *path);

/** Creates .<name>.<random>.tmp beside `target`; *path is malloc'ed. Returns the descriptor, -1 with errno. */
int file_temporary(const char *target, mode_t mode, char **path);

/** Makes a rename in the folder of `path` durable; 0, or errno. */
int file_sync_folder(const char *path);

#endif
