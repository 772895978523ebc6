/*
 * ranks.h - the processes of one run, on one machine or many. Built with MPI=1 they are the ranks of an MPI job, else
 * there is one; nobody else knows MPI. What is marked "together" has to be called by every rank in the same order, by
 * the thread that called main, and gives every rank the same result.
 */
#ifndef SWEEP_RANKS_H
#define SWEEP_RANKS_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/** Joins the job, when there is one: without mpirun or srun no MPI is started. */
err sweep_ranks_begin(diags *faults);

/** Leaves the job. Returns the exit status of this process: rank 0 answers for all. A failure that the other ranks do
 * not know of ends them too. */
int sweep_ranks_end(int status);

unsigned sweep_ranks_me(void);     /* 0 .. n - 1 */
unsigned sweep_ranks_n(void);      /* 1 without MPI */
unsigned sweep_ranks_beside(void); /* ranks on this machine, this one included */

/** A rank no longer answers: nothing may be exchanged any more. */
int sweep_ranks_lost(void);

/** Whether this process prints its faults: rank 0 does, and one that ends without telling the others why. */
int sweep_ranks_speaks(void);

/** Size of the job that a launcher started this process in, whatever this build can do with it; 0: none. */
unsigned sweep_ranks_launched(void);

/**
 * Together: the code of the first rank that failed, ERR_OK when none did. Its first fault is added to those of rank 0,
 * which prints for all. ERR_INTERRUPTED when a rank no longer answers after a signal to stop.
 */
err sweep_ranks_agree(err mine, diags *faults);

/** Together: n bytes of rank 0 to all. */
err sweep_ranks_tell(void *bytes, size_t n);

/** Together: n bytes of every rank, in the order of ranks, to all: `all` has room for n times the ranks. */
err sweep_ranks_gather(const void *mine, size_t n, void *all);

/** Together, element by element, in place: sums (they wrap beyond 2^64), least and largest. NaN is not allowed. */
err sweep_ranks_sum(uint64_t *x, size_t n);
err sweep_ranks_least(double *x, size_t n);
err sweep_ranks_largest(double *x, size_t n);

/** One file that several ranks write at places of their own. */
typedef struct sweep_ranks_file sweep_ranks_file;

/** Opens a file that is there; faults call it `shown`. The caller closes it; not together, so agree before the first
 * write. */
err sweep_ranks_file_open(sweep_ranks_file **f, const char *path, const char *shown, diags *faults);

/** Starts writing; `bytes` are borrowed until the next call, which waits for the end and tells its fault. */
err sweep_ranks_file_write(sweep_ranks_file *f, uint64_t at, const void *bytes, size_t n, diags *faults);

/** Waits for the last write, syncs when `keep`, closes, frees. NULL is fine. */
err sweep_ranks_file_close(sweep_ranks_file *f, int keep, diags *faults);

#endif
