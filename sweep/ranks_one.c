/*
 * ranks_one.c - a run of one process: the build without MPI. Every exchange is with oneself.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/ranks.h"

err sweep_ranks_begin(diags *faults) {
    (void)faults;
    return ERR_OK;
}

int sweep_ranks_end(int status) {
    return status;
}

unsigned sweep_ranks_me(void) {
    return 0;
}

unsigned sweep_ranks_n(void) {
    return 1;
}

unsigned sweep_ranks_beside(void) {
    return 1;
}

int sweep_ranks_lost(void) {
    return 0;
}

int sweep_ranks_speaks(void) {
    return 1;
}

unsigned sweep_ranks_launched(void) {
    const char *n = getenv("OMPI_COMM_WORLD_SIZE");
    return n ? (unsigned)strtoul(n, NULL, 10) : 0;
}

err sweep_ranks_agree(err mine, diags *faults) {
    (void)faults;
    return mine;
}

err sweep_ranks_tell(void *bytes, size_t n) {
    (void)bytes;
    (void)n;
    return ERR_OK;
}

err sweep_ranks_gather(const void *mine, size_t n, void *all) {
    memmove(all, mine, n);
    return ERR_OK;
}

err sweep_ranks_sum(uint64_t *x, size_t n) {
    (void)x;
    (void)n;
    return ERR_OK;
}

err sweep_ranks_least(double *x, size_t n) {
    (void)x;
    (void)n;
    return ERR_OK;
}

err sweep_ranks_largest(double *x, size_t n) {
    return sweep_ranks_least(x, n);
}

/** One process writes through report/file.h. */
err sweep_ranks_file_open(sweep_ranks_file **f, const char *path, const char *shown, diags *faults) {
    (void)f;
    (void)path;
    return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: built without MPI", shown);
}

err sweep_ranks_file_write(sweep_ranks_file *f, uint64_t at, const void *bytes, size_t n, diags *faults) {
    (void)f;
    (void)at;
    (void)bytes;
    (void)n;
    (void)faults;
    return ERR_WRITE;
}

err sweep_ranks_file_close(sweep_ranks_file *f, int keep, diags *faults) {
    (void)f;
    (void)keep;
    (void)faults;
    return ERR_OK;
}
