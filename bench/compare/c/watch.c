/*
 * What libinotify's watch() costs beside a plain loop of read(2), in one run.
 *
 *   watch DIRECTORY [ROUNDS]    DIRECTORY is empty and on the file system to measure on
 *
 * First, in a child for each of several starts: the first call of the process, which starts the library's runtime.
 * Then ROUNDS times, with the order changed every round: BATCH events are made, and read by
 *   watch    libinotify: 16 KiB a read, a callback an event
 *   small    a plain loop with a buffer of 16 KiB
 *   large    a plain loop with a buffer of 64 KiB
 * and single events, each made and read at once. All do the same with an event: add up its mask and the length of its
 * name. The sums are compared with what was made; the status is 1 where one is wrong. The output is a table in
 * Markdown: nanoseconds of the thread's processor time, the median of the rounds and the least.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vigil.h>

enum { FILES = 4000, BATCH = 2 * FILES, SINGLES = 2000, STARTS = 21, MAX_ROUNDS = 1001 };
enum { SMALL = 16 * 1024, LARGE = 64 * 1024 };

typedef void reader(int fd);

static uint64_t events, mask_sum, name_bytes;
static char buffer[LARGE] __attribute__((aligned(8)));

static void fail(const char *what)
{
    fprintf(stderr, "watch: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_ns(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

/* A function of its own for both, so that neither has the advantage of an inlined body. */
static __attribute__((noinline)) void handle(struct inotify_event *event, const char *name)
{
    events++;
    mask_sum += event->mask;
    name_bytes += strlen(name);
}

static void read_watch(int fd)
{
    int status;
    while ((status = watch(fd, handle)) == 0) {
    }
    if (status != -1)
        fail("watch");
}

static void read_plain(int fd, size_t bytes)
{
    ssize_t length;
    while ((length = read(fd, buffer, bytes)) > 0) {
        for (char *at = buffer; at < buffer + length;) {
            struct inotify_event *event = (struct inotify_event *)at;
            at += sizeof *event + event->len;
            handle(event, event->len == 0 ? "" : event->name);
        }
    }
    if (length == 0 || errno != EAGAIN)
        fail("read");
}

static void read_small(int fd)
{
    read_plain(fd, SMALL);
}

static void read_large(int fd)
{
    read_plain(fd, LARGE);
}

static const struct {
    const char *name;
    reader *read;
} readers[] = {{"watch", read_watch}, {"small", read_small}, {"large", read_large}};

enum { READERS = sizeof readers / sizeof readers[0] };

static double each[READERS][2][MAX_ROUNDS];

/* What watch takes more than each plain loop in the same round: the machine changes its pace between rounds. */
static double more[READERS][MAX_ROUNDS];

static void check(uint64_t count, uint64_t bytes)
{
    uint64_t masks = count / 2 * (IN_CREATE + IN_DELETE);
    if (events != count || mask_sum != masks || name_bytes != bytes) {
        fprintf(stderr, "watch: wrong: %ju events, %ju, %ju bytes\n", (uintmax_t)events, (uintmax_t)mask_sum,
                (uintmax_t)name_bytes);
        exit(1);
    }
    events = mask_sum = name_bytes = 0;
}

static void make(int number)
{
    char name[32];
    snprintf(name, sizeof name, "file-%04d", number);
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        fail(name);
    close(fd);
    if (unlink(name) != 0)
        fail(name);
}

static int watched(void)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0 || inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE) < 0)
        fail("inotify");
    return fd;
}

static double batch(reader *read_all)
{
    int fd = watched();
    for (int i = 0; i < FILES; i++)
        make(i);
    double start = now_ns(CLOCK_THREAD_CPUTIME_ID);
    read_all(fd);
    double ns = (now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / BATCH;
    check(BATCH, BATCH * strlen("file-0000"));
    close(fd);
    return ns;
}

/* Two events at a time, and the read that finds nothing. */
static double single(reader *read_all)
{
    int fd = watched();
    double ns = 0;
    for (int i = 0; i < SINGLES; i++) {
        make(i);
        double start = now_ns(CLOCK_THREAD_CPUTIME_ID);
        read_all(fd);
        ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - start;
    }
    check(2 * SINGLES, 2 * SINGLES * strlen("file-0000"));
    close(fd);
    return ns / SINGLES;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* In a child, as only the first call of a process is the first. */
static double first_call_ms(void)
{
    int pipes[2];
    double ms = 0;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        fail("pipe2");
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        int fd = watched();
        double start = now_ns(CLOCK_MONOTONIC);
        int status = watch(fd, handle);
        ms = (now_ns(CLOCK_MONOTONIC) - start) / 1e6;
        _exit(status == -1 && write(pipes[1], &ms, sizeof ms) == sizeof ms ? 0 : 1);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0 || read(pipes[0], &ms, sizeof ms) != sizeof ms)
        fail("the first call");
    close(pipes[0]);
    close(pipes[1]);
    return ms;
}

static void print_first_calls(void)
{
    double times[STARTS];
    for (int i = 0; i < STARTS; i++)
        times[i] = first_call_ms();
    qsort(times, STARTS, sizeof times[0], ascending);
    printf("First call of a process, %d processes: median %.2f ms, least %.2f ms, most %.2f ms.\n\n", STARTS,
           times[STARTS / 2], times[0], times[STARTS - 1]);
}

int main(int argc, char **argv)
{
    int rounds = argc == 3 ? atoi(argv[2]) : 101;
    if (argc < 2 || argc > 3 || rounds < 3 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: watch DIRECTORY [ROUNDS]\n");
        return 2;
    }
    if (chdir(argv[1]) != 0)
        fail(argv[1]);
    print_first_calls();

    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < READERS; i++) {
            int which = (round + i) % READERS;
            each[which][0][round] = batch(readers[which].read);
            each[which][1][round] = single(readers[which].read);
        }
        for (int i = 1; i < READERS; i++)
            more[i][round] = each[0][0][round] - each[i][0][round];
    }
    printf("| reader | ns an event in batches of %d: median | least | ns for two events and a read that finds nothing: "
           "median | least |\n| --- | --- | --- | --- | --- |\n", BATCH);
    for (int i = 0; i < READERS; i++) {
        qsort(each[i][0], (size_t)rounds, sizeof(double), ascending);
        qsort(each[i][1], (size_t)rounds, sizeof(double), ascending);
        printf("| %s | %.1f | %.1f | %.0f | %.0f |\n", readers[i].name, each[i][0][rounds / 2], each[i][0][0],
               each[i][1][rounds / 2], each[i][1][0]);
    }
    printf("\nMore than a plain loop, ns an event in batches (to reach: at most 30), of the differences within each of %d "
           "rounds:\n", rounds);
    for (int i = 1; i < READERS; i++) {
        qsort(more[i], (size_t)rounds, sizeof(double), ascending);
        printf("than %s: median %.1f, half of them from %.1f to %.1f\n", readers[i].name, more[i][rounds / 2],
               more[i][rounds / 4], more[i][3 * rounds / 4]);
    }
    return 0;
}
