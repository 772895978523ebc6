/*
 * file_internal.h - what the halves of an output file share: names and renaming (file.c), bytes and compression
 * (file_codec.c), their way to the descriptor (file_emit.c), the temporary file (file_temp.c).
 */
#ifndef REPORT_FILE_INTERNAL_H
#define REPORT_FILE_INTERNAL_H

#include "common/stop.h"
#include "report/file.h"

#include <stdint.h>
#include <sys/stat.h>

/* Texts of a block and more go out by themselves; the buffer is whole blocks. */
enum { FILE_BUFFER = 1 << 20, FILE_BLOCK = 1 << 17, FILE_PIECE_MAX = 1 << 30 };

/** How pieces are packed on their way out; chosen by the suffix of the path. */
typedef struct file_codec {
    const char *suffix;
    size_t (*bound)(size_t n); /* most bytes that n can become */
    /** 0 when memory is gone. NULL: bytes leave as they are. */
    int (*pack)(const void *bytes, size_t n, void *out, size_t cap, size_t *packed);
} file_codec;

struct report_file {
    char *path;      /* as messages name it */
    char *target;    /* where the bytes end up: links followed */
    char *temporary; /* NULL: written directly */
    size_t made;     /* folders of the path that are new, as report_folders_make tells */
    stop_undo undo;  /* removes temporary and made */
    int fd;
    int keep_open;    /* the descriptor is not ours to close */
    int screen;       /* it is a terminal: what terminals obey is not sent */
    err failed;       /* first error, sticky */
    int why;          /* its errno */
    const char *what; /* what was being done: "cannot write" */
    const file_codec *codec;
    unsigned char *buffer, *packed; /* FILE_BUFFER and what that can become; packed only when compressing */
    size_t used, packed_cap;
    int emitted; /* some piece is out */
    /* Of a file of ours: */
    uint64_t emitted_bytes, reserved; /* reserved: bytes that have blocks; 0: none asked for; UINT64_MAX: cannot be */
};

/** The codec of a path; plain when no suffix matches. */
const file_codec *file_codec_of(const char *path);

/** Sends what is buffered on its way; `last` ends the file. */
err file_flush(report_file *f, int last);

/** Writes all n bytes to the descriptor. */
err file_emit(report_file *f, const void *bytes, size_t n);

/** Gives back the blocks that were not needed. */
void file_unreserve(report_file *f);

/** Bytes for a terminal: controls but line feeds and tabs become '?', in ASCII and in UTF-8. `last`: the byte before.
 */
void file_screen(unsigned char *bytes, size_t n, unsigned char *last);

/** Notes the first error; returns the sticky code. */
err file_fail(report_file *f, err code, int why, const char *what);

/** Creates .<name>.<random>.tmp beside `target`; *path is malloc'ed. Returns the descriptor, -1 with errno. */
int file_temporary(const char *target, mode_t mode, char **path);

/** Makes a rename in the folder of `path` durable; 0, or errno. */
int file_sync_folder(const char *path);

#endif
