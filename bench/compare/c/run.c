// Beside entr and a loop of inotifywait: from a write to the start of the command, what waiting costs, and memory.
//
//   run VIGIL AREA [ROUNDS [IDLE_SECONDS]]
//
// Each tool watches a tree of its own of 10,000 files. In every round each of them gets one write, one after the other;
// the command is this program again, which writes the time at which it began into a named pipe.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DIRECTORIES = 100, FILES = 100, MAX_ROUNDS = 10000, WARM_UPS = 10, ANSWER_MS = 3000 };

typedef struct {
    const char *name;
    const char *script;
    pid_t pid;
    int pipe;
    char root[256];
    char pipe_path[256];
    double *latencies;
    int count, lost;
    double idle_ms;
    long memory_kib;
} tool;

static const char *vigil;
static const char *self;

static tool tools[] = {
    {.name = "vigil run", .script = "exec \"$VIGIL\" run -q -w \"$ROOT\" -- \"$SELF\" stamp \"$PIPE\" </dev/null"},
    {.name = "entr", .script = "find \"$ROOT\" -type f | entr -n \"$SELF\" stamp \"$PIPE\""},
    {.name = "inotifywait loop",
     .script = "\"$SELF\" stamp \"$PIPE\"; while inotifywait -qq -r -e close_write,create,delete,move \"$ROOT\"; do "
               "\"$SELF\" stamp \"$PIPE\"; done"},
};
enum { TOOLS = sizeof tools / sizeof tools[0] };

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long long now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void pause_ms(long ms) {
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static int stamp(const char *path) {
    long long now = now_ns();
    int fd = open(path, O_WRONLY | O_NONBLOCK);
    return fd >= 0 && write(fd, &now, sizeof now) == sizeof now ? 0 : 1;
}

// The time at which the command began, or 0 where it did not in time.
static long long take(tool *t, int timeout_ms) {
    struct pollfd wait = {.fd = t->pipe, .events = POLLIN};
    long long began = 0;
    if (poll(&wait, 1, timeout_ms) <= 0 || read(t->pipe, &began, sizeof began) != sizeof began)
        return 0;
    return began;
}

static void make_tree(const char *root) {
    char path[320];
    if (mkdir(root, 0755) != 0)
        die(root);
    for (int d = 0; d < DIRECTORIES; d++) {
        snprintf(path, sizeof path, "%s/d%d", root, d);
        if (mkdir(path, 0755) != 0)
            die(path);
        for (int f = 0; f < FILES; f++) {
            snprintf(path, sizeof path, "%s/d%d/f%d", root, d, f);
            int fd = open(path, O_CREAT | O_WRONLY, 0644);
            if (fd < 0 || write(fd, "x\n", 2) != 2)
                die(path);
            close(fd);
        }
    }
}

static void start(tool *t, const char *area, int number) {
    snprintf(t->root, sizeof t->root, "%s/tree%d", area, number);
    snprintf(t->pipe_path, sizeof t->pipe_path, "%s/pipe%d", area, number);
    make_tree(t->root);
    if (mkfifo(t->pipe_path, 0600) != 0 || (t->pipe = open(t->pipe_path, O_RDWR | O_CLOEXEC)) < 0)
        die(t->pipe_path);
    t->pid = fork();
    if (t->pid < 0)
        die("fork");
    if (t->pid == 0) {
        setpgid(0, 0);
        setenv("ROOT", t->root, 1);
        setenv("PIPE", t->pipe_path, 1);
        setenv("VIGIL", vigil, 1);
        setenv("SELF", self, 1);
        execl("/bin/sh", "sh", "-c", t->script, (char *)NULL);
        _exit(127);
    }
    if (take(t, 20000) == 0) {
        fprintf(stderr, "%s did not start\n", t->name);
        exit(1);
    }
}

static long long resident_kib(int pid) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    int fd = open(path, O_RDONLY);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[length > 0 ? length : 0] = 0;
    char *at = strstr(text, "VmRSS:");
    return at ? atoll(at + strlen("VmRSS:")) : 0;
}

static int group_of(int pid) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[length] = 0;
    char *end = strrchr(text, ')');
    int parent = 0, group = 0;
    return end && sscanf(end + 4, "%d %d", &parent, &group) == 2 ? group : 0;
}

// The sum over all processes of a tool: memory in KiB, or the time of the processor in ns (clock_getcpuclockid(3)).
static long long sum(const tool *t, int wants_memory) {
    long long total = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all));) {
        int pid = atoi(entry->d_name);
        if (pid <= 0 || group_of(pid) != t->pid)
            continue;
        if (wants_memory) {
            total += resident_kib(pid);
            continue;
        }
        clockid_t clock;
        struct timespec time;
        if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0)
            total += time.tv_sec * 1000000000LL + time.tv_nsec;
    }
    if (all)
        closedir(all);
    return total;
}

static void write_once(tool *t, int round, unsigned *seed) {
    char path[320];
    snprintf(path, sizeof path, "%s/d%d/f%d", t->root, rand_r(seed) % DIRECTORIES, rand_r(seed) % FILES);
    while (take(t, 0)) {
    }
    int fd = open(path, O_WRONLY | O_APPEND);
    long long before = now_ns();
    if (fd < 0 || write(fd, "y\n", 2) != 2)
        die(path);
    close(fd);
    long long began = take(t, ANSWER_MS);
    if (began == 0)
        t->lost++;
    else if (round >= WARM_UPS)
        t->latencies[t->count++] = (double)(began - before) / 1e6;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const tool *t, double part) {
    int rank = (int)(part * t->count + 0.999999);
    return t->count ? t->latencies[rank > 0 ? rank - 1 : 0] : 0;
}

static void end_all(void) {
    for (int i = 0; i < TOOLS; i++)
        if (tools[i].pid > 0) {
            kill(-tools[i].pid, SIGTERM);
            waitpid(tools[i].pid, NULL, 0);
            tools[i].pid = 0;
        }
}

static void report(int rounds, int idle_seconds) {
    printf("| | write to start, p50 | p99 | most | writes without a run | processor in %d s of idling | memory |\n",
        idle_seconds);
    printf("| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < TOOLS; i++) {
        tool *t = &tools[i];
        qsort(t->latencies, (size_t)t->count, sizeof(double), compare);
        printf("| %s | %.2f ms | %.2f ms | %.2f ms | %d of %d | %.2f ms (%.3f %%) | %.1f MiB |\n", t->name,
            percentile(t, 0.50), percentile(t, 0.99), percentile(t, 1.0), t->lost, rounds, t->idle_ms,
            t->idle_ms / idle_seconds / 10, (double)t->memory_kib / 1024);
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "stamp") == 0)
        return stamp(argv[2]);
    if (argc < 3) {
        fprintf(stderr, "run VIGIL AREA [ROUNDS [IDLE_SECONDS]]\n");
        return 2;
    }
    int rounds = argc > 3 ? atoi(argv[3]) : 200, idle_seconds = argc > 4 ? atoi(argv[4]) : 60;
    if (rounds <= WARM_UPS || rounds > MAX_ROUNDS || idle_seconds < 1) {
        fprintf(stderr, "more than %d rounds, at most %d, and at least a second\n", WARM_UPS, MAX_ROUNDS);
        return 2;
    }
    char own[4096];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    own[length > 0 ? length : 0] = 0;
    self = own;
    vigil = argv[1];
    atexit(end_all);
    for (int i = 0; i < TOOLS; i++) {
        tools[i].latencies = calloc((size_t)rounds, sizeof(double));
        start(&tools[i], argv[2], i);
    }
    unsigned seed = 4711;
    pause_ms(2000);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < TOOLS; i++) {
            pause_ms(60 + rand_r(&seed) % 60);
            write_once(&tools[i], round, &seed);
        }
    pause_ms(2000);
    for (int i = 0; i < TOOLS; i++) {
        tools[i].memory_kib = sum(&tools[i], 1);
        tools[i].idle_ms = (double)-sum(&tools[i], 0) / 1e6;
    }
    pause_ms(idle_seconds * 1000L);
    for (int i = 0; i < TOOLS; i++)
        tools[i].idle_ms += (double)sum(&tools[i], 0) / 1e6;
    report(rounds, idle_seconds);
    return tools[0].lost > 0;
}
