/*
 * test_folder.c - a set of files is the old one or the new one, wherever a process is killed while it replaces it:
 * every rename and every unlink of a commit is cut off once. Locks, dead holders, journals of strangers, names.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/file.h"
#include "sweep/folder.h"
#include "tests/unit/tt.h"

static int steps_left = -1; /* in a child: renames and unlinks until it is killed */

static void count_step(void) {
    if (steps_left == 0) raise(SIGKILL);
    if (steps_left > 0) steps_left--;
}

/** Ours stand before the library's: the same calls, counted. */
int renameat(int from_at, const char *from, int to_at, const char *to) {
    count_step();
    return (int)syscall(SYS_renameat2, from_at, from, to_at, to, 0);
}
int rename(const char *from, const char *to) {
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}
int unlinkat(int at, const char *path, int flags) {
    count_step();
    return (int)syscall(SYS_unlinkat, at, path, flags);
}
int unlink(const char *path) {
    return unlinkat(AT_FDCWD, path, 0);
}

static char dir[64];

static void put(const char *name, const char *text) {
    char path[256];
    report_file *f;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    CU_ASSERT_EQUAL_FATAL(report_file_open(&f, path, NULL), ERR_OK);
    report_file_text(f, text);
    CU_ASSERT_EQUAL(report_file_commit(f, NULL), ERR_OK);
}

/** Text of a file, "" when there is none. */
static const char *get(const char *name) {
    static char text[4][256];
    static int at;
    char path[256], *out = text[at++ % 4];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(out, 1, sizeof text[0] - 1, f) : 0;
    out[n] = 0;
    if (f) fclose(f);
    return out;
}

static void clear(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    CU_ASSERT_EQUAL(system(command), 0);
}

static void fresh(void) {
    snprintf(dir, sizeof dir, "%s", "/tmp/vramsweep-folder-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static err replace_set(const char *text, diags *faults) {
    static const sweep_step step[] = {{"a.csv", 0}, {"sub/b.csv", 0}, {"gone.md", 1}, {"c.md", 0}};
    sweep_folder f;
    arena mem;
    arena_init(&mem, NULL, NULL);
    err e = sweep_folder_open(&f, &mem, dir, faults);
    if (e == ERR_OK) {
        e = sweep_folder_stage(&f, faults);
        put(".vramsweep/new/a.csv", text);
        put(".vramsweep/new/sub/b.csv", text);
        put(".vramsweep/new/c.md", text);
        if (e == ERR_OK) e = sweep_folder_commit(&f, step, 4, faults);
        sweep_folder_close(&f);
    }
    arena_fini(&mem);
    return e;
}

static void old_set(void) {
    put("a.csv", "old");
    put("sub/b.csv", "old");
    put("c.md", "old");
    put("gone.md", "old");
    put("mine.txt", "the user's own");
}

/** 1 when the set is whole: all old or all new. */
static int is_whole(void) {
    const char *want = get("a.csv");
    int is_new = strcmp(want, "new") == 0;
    return (is_new || strcmp(want, "old") == 0) && strcmp(get("sub/b.csv"), want) == 0 &&
           strcmp(get("c.md"), want) == 0 && strcmp(get("gone.md"), is_new ? "" : "old") == 0;
}

static int has(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

/** Starts a commit that is killed after `steps`; returns 1 when it came to its end before. */
static int run_killed(int steps) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        steps_left = steps;
        _exit(replace_set("new", NULL) == ERR_OK ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status);
}

static void killed_anywhere(void) {
    arena mem;
    int ended = 0, steps = 0;
    arena_init(&mem, NULL, NULL);
    for (; !ended && steps < 100; steps++) {
        fresh();
        old_set();
        ended = run_killed(steps);
        CU_ASSERT(ended || has(".vramsweep"));
        CU_ASSERT(is_whole() || has(".vramsweep/journal"));
        CU_ASSERT_EQUAL(sweep_folder_settle(&mem, dir, NULL), ERR_OK); /* any reader of ours */
        CU_ASSERT(is_whole());
        TT_TEXT(get("mine.txt"), "the user's own");
        CU_ASSERT_EQUAL(replace_set("new", NULL), ERR_OK); /* the next run */
        CU_ASSERT(is_whole() && strcmp(get("a.csv"), "new") == 0);
        CU_ASSERT(!has(".vramsweep"));
        clear();
    }
    CU_ASSERT(steps > 8 && ended);
    arena_fini(&mem);
}

static void two_runs(void) {
    diags faults = {.n = 0};
    sweep_folder f;
    arena mem;
    char want[128];
    int ready[2];
    fresh();
    CU_ASSERT_EQUAL_FATAL(pipe(ready), 0);
    pid_t child = fork();
    arena_init(&mem, NULL, NULL);
    if (child == 0) {
        if (sweep_folder_open(&f, &mem, dir, NULL) == ERR_OK && write(ready[1], "x", 1) == 1) pause();
        _exit(1);
    }
    char x;
    CU_ASSERT_EQUAL(read(ready[0], &x, 1), 1);
    TT_ERR(ERR_WRITE, sweep_folder_open(&f, &mem, dir, &faults));
    snprintf(want, sizeof want, "%s: another run is at work in this folder (process %ld)", dir, (long)child);
    TT_TEXT(faults.item[0].text, want);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CU_ASSERT_EQUAL(sweep_folder_open(&f, &mem, dir, NULL), ERR_OK); /* the lock died with its process */
    CU_ASSERT_EQUAL(f.died, (long)child);
    sweep_folder_close(&f);
    CU_ASSERT(!has(".vramsweep"));
    arena_fini(&mem);
    close(ready[0]);
    close(ready[1]);
    clear();
}

static void strange_journals(void) {
    static const char *const bad[] = {
        "move ../escaped\n", "remove /etc/nothing\n", "move a/../../b\n", "chmod a\n", "move a.csv", "\n", "move \n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fresh();
        put(".vramsweep/journal", bad[i]);
        put("a.csv", "old");
        TT_ERR(ERR_WRITE, replace_set("new", NULL));
        TT_TEXT(get("a.csv"), "old");
        clear();
    }
}

static void refused_targets(void) {
    char path[128];
    fresh();
    old_set();
    snprintf(path, sizeof path, "%s/c.md", dir);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(mkdir(path, 0777), 0);
    TT_ERR(ERR_WRITE, replace_set("new", NULL)); /* nothing is moved when one cannot be */
    TT_TEXT(get("a.csv"), "old");
    CU_ASSERT(!has(".vramsweep"));
    clear();
}

static void names(void) {
    CU_ASSERT(sweep_folder_name_ok("a.csv") && sweep_folder_name_ok(".vramsweep/x/y.csv"));
    static const char *const bad[] = {"", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\nb"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT(!sweep_folder_name_ok(bad[i]));
}

CU_TestInfo folder_tests[] = {
    {"killed_anywhere", killed_anywhere}, {"two_runs", two_runs}, {"strange_journals", strange_journals},
    {"refused_targets", refused_targets}, {"names", names},       CU_TEST_INFO_NULL};
