/*
 * ranks_mpi.c - the ranks of an MPI job: the build with MPI=1. Every exchange is started without waiting and then
 * polled, so that a rank whose partner is dead still hears the signal that its launcher sends, and can clean up.
 */
#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sweep/progress.h"
#include "sweep/ranks.h"

enum { POLLS_AT_FULL_SPEED = 4000, NAP_NS = 50000, PIECE = 1 << 20 };

/** After the signal to stop, others get this long to answer: a launcher kills a second after it sent the signal. */
static const double PATIENCE_SECONDS = 0.3;

static struct {
    int running, me, n, beside;
    int lost;   /* a partner no longer answers: nothing may be exchanged any more */
    int shared; /* the others may be waiting for this rank */
} job = {.n = 1, .beside = 1};

/** The launchers' marks: mpirun's own, and those of PMI that srun sets. */
static int is_launched(void) {
    static const char *const marks[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (getenv(marks[i])) return 1;
    }
    return 0;
}

err sweep_ranks_begin(diags *faults) {
    int provided;
    MPI_Comm machine;
    if (!is_launched()) return ERR_OK;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
        return diag_add(faults, ERR_PROGRAM, NULL, 0, 0, "MPI", "cannot be started");
    }
    job.running = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &job.me);
    MPI_Comm_size(MPI_COMM_WORLD, &job.n);
    if (MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, job.me, MPI_INFO_NULL, &machine) == MPI_SUCCESS) {
        MPI_Comm_size(machine, &job.beside);
        MPI_Comm_free(&machine);
    }
    return ERR_OK;
}

int sweep_ranks_end(int status) {
    if (!job.running) return status;
    if (job.lost || (status && job.shared)) MPI_Abort(MPI_COMM_WORLD, status ? status : 1);
    MPI_Finalize();
    return job.me == 0 ? status : 0;
}

unsigned sweep_ranks_me(void) {
    return (unsigned)job.me;
}

unsigned sweep_ranks_n(void) {
    return (unsigned)job.n;
}

unsigned sweep_ranks_beside(void) {
    return (unsigned)job.beside;
}

int sweep_ranks_lost(void) {
    return job.lost;
}

int sweep_ranks_speaks(void) {
    if (job.lost) return job.me <= 1; /* one of these two is alive */
    return job.me == 0 || job.shared;
}

unsigned sweep_ranks_launched(void) {
    return job.running ? (unsigned)job.n : 0;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Polls until the exchange is done; gives up when this rank was told to stop and the others stay silent. */
static err await(MPI_Request *request) {
    const struct timespec nap = {0, NAP_NS};
    double stopped = 0;
    job.shared = 1;
    for (unsigned polls = 0; !job.lost; polls++) {
        int done = 0;
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done) return ERR_OK;
        if (sweep_progress_stopped() && stopped == 0) stopped = seconds();
        if (stopped > 0 && seconds() - stopped > PATIENCE_SECONDS) job.lost = 1;
        if (polls > POLLS_AT_FULL_SPEED) nanosleep(&nap, NULL);
    }
    return ERR_INTERRUPTED;
}

err sweep_ranks_tell(void *bytes, size_t n) {
    MPI_Request request;
    if (job.n == 1 || n == 0) return ERR_OK;
    if (job.lost) return ERR_INTERRUPTED;
    MPI_Ibcast(bytes, (int)n, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
    return await(&request);
}

err sweep_ranks_gather(const void *mine, size_t n, void *all) {
    MPI_Request request;
    if (job.n == 1) memmove(all, mine, n);
    if (job.n == 1 || n == 0) return ERR_OK;
    if (job.lost) return ERR_INTERRUPTED;
    MPI_Iallgather(mine, (int)n, MPI_BYTE, all, (int)n, MPI_BYTE, MPI_COMM_WORLD, &request);
    return await(&request);
}

static err reduce(void *x, size_t n, size_t bytes, MPI_Datatype type, MPI_Op op) {
    if (job.n == 1) return ERR_OK;
    for (size_t i = 0; i < n; i += PIECE) {
        MPI_Request request;
        if (job.lost) return ERR_INTERRUPTED;
        int piece = n - i < PIECE ? (int)(n - i) : PIECE;
        MPI_Iallreduce(MPI_IN_PLACE, (char *)x + i * bytes, piece, type, op, MPI_COMM_WORLD, &request);
        TRY(await(&request));
    }
    return ERR_OK;
}

err sweep_ranks_sum(uint64_t *x, size_t n) {
    return reduce(x, n, sizeof *x, MPI_UINT64_T, MPI_SUM);
}

err sweep_ranks_least(double *x, size_t n) {
    return reduce(x, n, sizeof *x, MPI_DOUBLE, MPI_MIN);
}

err sweep_ranks_largest(double *x, size_t n) {
    return reduce(x, n, sizeof *x, MPI_DOUBLE, MPI_MAX);
}

/** What the first rank that failed has to say. */
typedef struct verdict {
    int code;
    char text[DIAG_TEXT];
} verdict;

static void describe(verdict *v, err code, const diags *faults) {
    *v = (verdict){.code = (int)code};
    snprintf(v->text, sizeof v->text, "%s", err_text(code));
    for (int i = 0; faults && i < faults->n; i++) {
        const diag *d = &faults->item[i];
        if (d->code == ERR_OK) continue;
        char place[64] = "";
        if (d->line) snprintf(place, sizeof place, ":%d", d->line);
        snprintf(v->text, sizeof v->text, "%.100s%s%s%.200s", d->file ? d->file : "", place, d->file ? ": " : "",
                 d->text);
        return;
    }
}

err sweep_ranks_agree(err mine, diags *faults) {
    static verdict v; /* a rank that is given up may still write here */
    static int first;
    MPI_Request request;
    if (job.n == 1) return mine;
    if (job.lost) return ERR_INTERRUPTED;
    first = mine == ERR_OK ? INT_MAX : job.me;
    MPI_Iallreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    TRY(await(&request));
    if (first == INT_MAX) return ERR_OK;
    describe(&v, mine, faults);
    MPI_Ibcast(&v, sizeof v, MPI_BYTE, first, MPI_COMM_WORLD, &request);
    TRY(await(&request));
    job.shared = 0;
    if (job.me == 0 && first != 0) diag_add(faults, (err)v.code, NULL, 0, 0, NULL, "rank %d: %s", first, v.text);
    return (err)v.code;
}

struct sweep_ranks_file {
    MPI_File file;
    MPI_Request request;
    size_t n; /* bytes being written, 0: none */
    char shown[];
};

static err fault(const sweep_ranks_file *f, const char *what, int code, diags *faults) {
    char text[MPI_MAX_ERROR_STRING] = "";
    int n = 0;
    MPI_Error_string(code, text, &n);
    return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL, "%.150s: %s: %.100s", f->shown, what, text);
}

err sweep_ranks_file_open(sweep_ranks_file **out, const char *path, const char *shown, diags *faults) {
    size_t n = strlen(shown) + 1;
    sweep_ranks_file *f = calloc(1, sizeof *f + n);
    if (!f) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    memcpy(f->shown, shown, n);
    /* By itself, not together: a rank that cannot open must not leave the others waiting. */
    int code = MPI_File_open(MPI_COMM_SELF, path, MPI_MODE_WRONLY, MPI_INFO_NULL, &f->file);
    if (code == MPI_SUCCESS) {
        *out = f;
        return ERR_OK;
    }
    err e = fault(f, "cannot open for writing", code, faults);
    free(f);
    return e;
}

/** The end of the write that was started. Open MPI 4.1 dies of a failed write in MPI_Wait and MPI_Test, so the request
 * is only looked at until it is known to be good. */
static err finish(sweep_ranks_file *f, diags *faults) {
    const struct timespec nap = {0, NAP_NS};
    MPI_Status status = {.MPI_ERROR = MPI_SUCCESS};
    int wrote = 0, done = 0;
    size_t n = f->n;
    if (n == 0) return ERR_OK;
    f->n = 0;
    while (MPI_Request_get_status(f->request, &done, &status) == MPI_SUCCESS && !done)
        nanosleep(&nap, NULL);
    if (status.MPI_ERROR != MPI_SUCCESS) return fault(f, "cannot write", status.MPI_ERROR, faults);
    MPI_Get_count(&status, MPI_BYTE, &wrote);
    if ((size_t)wrote != n) {
        return diag_add(faults, ERR_WRITE, NULL, 0, 0, NULL,
                        "%.200s: only %d of %zu bytes were written: is the disk full?", f->shown, wrote, n);
    }
    MPI_Wait(&f->request, MPI_STATUS_IGNORE);
    return ERR_OK;
}

err sweep_ranks_file_write(sweep_ranks_file *f, uint64_t at, const void *bytes, size_t n, diags *faults) {
    TRY(finish(f, faults));
    if (n == 0) return ERR_OK;
    if (n > INT_MAX) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%.200s: too much at once", f->shown);
    int code = MPI_File_iwrite_at(f->file, (MPI_Offset)at, bytes, (int)n, MPI_BYTE, &f->request);
    if (code != MPI_SUCCESS) return fault(f, "cannot write", code, faults);
    f->n = n;
    return ERR_OK;
}

err sweep_ranks_file_close(sweep_ranks_file *f, int keep, diags *faults) {
    if (!f) return ERR_OK;
    err e = finish(f, faults);
    int code = keep && e == ERR_OK ? MPI_File_sync(f->file) : MPI_SUCCESS;
    if (code != MPI_SUCCESS) e = fault(f, "cannot sync", code, faults);
    MPI_File_close(&f->file);
    free(f);
    return e;
}
