/*
 * dispatch.c - which kernel table runs: the best the CPU and the operating system support (the compiler's CPU check
 * covers both), or the one forced by name. Chosen once, before threads start.
 */
#include <stdio.h>
#include <string.h>

#include "kernels/eval/eval.h"

extern const kern_ops kern_ops_base;

#if defined(__x86_64__)
extern const kern_ops kern_ops_avx2, kern_ops_avx512;

static int runs_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int runs_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

static int runs_always(void) {
    return 1;
}

static const struct choice {
    const kern_ops *ops;
    int (*runs)(void);
} choices[] = {
    {&kern_ops_base, runs_always},
#if defined(__x86_64__)
    {&kern_ops_avx2, runs_avx2},
    {&kern_ops_avx512, runs_avx512},
#endif
};

enum { CHOICES = sizeof choices / sizeof choices[0] };

static const kern_ops *chosen;

static const kern_ops *best(void) {
    const kern_ops *found = choices[0].ops;
    for (unsigned i = 1; i < CHOICES; i++) {
        if (choices[i].runs()) found = choices[i].ops;
    }
    return found;
}

const kern_ops *kern_ops_get(void) {
    return chosen ? chosen : best();
}

const char *kern_ops_name(unsigned i, int *runs) {
    if (i >= CHOICES) return NULL;
    *runs = choices[i].runs();
    return choices[i].ops->name;
}

err kern_ops_choose(const char *name, char *why, size_t why_bytes) {
    if (strcmp(name, "auto") == 0) {
        chosen = best();
        return ERR_OK;
    }
    for (unsigned i = 0; i < CHOICES; i++) {
        if (strcmp(choices[i].ops->name, name) != 0) continue;
        if (!choices[i].runs()) {
            snprintf(why, why_bytes, "this machine cannot run '%s'", name);
            return ERR_RANGE;
        }
        chosen = choices[i].ops;
        return ERR_OK;
    }
    snprintf(why, why_bytes, "found '%s', expected auto, base, avx2 or avx512", name);
    return ERR_NAME;
}
