/*
 * peak.c - runs a command and says on standard error how long it took and how much memory it had at most, in one line:
 * `NAME: 12.3 s, 45 MB`. Ends as the command does; with status 99 when it took more megabytes than allowed.
 * Usage: peak NAME MEGABYTES COMMAND...
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct timespec from, to;
    struct rusage used;
    int status = 0;
    if (argc < 4) return 2;
    clock_gettime(CLOCK_MONOTONIC, &from);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[3], argv + 3);
        perror(argv[3]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child) return 2;
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    double megabytes = (double)used.ru_maxrss * 1024 / 1e6;
    fprintf(stderr, "%s: %.1f s, %.0f MB at most\n", argv[1], seconds, megabytes);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status) ? WEXITSTATUS(status) : megabytes > atof(argv[2]) ? 99 : 0;
}
