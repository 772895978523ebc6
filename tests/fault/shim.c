/*
 * shim.c - a library that is loaded before the others and lets chosen calls fail. Reads the environment:
 *
 *   FAULT=FAMILY:N:WHAT      call N of a family fails; N+ that one and all after it
 *   FAULT_COUNT=FILE         eight bytes: how many calls of the family there were, also when the process is killed
 *   FAULT_DELAY=FAMILY:US    each call of a family takes so many microseconds longer
 *   FAULT_SHOW=1             the call that fails tells on standard error where it came from
 *   FAULT_ROOM=BYTES         after so many bytes the disk is full
 *
 * Only the program itself is meant: a shell around it and what it starts go on as ever. FAMILY is one of the names in
 * the table below. WHAT is an error (ENOMEM, EIO, ...), `kill` (the process dies there, as by kill -9), `hang` (the
 * call never returns) or `short` (read and write do half of what was asked). What the C library calls inside itself
 * (printf to standard output, fread's own read) does not come by here: its entry points do.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ALLOC, OPEN, READ, WRITE, SYNC, CLOSE, RENAME, MKDIR, UNLINK, MAP, SPAWN, OTHER, FAMILIES };
static const char *const family_name[FAMILIES] = {"alloc",  "open",  "read",   "write", "sync",  "close",
                                                  "rename", "mkdir", "unlink", "map",   "spawn", "other"};

static const struct {
    const char *name;
    int code;
} faults[] = {{"ENOMEM", ENOMEM}, {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE}, {"EACCES", EACCES},
              {"EROFS", EROFS},   {"EAGAIN", EAGAIN}, {"EINTR", EINTR},   {"EDQUOT", EDQUOT}, {"ENOENT", ENOENT}};

enum { KILL = -1, HANG = -2, SHORT = -3, GOOD = 0 };

static struct {
    int family, what, following; /* following: all after it fail too */
    uint64_t n;
    int delayed, show;
    useconds_t delay;
    int has_room;
    atomic_int_fast64_t room; /* bytes left on the disk */
    atomic_uint_fast64_t *count;
} plan = {.family = -1, .delayed = -1};
static atomic_uint_fast64_t own_count;
static atomic_int ready;

static int find_family(const char *text) {
    for (int i = 0; i < FAMILIES; i++) {
        size_t n = strlen(family_name[i]);
        if (strncmp(text, family_name[i], n) == 0 && text[n] == ':') return i;
    }
    static const char say[] = "shim: no such family of calls\n";
    if (write(2, say, sizeof say - 1)) _exit(99);
    _exit(99);
}

static int find_fault(const char *text) {
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (strcmp(text, faults[i].name) == 0) return faults[i].code;
    }
    return strcmp(text, "kill") == 0 ? KILL : strcmp(text, "hang") == 0 ? HANG : SHORT;
}

/** The counter is a file that is mapped: it tells the truth about a process that was killed, too. */
static void map_counter(const char *path) {
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || syscall(SYS_ftruncate, fd, sizeof *plan.count) != 0) return;
    void *at = (void *)syscall(SYS_mmap, NULL, sizeof *plan.count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) plan.count = at;
    syscall(SYS_close, fd);
}

__attribute__((constructor)) static void read_plan(void) {
    const char *fault = getenv("FAULT"), *delay = getenv("FAULT_DELAY"), *room = getenv("FAULT_ROOM"),
               *count = getenv("FAULT_COUNT");
    plan.count = &own_count;
    if (strncmp(program_invocation_short_name, "vramsweep", 9) != 0) return;
    if (count) map_counter(count);
    if (fault) {
        char *end;
        int family = find_family(fault);
        plan.n = strtoull(strchr(fault, ':') + 1, &end, 10);
        plan.following = *end == '+';
        plan.what = find_fault(strrchr(fault, ':') + 1);
        plan.family = family;
    }
    if (delay) {
        plan.delay = (useconds_t)strtoul(strchr(delay, ':') + 1, NULL, 10);
        plan.delayed = find_family(delay);
    }
    plan.show = getenv("FAULT_SHOW") != NULL;
    plan.has_room = room != NULL;
    if (room) plan.room = strtoll(room, NULL, 10);
    ready = 1;
}

static void show_caller(void) {
    void *at[24];
    plan.show = 0;
    backtrace_symbols_fd(at, backtrace(at, 24), STDERR_FILENO);
}

/** What becomes of this call: GOOD, SHORT or an error. */
static int fate(int family) {
    if (!ready) return GOOD;
    if (family == plan.delayed) usleep(plan.delay);
    if (family != plan.family) return GOOD;
    uint64_t n = atomic_fetch_add(plan.count, 1) + 1;
    if (n != plan.n && !(plan.following && n > plan.n)) return GOOD;
    if (plan.show) show_caller();
    if (plan.what == KILL) syscall(SYS_kill, getpid(), SIGKILL);
    while (plan.what == HANG)
        pause();
    return plan.what;
}

static void *next(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

/* ---- memory: what dlsym itself asks for comes from a room of its own ----------------------------------------------
 */

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
} real;
static _Alignas(64) unsigned char early[1 << 16];
static size_t early_used;
static int looking;

static int is_early(const void *p) {
    return (const unsigned char *)p >= early && (const unsigned char *)p < early + sizeof early;
}

static void *take_early(size_t n) {
    void *p = early + early_used;
    early_used += (n + 63) & ~(size_t)63;
    return early_used <= sizeof early ? p : NULL;
}

static int look_up(void) {
    if (real.free) return 1;
    if (looking) return 0;
    looking = 1;
    *(void **)&real.malloc = next("malloc");
    *(void **)&real.calloc = next("calloc");
    *(void **)&real.realloc = next("realloc");
    *(void **)&real.posix_memalign = next("posix_memalign");
    *(void **)&real.aligned_alloc = next("aligned_alloc");
    *(void **)&real.free = next("free");
    looking = 0;
    return 1;
}

/** A sanitizer asks where a thread's stack is, and ends the process when it is not told: that memory is not ours. */
static _Thread_local int spared __attribute__((tls_model("initial-exec")));

int pthread_getattr_np(pthread_t thread, pthread_attr_t *out) {
    static int (*call)(pthread_t, pthread_attr_t *);
    if (!call) *(void **)&call = next("pthread_getattr_np");
    spared++;
    int why = call(thread, out);
    spared--;
    return why;
}

static int no_memory(void) {
    if (spared || fate(ALLOC) == GOOD) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n) {
    if (!look_up()) return take_early(n);
    return no_memory() ? NULL : real.malloc(n);
}

void *calloc(size_t n, size_t size) {
    if (!look_up()) return take_early(n * size);
    return no_memory() ? NULL : real.calloc(n, size);
}

void *realloc(void *p, size_t n) {
    if (!look_up()) return take_early(n);
    if (n && no_memory()) return NULL;
    if (!is_early(p)) return real.realloc(p, n);
    void *to = real.malloc(n);
    if (to) memcpy(to, p, n < 4096 ? n : 4096);
    return to;
}

void *reallocarray(void *p, size_t n, size_t size) {
    return realloc(p, n * size);
}

int posix_memalign(void **p, size_t align, size_t n) {
    if (!look_up()) return ENOMEM;
    return no_memory() ? ENOMEM : real.posix_memalign(p, align, n);
}

void *aligned_alloc(size_t align, size_t n) {
    if (!look_up()) return take_early(n);
    return no_memory() ? NULL : real.aligned_alloc(align, n);
}

void free(void *p) {
    if (!p || is_early(p) || !look_up()) return;
    real.free(p);
}

/* ---- calls that fail before they do anything: CALL(family, result, bad result, name, parameters, arguments) ---------
 */

#define CALL(family, type, bad, name, parameters, arguments)                                                           \
    type name parameters {                                                                                             \
        static type(*call) parameters;                                                                                 \
        if (!call) *(void **)&call = next(#name);                                                                      \
        int why = fate(family);                                                                                        \
        if (why > 0) {                                                                                                 \
            errno = why;                                                                                               \
            return bad;                                                                                                \
        }                                                                                                              \
        return call arguments;                                                                                         \
    }

CALL(OPEN, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
CALL(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
CALL(OPEN, FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
CALL(OPEN, FILE *, NULL, tmpfile, (void), ())
CALL(OPEN, int, -1, creat, (const char *path, mode_t mode), (path, mode))
CALL(OPEN, int, -1, mkstemp, (char *path), (path))
CALL(OPEN, int, -1, mkostemp, (char *path, int flags), (path, flags))
CALL(OPEN, FILE *, NULL, fopencookie, (void *cookie, const char *mode, cookie_io_functions_t calls),
     (cookie, mode, calls))
CALL(OPEN, int, -1, memfd_create, (const char *name, unsigned flags), (name, flags))
CALL(OPEN, DIR *, NULL, opendir, (const char *path), (path))
CALL(OPEN, int, -1, scandir,
     (const char *path, struct dirent ***out, int (*filter)(const struct dirent *),
      int (*order)(const struct dirent **, const struct dirent **)),
     (path, out, filter, order))
CALL(RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
CALL(RENAME, int, -1, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
CALL(MKDIR, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
CALL(MKDIR, char *, NULL, mkdtemp, (char *path), (path))
CALL(UNLINK, int, -1, unlink, (const char *path), (path))
CALL(UNLINK, int, -1, rmdir, (const char *path), (path))
CALL(UNLINK, int, -1, remove, (const char *path), (path))
CALL(MAP, void *, MAP_FAILED, mmap, (void *at, size_t n, int prot, int flags, int fd, off_t from),
     (at, n, prot, flags, fd, from))
CALL(MAP, void *, MAP_FAILED, mmap64, (void *at, size_t n, int prot, int flags, int fd, off64_t from),
     (at, n, prot, flags, fd, from))
CALL(SPAWN, int, -1, pipe2, (int ends[2], int flags), (ends, flags))
CALL(SPAWN, pid_t, -1, fork, (void), ())
CALL(SPAWN, int, why, posix_spawnp,
     (pid_t * pid, const char *file, const posix_spawn_file_actions_t *acts, const posix_spawnattr_t *attributes,
      char *const argv[], char *const env[]),
     (pid, file, acts, attributes, argv, env))
CALL(OTHER, int, -1, ftruncate, (int fd, off_t n), (fd, n))
CALL(OTHER, int, -1, fallocate, (int fd, int how, off_t at, off_t n), (fd, how, at, n))
CALL(OTHER, int, -1, chmod, (const char *path, mode_t mode), (path, mode))
CALL(OTHER, int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
CALL(OTHER, int, -1, flock, (int fd, int how), (fd, how))
CALL(OTHER, off_t, -1, lseek, (int fd, off_t at, int whence), (fd, at, whence))
CALL(OTHER, int, -1, access, (const char *path, int mode), (path, mode))
CALL(OTHER, int, -1, stat, (const char *path, struct stat *out), (path, out))
CALL(OTHER, int, -1, lstat, (const char *path, struct stat *out), (path, out))
CALL(OTHER, int, -1, fstat, (int fd, struct stat *out), (fd, out))
CALL(OTHER, char *, NULL, realpath, (const char *path, char *out), (path, out))
CALL(OTHER, ssize_t, -1, getrandom, (void *to, size_t n, unsigned flags), (to, n, flags))
CALL(OTHER, int, -1, fseek, (FILE * f, long at, int whence), (f, at, whence))
CALL(OTHER, int, -1, fflush, (FILE * f), (f))

/* ---- open, whose mode may be missing -------------------------------------------------------------------------------
 */

#define OPENS(name, before, given, names)                                                                              \
    int name(before int flags, ...) {                                                                                  \
        static int (*call)(before int, ...);                                                                           \
        if (!call) *(void **)&call = next(#name);                                                                      \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                                        \
        va_end(more);                                                                                                  \
        int why = fate(OPEN);                                                                                          \
        if (why > 0) errno = why;                                                                                      \
        return why > 0 ? -1 : call(given flags, mode);                                                                 \
    }
#define COMMA ,
OPENS(open, const char *path COMMA, path COMMA, )
OPENS(open64, const char *path COMMA, path COMMA, )
OPENS(openat, int dir COMMA const char *path COMMA, dir COMMA path COMMA, )
OPENS(openat64, int dir COMMA const char *path COMMA, dir COMMA path COMMA, )

/* ---- bytes: may be done by half, may find the disk full ------------------------------------------------------------
 */

/** How many bytes may be written; 0 and errno when none. Standard error is left alone. */
static size_t allowed(int fd, size_t n) {
    if (fd == STDERR_FILENO) return n;
    int why = fate(WRITE);
    if (why > 0) errno = why;
    if (why > 0) return 0;
    if (why == SHORT && n > 1) n = (n + 1) / 2;
    if (!plan.has_room) return n;
    int64_t left = atomic_fetch_sub(&plan.room, (int64_t)n);
    if (left <= 0) errno = ENOSPC;
    return left <= 0 ? 0 : (uint64_t)left < n ? (size_t)left : n;
}

ssize_t write(int fd, const void *bytes, size_t n) {
    size_t some = n ? allowed(fd, n) : 0;
    return n && !some ? -1 : syscall(SYS_write, fd, bytes, some);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    size_t some = n ? allowed(fd, n) : 0;
    return n && !some ? -1 : syscall(SYS_pwrite64, fd, bytes, some, at);
}

/** A stream of its owner's own calls (fopencookie) has no descriptor: its owner writes, and that comes by here. */
size_t fwrite(const void *bytes, size_t size, size_t n, FILE *f) {
    static size_t (*call)(const void *, size_t, size_t, FILE *);
    if (!call) *(void **)&call = next("fwrite");
    int own = f == stderr || f == stdout || f->_fileno < 0 || !n || !size;
    size_t some = own ? n : allowed(f->_fileno, n);
    if (own || some) return call(bytes, size, some, f);
    f->_flags |= 0x20; /* glibc's mark of a stream that has failed */
    return 0;
}

/** How many bytes may be read; -1: the error is in errno. */
static ssize_t readable(size_t n) {
    int why = fate(READ);
    if (why > 0) errno = why;
    if (why > 0) return -1;
    return (ssize_t)(why == SHORT && n > 1 ? (n + 1) / 2 : n);
}

ssize_t read(int fd, void *to, size_t n) {
    ssize_t some = readable(n);
    return some < 0 ? -1 : syscall(SYS_read, fd, to, some);
}

ssize_t pread(int fd, void *to, size_t n, off_t at) {
    ssize_t some = readable(n);
    return some < 0 ? -1 : syscall(SYS_pread64, fd, to, some, at);
}

size_t fread(void *to, size_t size, size_t n, FILE *f) {
    static size_t (*call)(void *, size_t, size_t, FILE *);
    if (!call) *(void **)&call = next("fread");
    int why = f->_fileno < 0 ? GOOD : fate(READ);
    if (why <= 0) return call(to, size, n, f);
    f->_flags |= 0x20;
    errno = why;
    return 0;
}

char *fgets(char *to, int n, FILE *f) {
    static char *(*call)(char *, int, FILE *);
    if (!call) *(void **)&call = next("fgets");
    int why = fate(READ);
    if (why <= 0) return call(to, n, f);
    f->_flags |= 0x20;
    errno = why;
    return NULL;
}

/* ---- syncing is not done at all: nothing here outlives the machine, and the tests would wait ------------------------
 */

int fsync(int fd) {
    int why = fate(SYNC);
    (void)fd;
    if (why > 0) errno = why;
    return why > 0 ? -1 : 0;
}

int fdatasync(int fd) {
    return fsync(fd);
}

/* ---- closing fails after it is done --------------------------------------------------------------------------------
 */

int close(int fd) {
    int why = fate(CLOSE);
    int done = (int)syscall(SYS_close, fd);
    if (why > 0) errno = why;
    return why > 0 ? -1 : done;
}

int fclose(FILE *f) {
    static int (*call)(FILE *);
    if (!call) *(void **)&call = next("fclose");
    int why = fate(CLOSE), done = call(f);
    if (why > 0) errno = why;
    return why > 0 ? EOF : done;
}

/* ---- what fortified programs call instead --------------------------------------------------------------------------
 */

ssize_t __read_chk(int fd, void *to, size_t n, size_t room);
ssize_t __read_chk(int fd, void *to, size_t n, size_t room) {
    return n > room ? -1 : read(fd, to, n);
}
ssize_t __pread_chk(int fd, void *to, size_t n, off_t at, size_t room);
ssize_t __pread_chk(int fd, void *to, size_t n, off_t at, size_t room) {
    return n > room ? -1 : pread(fd, to, n, at);
}
size_t __fread_chk(void *to, size_t room, size_t size, size_t n, FILE *f);
size_t __fread_chk(void *to, size_t room, size_t size, size_t n, FILE *f) {
    return size * n > room ? 0 : fread(to, size, n, f);
}
char *__fgets_chk(char *to, size_t room, int n, FILE *f);
char *__fgets_chk(char *to, size_t room, int n, FILE *f) {
    return (size_t)n > room ? NULL : fgets(to, n, f);
}
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) {
    return open(path, flags);
}
char *__realpath_chk(const char *path, char *out, size_t room);
char *__realpath_chk(const char *path, char *out, size_t room) {
    (void)room;
    return realpath(path, out);
}
