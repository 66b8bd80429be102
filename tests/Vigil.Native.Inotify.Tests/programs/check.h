/* What the programs of these tests have in common: expectations, a new directory, time, memory. */
#ifndef CHECK_H
#define CHECK_H

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vigil.h>

#define EXPECT(condition)                                                                                     \
    do {                                                                                                      \
        if (!(condition)) {                                                                                   \
            fprintf(stderr, "%s:%d: not so: %s (errno %d, %s)\n", __FILE__, __LINE__, #condition, errno,      \
                    vigil_last_error());                                                                      \
            exit(1);                                                                                          \
        }                                                                                                     \
    } while (0)

/* A named part of a program, run alone. */
struct check {
    const char *name;
    void (*run)(void);
};

static inline int run_check(const struct check *checks, int argc, char **argv)
{
    for (; argc == 3 && checks->name != NULL; checks++) {
        if (strcmp(checks->name, argv[1]) == 0) {
            EXPECT(chdir(argv[2]) == 0); /* an empty directory */
            checks->run();
            return 0;
        }
    }
    fprintf(stderr, "usage: %s CHECK DIRECTORY\n", argv[0]);
    return 2;
}

static inline void make_file(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    EXPECT(fd >= 0 && close(fd) == 0);
}

static inline double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

/* Until a thread of this process sleeps in a system call: proc_pid_syscall(5). */
static inline void wait_until_in(pid_t thread, long call)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/self/task/%d/syscall", (int)thread);
    for (double end = now_ms() + 30000; now_ms() < end;) {
        long number = -1;
        FILE *file = fopen(name, "re");
        EXPECT(file != NULL);
        int found = fscanf(file, "%ld", &number);
        fclose(file);
        if (found == 1 && number == call)
            return;
        sched_yield();
    }
    EXPECT(!"it did not come to that call");
}

static inline long resident_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "re");
    EXPECT(status != NULL);
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    fclose(status);
    EXPECT(kib > 0);
    return kib;
}

/* How many are open, and two more. */
static inline int count_descriptors(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    EXPECT(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

#endif
