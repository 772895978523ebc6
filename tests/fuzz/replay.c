/*
 * replay.c - gives every file of tests/corpus/<target>/ to its target, for builds of any compiler and sanitizer:
 * `replay` all of them, `replay PATTERN` the targets whose name holds it, `replay TARGET FILE...` these files. Says how
 * many were read; fails when a target has none. Exit status 77: the pattern picked no target.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 22, PATH_BYTES = 1024, NONE_PICKED = 77 };

static const struct target {
    const char *name;
    void (*run)(const uint8_t *data, size_t n);
} targets[] = {
#define TARGET(name, bytes, sources) {#name, fuzz_##name},
#include "tests/fuzz/targets.def"
#undef TARGET
};

enum { TARGETS = sizeof targets / sizeof *targets };

static char now[PATH_BYTES];

/** Gives one file to a target, in a buffer as long as the file; 0 when it cannot be read. */
static int replay_file(const struct target *t, const char *path) {
    static uint8_t bytes[INPUT_MAX];
    snprintf(now, sizeof now, "%s", path);
    FILE *in = fopen(path, "rb");
    if (!in) return 0;
    size_t n = fread(bytes, 1, sizeof bytes, in);
    int failed = ferror(in);
    fclose(in);
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy || failed) {
        free(copy);
        return 0;
    }
    memcpy(copy, bytes, n);
    t->run(copy, n);
    free(copy);
    return 1;
}

static int is_input(const struct dirent *e) {
    return e->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/** Files of a target's folder, in order of their names; the number read, -1 on a failure. */
static int replay_folder(const struct target *t) {
    char folder[PATH_BYTES / 2], path[PATH_BYTES];
    struct dirent **entry;
    int good = 1;
    snprintf(folder, sizeof folder, "tests/corpus/%s", t->name);
    int n = scandir(folder, &entry, is_input, by_name);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        good &= replay_file(t, path);
        free(entry[i]);
    }
    if (n >= 0) free(entry);
    if (n <= 0 || !good) fprintf(stderr, "%s: no inputs, or some cannot be read\n", folder);
    return n > 0 && good ? n : -1;
}

static int replay_given(const char *name, int n, char **paths) {
    for (size_t i = 0; i < TARGETS; i++) {
        if (strcmp(targets[i].name, name) != 0) continue;
        for (int k = 0; k < n; k++) {
            if (!replay_file(&targets[i], paths[k])) return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}

/** Which input it was, when a check or a sanitizer stops the process. */
static void tell_input(void) {
    static const char before[] = "replay: the input was ";
    if (write(STDERR_FILENO, before, sizeof before - 1) < 0 || write(STDERR_FILENO, now, strlen(now)) < 0) return;
    if (write(STDERR_FILENO, "\n", 1) < 0) return;
}

static void on_signal(int signal_number) {
    tell_input();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/** Of the sanitizers' run time, where there is one. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

int main(int argc, char **argv) {
    int inputs = 0, picked = 0, failed = 0;
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(tell_input);
    signal(SIGABRT, on_signal);
    if (!__sanitizer_set_death_callback) signal(SIGSEGV, on_signal);
    if (argc > 2) failed = replay_given(argv[1], argc - 2, argv + 2);
    for (size_t i = 0; i < TARGETS && argc <= 2; i++) {
        if (argc == 2 && !strstr(targets[i].name, argv[1])) continue;
        int n = replay_folder(&targets[i]);
        picked++;
        failed |= n < 0;
        inputs += n > 0 ? n : 0;
    }
    if (argc <= 2 && !picked) return NONE_PICKED;
    if (argc <= 2) printf("corpus: %d inputs of %d targets read\n", inputs, picked);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
