/*
 * file.h - output files that are never half-written: bytes go to a temporary name beside the target, are synced and
 * renamed by report_file_commit. A path that is no regular file (/dev/stdout, /dev/null, a pipe) is written directly,
 * with no truncation or rename; "-" is standard output. A suffix .gz or .zst compresses.
 */
#ifndef REPORT_FILE_H
#define REPORT_FILE_H

#include "common/err.h"

#include <stddef.h>

typedef struct report_file report_file;

/** Opens for writing; missing parent folders are created. The path is copied. */
err report_file_open(report_file **f, const char *path, diags *faults);

/** The same for bytes that are packed already: a suffix packs nothing. */
err report_file_open_packed(report_file **f, const char *path, diags *faults);

/** Appends bytes; after the first failure every further call returns the same code. */
err report_file_write(report_file *f, const void *bytes, size_t n);

/** Bytes as a file takes them: packed when it compresses, else the caller's own. Zero-initialise. */
typedef struct report_piece {
    const void *bytes;
    size_t n;
    void *memory; /* of the packed ones, used again */
    size_t cap;
} report_piece;

/**
 * Makes a piece of n bytes (at most 2^30), a gzip member or zstd frame of its own when the file compresses. Any thread
 * may do so while others write. ERR_LIMIT, ERR_MEMORY.
 */
err report_file_pack(const report_file *f, const void *bytes, size_t n, report_piece *out);

/** The same for a file that may not be open here: the suffix of its path decides. */
err report_pack(const char *path, const void *bytes, size_t n, report_piece *out);

/** Whether the bytes go to a regular file that is made anew; else to a pipe, a device, a descriptor. */
int report_file_is_new(const report_file *f);

/** Appends a piece; what was written before it comes first. */
err report_file_put(report_file *f, const report_piece *p);
void report_piece_free(report_piece *p);

/** Appends NUL-terminated text. */
err report_file_text(report_file *f, const char *text);

/** Formatted text, C locale. */
err report_file_printf(report_file *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Flushes, syncs, renames, frees `f` on both paths. The first error of the file's life is reported here (once). */
err report_file_commit(report_file *f, diags *faults);

/** Commits what a writer wrote that returned `e`; after a failure that is not the file's own, throws it away. */
err report_file_end(report_file *f, err e, diags *faults);

/** Makes the folders above a path; 0, or errno. *made, when not NULL: bytes of the path up to the first that is new, 0
 * when all were there. */
int report_folders_make(const char *path, size_t *made);

/** Removes those again that are empty; made 0: nothing. */
void report_folders_unmake(const char *path, size_t made);

/** Makes what was done in the folder of a path durable; 0, or errno. */
int report_folder_sync(const char *path);

/** Whether something is at a path; 0, or errno when that cannot be found out. */
int report_file_exists(const char *path, int *is);

/** Throws the output away and frees; NULL is fine. The old file stays as it was. */
void report_file_abort(report_file *f);

/**
 * For libraries that write by file name themselves (libxlsxwriter): gives the temporary path to write to; commit then
 * syncs and renames it. Refused for targets that are no regular files.
 */
err report_file_reserve(report_file **f, const char *path, const char **temporary, diags *faults);

/** A file in memory, to be ended by report_file_take or report_file_abort. */
err report_file_memory(report_file **f, diags *faults);

/** What was written, malloc'ed, with a NUL behind; frees `f` on both paths. */
err report_file_take(report_file *f, char **text, size_t *n, diags *faults);

#endif
