/* Checks of watch(): events CHECK DIRECTORY. The status is 0 where all is as it should be. */
#include "check.h"

#include <signal.h>

enum { MOST = 20000, MILLION = 1000 * 1000 };

static struct {
    int wd;
    uint32_t mask, cookie, len;
} seen[MOST];
static char names[MOST][NAME_MAX + 1];
static size_t count;

static void keep(struct inotify_event *event, const char *name)
{
    EXPECT(count < MOST);
    EXPECT(name != NULL && strlen(name) <= NAME_MAX);
    EXPECT(event->len == 0 ? name[0] == '\0' : name == event->name);
    memcpy(&seen[count], event, sizeof seen[count]);
    strcpy(names[count++], name);
}

static int new_inotify(int flags)
{
    int fd = inotify_init1(flags | IN_CLOEXEC);
    EXPECT(fd >= 0);
    return fd;
}

static void read_all(int fd)
{
    int status;
    while ((status = watch(fd, keep)) == 0) {
    }
    EXPECT(status == -1);
}

static void one_buffer(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    int wd = inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE | IN_CLOSE_WRITE);
    EXPECT(watch(fd, keep) == -1 && count == 0);
    make_file("a");
    EXPECT(mkdir("directory", 0755) == 0);
    EXPECT(unlink("a") == 0);
    EXPECT(watch(fd, keep) == 0 && count == 4);
    EXPECT(watch(fd, keep) == -1);
    static const uint32_t masks[] = {IN_CREATE, IN_CLOSE_WRITE, IN_CREATE | IN_ISDIR, IN_DELETE};
    static const char *const expected[] = {"a", "a", "directory", "a"};
    for (size_t i = 0; i < count; i++) {
        EXPECT(seen[i].wd == wd && seen[i].mask == masks[i] && seen[i].cookie == 0 && seen[i].len == 16);
        EXPECT(strcmp(names[i], expected[i]) == 0);
    }
    close(fd);
}

/* Names of every length, in buffers that never end where an event does. */
static void all_lengths(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    char name[NAME_MAX + 1] = "";
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO) >= 0);
    for (size_t i = 0; i < NAME_MAX; i++) {
        name[i] = (char)(i % 2 == 0 ? 'x' : '\xff');
        make_file(name);
    }
    read_all(fd);
    EXPECT(count == NAME_MAX);
    for (size_t i = 0; i < NAME_MAX; i++) {
        EXPECT(strlen(names[i]) == i + 1 && memcmp(names[i], name, i + 1) == 0);
        EXPECT(seen[i].len > i + 1 && seen[i].len % sizeof(struct inotify_event) == 0);
    }
    EXPECT(rename(name, "y") == 0 && rename("y", name) == 0);
    count = 0;
    read_all(fd);
    EXPECT(count == 4 && strcmp(names[0], name) == 0 && strcmp(names[3], name) == 0);
    EXPECT(seen[0].cookie == seen[1].cookie && seen[2].cookie == seen[3].cookie && seen[1].cookie != seen[2].cookie);
    close(fd);
}

static void no_name_and_ignored(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    make_file("file");
    int wd = inotify_add_watch(fd, "file", IN_ATTRIB | IN_DELETE_SELF);
    EXPECT(chmod("file", 0600) == 0 && unlink("file") == 0);
    read_all(fd);
    EXPECT(count == 3); /* the second IN_ATTRIB, of the number of links, is the same as the first */
    static const uint32_t masks[] = {IN_ATTRIB, IN_DELETE_SELF, IN_IGNORED};
    for (size_t i = 0; i < count; i++)
        EXPECT(seen[i].wd == wd && seen[i].mask == masks[i] && seen[i].len == 0 && names[i][0] == '\0');
    EXPECT(inotify_rm_watch(fd, wd) == -1 && errno == EINVAL); /* the kernel had removed it */

    count = 0;
    wd = inotify_add_watch(fd, ".", IN_CREATE);
    EXPECT(inotify_rm_watch(fd, wd) == 0);
    read_all(fd);
    EXPECT(count == 1 && seen[0].wd == wd && seen[0].mask == IN_IGNORED && names[0][0] == '\0');
    close(fd);
}

static void overflow(void)
{
    long limit = 0;
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    EXPECT(file != NULL && fscanf(file, "%ld", &limit) == 1 && fclose(file) == 0);
    EXPECT(limit > 0 && limit < MOST);
    int fd = new_inotify(IN_NONBLOCK);
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE) >= 0);
    for (long i = 0; i <= limit; i += 2) {
        make_file("a");
        EXPECT(unlink("a") == 0);
    }
    read_all(fd);
    EXPECT((long)count == limit + 1 || (long)count == limit);
    EXPECT(seen[count - 1].mask == IN_Q_OVERFLOW && seen[count - 1].wd == -1 && names[count - 1][0] == '\0');
    close(fd);
}

static void refusals(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    int pipes[2];
    char left[8] = "";
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE) >= 0);
    EXPECT(watch(-1, keep) == EBADF);
    EXPECT(watch(12345, keep) == EBADF);
    EXPECT(watch(INT_MIN, keep) == EBADF);
    EXPECT(watch(fd, NULL) == EINVAL && watch(-1, NULL) == EINVAL);

    /* What is no inotify keeps what it has, and is not waited for. */
    EXPECT(pipe2(pipes, O_CLOEXEC) == 0);
    EXPECT(watch(pipes[0], keep) == EINVAL && watch(pipes[1], keep) == EINVAL);
    EXPECT(write(pipes[1], "kept", 4) == 4);
    EXPECT(watch(pipes[0], keep) == EINVAL);
    EXPECT(read(pipes[0], left, sizeof left) == 4 && strcmp(left, "kept") == 0);
    static const char *const others[] = {".", "/dev/null", "/dev/zero", "/proc/self/status"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        int other = open(others[i], O_RDONLY | O_CLOEXEC);
        EXPECT(other >= 0 && watch(other, keep) == EINVAL && close(other) == 0);
    }
    int path = open(".", O_PATH | O_CLOEXEC);
    EXPECT(watch(path, keep) == EBADF && close(path) == 0);
    EXPECT(count == 0);

    /* And after all that it works, also where the events were waiting when the callback was NULL. */
    make_file("a");
    EXPECT(watch(fd, NULL) == EINVAL);
    EXPECT(watch(fd, keep) == 0 && count == 1);
    EXPECT(close(fd) == 0 && watch(fd, keep) == EBADF);
    EXPECT(strcmp(vigil_last_error(), "") == 0);
}

static volatile sig_atomic_t handled;

static void handler(int signal)
{
    (void)signal;
    handled++;
}

struct reader {
    pthread_t thread;
    pid_t id;
};

static void *make_late(void *waiting)
{
    /* Signals for the thread that reads, when it sleeps in its read; then an event. */
    const struct reader *reader = waiting;
    for (int i = 1; i <= 5; i++) {
        wait_until_in(reader->id, SYS_read);
        EXPECT(pthread_kill(reader->thread, SIGUSR1) == 0);
        while (handled < i)
            sched_yield();
    }
    wait_until_in(reader->id, SYS_read);
    make_file("late");
    return NULL;
}

/* A descriptor that blocks: the call waits, and a signal does not end that. */
static void blocking(void)
{
    struct sigaction action = {.sa_handler = handler};
    EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
    int fd = new_inotify(0);
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE) >= 0);
    struct reader self = {pthread_self(), gettid()};
    pthread_t other;
    EXPECT(pthread_create(&other, NULL, make_late, &self) == 0);
    EXPECT(watch(fd, keep) == 0 && count == 1 && strcmp(names[0], "late") == 0 && handled == 5);
    EXPECT(pthread_join(other, NULL) == 0);
    close(fd);
}

struct worker {
    pthread_t thread;
    int number;
    int fd;
    long events;
};

static _Thread_local struct worker *mine;

static void count_mine(struct inotify_event *event, const char *name)
{
    /* On this thread, for this descriptor, and nobody else's name. */
    EXPECT(mine != NULL && event->wd == 1 && name[0] == 'a' + mine->number);
    mine->events++;
}

static void *work(void *argument)
{
    char directory[8], file[16];
    mine = argument;
    snprintf(directory, sizeof directory, "%d", mine->number);
    snprintf(file, sizeof file, "%d/%c", mine->number, 'a' + mine->number);
    EXPECT(mkdir(directory, 0755) == 0);
    EXPECT(inotify_add_watch(mine->fd, directory, IN_CREATE | IN_DELETE) == 1);
    for (int i = 0; i < 20000; i++) {
        make_file(file);
        EXPECT(unlink(file) == 0);
        if (i % 100 == 99)
            while (watch(mine->fd, count_mine) == 0) {
            }
    }
    return NULL;
}

static void threads(void)
{
    struct worker workers[2];
    for (int i = 0; i < 2; i++) {
        workers[i] = (struct worker){.number = i, .fd = new_inotify(IN_NONBLOCK)};
        EXPECT(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    for (int i = 0; i < 2; i++) {
        EXPECT(pthread_join(workers[i].thread, NULL) == 0);
        EXPECT(workers[i].events == 40000);
        close(workers[i].fd);
    }
}

static int inner;

static void read_the_other(struct inotify_event *event, const char *name)
{
    char text[64];
    EXPECT(watch(inner, keep) == 0);
    EXPECT(vigil_mask_names(event->mask, text, sizeof text) == strlen("IN_CREATE"));
    EXPECT(strcmp(text, "IN_CREATE") == 0 && strcmp(name, "a") == 0);
}

static void nested(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    inner = new_inotify(IN_NONBLOCK);
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE) >= 0 && inotify_add_watch(inner, ".", IN_CREATE) >= 0);
    make_file("a");
    EXPECT(watch(fd, read_the_other) == 0 && count == 1 && strcmp(names[0], "a") == 0);
    close(fd);
    close(inner);
}

/* fork, then exec: the child is another program, with nothing of ours open. */
static void fork_and_exec(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    const char *here[] = {"."};
    vigil_tree *tree;
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE) >= 0);
    EXPECT(vigil_tree_open(here, 1, NULL, &tree) == 0);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        EXPECT(child >= 0);
        if (child == 0) {
            execl("/bin/sh", "sh", "-ec",
                  "ls -l /proc/$$/fd >fds; if grep anon_inode fds; then exit 9; fi; : >made; rm made fds", NULL);
            _exit(8);
        }
        int status;
        EXPECT(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        count = 0;
        read_all(fd);
        EXPECT(count == 2 && strcmp(names[0], "fds") == 0 && strcmp(names[1], "made") == 0);
    }
    EXPECT(vigil_tree_sync(tree, 30000) == 0 && vigil_tree_wait(tree, 0) == 0);
    vigil_tree_close(tree);
    close(fd);
}

/* What vigil.h says of SIGPIPE: ignored from the first call on, and then as the program wants it. */
static void broken_pipes(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    EXPECT(sigaction(SIGPIPE, &action, NULL) == 0); /* whatever it was inherited as */
    (void)vigil_version();
    EXPECT(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
    action = (struct sigaction){.sa_handler = handler};
    EXPECT(sigaction(SIGPIPE, &action, NULL) == 0);
    const char *here[] = {"."};
    vigil_tree *tree;
    EXPECT(vigil_tree_open(here, 1, NULL, &tree) == 0);
    EXPECT(watch(-1, keep) == EBADF && vigil_tree_sync(tree, 30000) == 0);
    vigil_tree_close(tree);
    EXPECT(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == handler);
}

static long created, deleted;

static void count_kinds(struct inotify_event *event, const char *name)
{
    EXPECT(strcmp(name, "file") == 0);
    created += event->mask == IN_CREATE;
    deleted += event->mask == IN_DELETE;
}

/* A million events, nothing lost, no memory kept. Prints the resident memory when it was warm, and at the end. */
static void million(void)
{
    int fd = new_inotify(IN_NONBLOCK);
    EXPECT(inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE) >= 0);
    long warm = 0;
    for (long i = 1; i <= MILLION / 2; i++) {
        make_file("file");
        EXPECT(unlink("file") == 0);
        if (i % 1000 == 0)
            while (watch(fd, count_kinds) == 0) {
            }
        if (i == MILLION / 20)
            warm = resident_kib();
    }
    EXPECT(created == MILLION / 2 && deleted == MILLION / 2);
    long end = resident_kib();
    printf("%ld events, %ld KiB, then %ld KiB\n", created + deleted, warm, end);
    EXPECT(end <= warm + 512);
    close(fd);
}

static const struct check checks[] = {
    {"one-buffer", one_buffer},
    {"all-lengths", all_lengths},
    {"no-name-and-ignored", no_name_and_ignored},
    {"overflow", overflow},
    {"refusals", refusals},
    {"blocking", blocking},
    {"threads", threads},
    {"nested", nested},
    {"fork-and-exec", fork_and_exec},
    {"broken-pipes", broken_pipes},
    {"million", million},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return run_check(checks, argc, argv);
}
