/*
 * gnuplot_run.c - runs gnuplot: by argument list, never through a shell, without start-up files, in a small
 * environment, for a minute at most (GNUPLOT_SECONDS). What it prints to stderr becomes the fault.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/stop.h"
#include "report/chart_internal.h"

enum { LIMIT_SECONDS = 60, LIMIT_SECONDS_MAX = 86400, POLL_MS = 20, SAID_MAX = 4096 };

/** A running program: its process and what it said. */
typedef struct child {
    pid_t pid;
    int from; /* its stderr */
    char said[SAID_MAX];
    size_t n;
    int status, late;
    stop_undo undo;
} child;

/** What finding gnuplot, fonts and a place for temporary files needs; all else could change the picture. */
static const char *const kept[] = {"PATH=", "HOME=", "TMPDIR=", "XDG_CACHE_HOME=", "FONTCONFIG_FILE="};

enum { KEPT = sizeof kept / sizeof *kept };

/** env: KEPT + 2 pointers, borrowed from our own environment. */
static void build_environment(char **env) {
    size_t n = 0;
    env[n++] = (char *)"LC_ALL=C";
    for (size_t i = 0; i < KEPT; i++) {
        char **entry = environ;
        while (*entry && strncmp(*entry, kept[i], strlen(kept[i])) != 0)
            entry++;
        if (*entry) env[n++] = *entry;
    }
    env[n] = NULL;
}

/** Ends the program and all it has started. It is dead on return; its status is still to be collected. */
static void end_child(void *c) {
    const child *k = c;
    siginfo_t info;
    kill(-k->pid, SIGKILL);
    while (waitid(P_PID, (id_t)k->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
}

/** A group of its own, and the signals as a program finds them. 0 or an errno. */
static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE);
    sigaddset(&ours, SIGXFSZ);
    int why = posix_spawnattr_init(attributes);
    if (why) return why;
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &ours);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return 0;
}

/** No input and no output, stderr to a pipe. 0 or an errno. */
static int set_streams(posix_spawn_file_actions_t *acts, int to) {
    int why = posix_spawn_file_actions_init(acts);
    if (why) return why;
    why = posix_spawn_file_actions_addopen(acts, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!why) why = posix_spawn_file_actions_addopen(acts, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!why) why = posix_spawn_file_actions_adddup2(acts, to, STDERR_FILENO);
    if (why) posix_spawn_file_actions_destroy(acts);
    return why;
}

static int spawn(child *k, char *const *argv, int to) {
    char *env[KEPT + 2];
    posix_spawn_file_actions_t acts;
    posix_spawnattr_t attributes;
    build_environment(env);
    int why = set_streams(&acts, to);
    if (why) return why;
    why = set_attributes(&attributes);
    if (!why) {
        stop_hold();
        why = posix_spawnp(&k->pid, argv[0], &acts, &attributes, argv, env);
        if (!why) stop_undo_add(&k->undo, end_child, k);
        stop_release();
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&acts);
    return why;
}

/** errno or 0. */
static int start(child *k, char *const *argv) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    int why = spawn(k, argv, ends[1]);
    close(ends[1]);
    k->from = ends[0];
    if (why) close(ends[0]);
    return why;
}

/** Takes what can be read now; keeps the first SAID_MAX bytes. 0 at the end of the stream. */
static int listen_to(child *k) {
    char piece[1 << 14];
    ssize_t n = read(k->from, piece, sizeof piece);
    if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
    size_t take = (size_t)n < SAID_MAX - 1 - k->n ? (size_t)n : SAID_MAX - 1 - k->n;
    memcpy(k->said + k->n, piece, take);
    k->n += take;
    return 1;
}

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

/** Seconds that gnuplot may take. */
static int limit_seconds(void) {
    const char *asked = getenv("GNUPLOT_SECONDS");
    long n = asked ? strtol(asked, NULL, 10) : 0;
    return n > 0 && n <= LIMIT_SECONDS_MAX ? (int)n : LIMIT_SECONDS;
}

static int has_ended(const child *k) {
    siginfo_t info = {.si_pid = 0};
    int bad = waitid(P_PID, (id_t)k->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return bad ? errno != EINTR : info.si_pid == k->pid;
}

/** Listens until the program ends; stops it when its time is over. */
static void attend(child *k) {
    long end = now_ms() + limit_seconds() * 1000L;
    int open = 1;
    fcntl(k->from, F_SETFL, O_NONBLOCK);
    while (!has_ended(k)) {
        if (!k->late && now_ms() > end) {
            k->late = 1;
            end_child(k);
        }
        struct pollfd from = {.fd = open ? k->from : -1, .events = POLLIN};
        if (poll(&from, 1, open ? POLL_MS : 1) > 0 && !listen_to(k)) open = 0;
    }
    for (int left = 8; left > 0 && open; left--)
        open = listen_to(k);
    close(k->from);
    stop_undo_drop(&k->undo);
    kill(-k->pid, SIGKILL); /* what it has started and left behind */
    while (waitpid(k->pid, &k->status, 0) < 0 && errno == EINTR)
        ;
}

/** A program is there; else *why keeps what made it impossible to tell. */
static int may_run(const char *path, int *why) {
    if (access(path, X_OK) == 0) return 1;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) *why = errno;
    return 0;
}

int report_gnuplot_found(int *found) {
    const char *asked = getenv("GNUPLOT"), *program = asked && *asked ? asked : "gnuplot", *path = getenv("PATH");
    char full[4096];
    int why = 0;
    *found = strchr(program, '/') ? may_run(program, &why) : 0;
    for (const char *at = path && !strchr(program, '/') ? path : ""; *at && !*found; at += strspn(at, ":")) {
        size_t n = strcspn(at, ":");
        int k = snprintf(full, sizeof full, "%.*s/%s", (int)n, at, program);
        *found = k > 0 && (size_t)k < sizeof full && may_run(full, &why);
        at += n;
    }
    return *found ? 0 : why;
}

/** First line that says something; gnuplot points at the place with lines of blanks and carets, and warns before. */
static const char *first_words(char *said) {
    for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n")) {
        int blank = strspn(line, " ^\t\r") == strlen(line);
        if (!blank && !strstr(line, "Fontconfig") && !strstr(line, ": warning: ")) return line;
    }
    return "it said nothing";
}

err chart_gnuplot_run(const char *script, const char *svg, const char *png, int *found, diags *faults) {
    const char *asked = getenv("GNUPLOT"), *program = asked && *asked ? asked : "gnuplot";
    char *argv[] = {(char *)program, (char *)"-d", (char *)"-c", (char *)script, (char *)svg, (char *)png, NULL};
    child k = {0};
    int why = report_gnuplot_found(found); /* not every system tells a failed exec apart from a program that fails */
    if (why) return diag_add(faults, ERR_PROGRAM, NULL, 0, 0, NULL, "%.100s: %s", program, strerror(why));
    if (!*found) return ERR_OK;
    why = start(&k, argv);
    *found = why != ENOENT && why != ENOTDIR;
    if (!*found) return ERR_OK;
    if (why) return diag_add(faults, ERR_PROGRAM, NULL, 0, 0, NULL, "%.100s: %s", program, strerror(why));
    attend(&k);
    if (k.late) {
        return diag_add(faults, ERR_PROGRAM, NULL, 0, 0, NULL, "%.100s: not done with %.150s after %d s, stopped",
                        program, script, limit_seconds());
    }
    if (WIFSIGNALED(k.status)) {
        return diag_add(faults, ERR_PROGRAM, NULL, 0, 0, NULL, "%.60s: ended by signal %d (%s) on %.100s", program,
                        WTERMSIG(k.status), strsignal(WTERMSIG(k.status)), script);
    }
    if (WEXITSTATUS(k.status) != 0) {
        return diag_add(faults, ERR_PROGRAM, NULL, 0, 0, NULL, "%.60s: failed on %.100s: %.120s", program, script,
                        first_words(k.said));
    }
    return ERR_OK;
}
