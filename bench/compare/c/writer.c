/*
 * The load: file operations from one process, as fast as a program can make them.
 *
 *   writer storm DIRECTORY OPERATIONS RATE   the mix below, RATE operations a second on average (0: flat out)
 *   writer chains DIRECTORY COUNT            COUNT times "mkdir -p mN/b/c/d" and a file "leaf" in it, flat out
 *   writer files DIRECTORY COUNT             COUNT empty files, flat out
 *
 * The mix of "storm": step N creates fN, writes 64 bytes to it and closes it; renames f(N-WINDOW) to r(N-WINDOW); and
 * unlinks r(N-2*WINDOW). So each file lives for a while under two names, and 2*WINDOW files are in the directory at any
 * time. Creating, writing, closing, renaming and unlinking count as one operation each. Steps come in bursts of BURST,
 * flat out; between two bursts the writer sleeps until its schedule is due again. At the end it prints its counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW = 1000, BURST = 200 };

static int directory;

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "writer: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

static void name_of(char *name, char first, long number)
{
    name[0] = first;
    for (int i = 7; i > 0; i--, number /= 10)
        name[i] = (char)('0' + number % 10);
    name[8] = 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void sleep_until(double due)
{
    struct timespec time = { .tv_sec = (time_t)due, .tv_nsec = (long)((due - (double)(time_t)due) * 1e9) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) { }
}

static void make_file(const char *name, const char *content, size_t length)
{
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        fail("create", name);
    if (length > 0 && write(fd, content, length) != (ssize_t)length)
        fail("write", name);
    if (close(fd) < 0)
        fail("close", name);
}

static void storm(long operations, double rate)
{
    char content[64], name[16], other[16];
    memset(content, 'v', sizeof content);
    /* 3N + (N - WINDOW) + (N - 2 WINDOW) operations in N steps. */
    long steps = (operations + 3 * WINDOW) / 5;
    long renames = 0, unlinks = 0;
    double start = now();
    for (long step = 0; step < steps; step++) {
        if (rate > 0 && step % BURST == 0)
            sleep_until(start + (double)(step * 5) / rate);
        name_of(name, 'f', step);
        make_file(name, content, sizeof content);
        if (step >= WINDOW) {
            name_of(name, 'f', step - WINDOW);
            name_of(other, 'r', step - WINDOW);
            if (renameat(directory, name, directory, other) < 0)
                fail("rename", name);
            renames++;
        }
        if (step >= 2 * WINDOW) {
            name_of(name, 'r', step - 2 * WINDOW);
            if (unlinkat(directory, name, 0) < 0)
                fail("unlink", name);
            unlinks++;
        }
    }
    printf("{\"creates\":%ld,\"writes\":%ld,\"closes\":%ld,\"renames\":%ld,\"unlinks\":%ld,\"seconds\":%.3f}\n",
           steps, steps, steps, renames, unlinks, now() - start);
}

static void chains(long count)
{
    char path[64];
    static const char *const levels[] = { "m%ld", "m%ld/b", "m%ld/b/c", "m%ld/b/c/d" };
    for (long number = 0; number < count; number++) {
        for (int level = 0; level < 4; level++) {
            snprintf(path, sizeof path, levels[level], number);
            if (mkdirat(directory, path, 0755) < 0)
                fail("mkdir", path);
        }
        snprintf(path, sizeof path, "m%ld/b/c/d/leaf", number);
        make_file(path, NULL, 0);
    }
}

static void files(long count)
{
    char name[16];
    for (long number = 0; number < count; number++) {
        name_of(name, 'f', number);
        make_file(name, NULL, 0);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4 || (strcmp(argv[1], "storm") == 0 && argc != 5)) {
        fprintf(stderr, "usage: writer storm DIRECTORY OPERATIONS RATE | writer chains|files DIRECTORY COUNT\n");
        return 2;
    }
    directory = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        fail("open", argv[2]);
    long count = atol(argv[3]);
    if (strcmp(argv[1], "storm") == 0)
        storm(count, atof(argv[4]));
    else if (strcmp(argv[1], "chains") == 0)
        chains(count);
    else if (strcmp(argv[1], "files") == 0)
        files(count);
    else
        return 2;
    return 0;
}
