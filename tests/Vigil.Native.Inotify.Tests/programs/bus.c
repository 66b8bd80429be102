/*
 * Checks of the functions of a bus: bus CHECK DIRECTORY, with a server at VIGIL_SOCKET that watches only what is in
 * DIRECTORY. The status is 0 where all is as it should be.
 */
#include "check.h"

#include <poll.h>
#include <signal.h>

enum { BATCH = 64, LIMIT_MS = 30000 };

static vigil_bus_change changes[BATCH];
static char buffer[64 * 1024];
static char here[PATH_MAX];
static uint64_t last_sequence;

static vigil_bus *subscribe(const vigil_bus_options *options)
{
    vigil_bus *bus;
    EXPECT(getcwd(here, sizeof here) != NULL);
    EXPECT(vigil_bus_subscribe(".", options, &bus) == 0 && bus != NULL);
    last_sequence = 0;
    return bus;
}

/* The next change, one at a time: read with room for one, so that the rest has to wait. */
static vigil_bus_change *next(vigil_bus *bus)
{
    size_t count;
    int status;
    memset(changes, 0xff, sizeof changes[0]);
    do
        EXPECT(vigil_bus_wait(bus, LIMIT_MS) == 0);
    while ((status = vigil_bus_read(bus, changes, 1, buffer, sizeof buffer, &count)) == EAGAIN);
    EXPECT(status == 0 && count == 1);
    const vigil_change *change = &changes[0].change;
    EXPECT(change->sequence == ++last_sequence && change->reserved == 0 && changes[0].reserved == 0);
    EXPECT(strlen(change->path) == change->path_bytes && strlen(change->old_path) == change->old_path_bytes);
    EXPECT(strlen(change->reason) == change->reason_bytes);
    return &changes[0];
}

static vigil_bus_change *expect_next(vigil_bus *bus, vigil_kind kind, vigil_type type, const char *relative)
{
    vigil_bus_change *told = next(bus);
    size_t length = strlen(here);
    EXPECT(told->change.kind == kind && told->change.type == type);
    EXPECT(strncmp(told->change.path, here, length) == 0 && told->change.path[length] == '/');
    EXPECT(strcmp(told->change.path + length + 1, relative) == 0);
    return told;
}

static vigil_bus_change *expect_notice(vigil_bus *bus, vigil_kind kind)
{
    vigil_bus_change *told = next(bus);
    EXPECT(told->change.kind == kind && told->fd == -1 && told->fd_error == 0);
    return told;
}

static bool is_readable(vigil_bus *bus)
{
    struct pollfd poller = {.fd = vigil_bus_fd(bus), .events = POLLIN};
    EXPECT(poller.fd >= 0);
    return poll(&poller, 1, 0) == 1 && (poller.revents & POLLIN) != 0;
}

static bool is_same(vigil_position a, vigil_position b)
{
    return a.epoch == b.epoch && a.number == b.number;
}

/* Every field of a change, in the order of what happened, and the positions. */
static void order(void)
{
    vigil_position clock, position;
    vigil_bus *bus = subscribe(NULL);
    vigil_bus_change *told = expect_notice(bus, VIGIL_READY);
    EXPECT(told->position.epoch != 0);
    EXPECT(mkdir("d", 0755) == 0);
    told = expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "d");
    EXPECT(told->change.flags == 0 && told->fd == -1 && told->fd_error == 0);
    uint64_t number = told->position.number;
    make_file("d/\xff old");
    told = expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_FILE, "d/\xff old");
    EXPECT(told->position.number > number);
    expect_next(bus, VIGIL_CLOSED, VIGIL_TYPE_FILE, "d/\xff old");
    EXPECT(rename("d/\xff old", "new") == 0);
    told = expect_next(bus, VIGIL_RENAMED, VIGIL_TYPE_FILE, "new");
    EXPECT(strcmp(told->change.old_path + strlen(here) + 1, "d/\xff old") == 0);
    EXPECT(vigil_bus_position(bus, &position) == 0 && is_same(position, told->position));
    EXPECT(vigil_bus_sync(bus, LIMIT_MS) == 0 && vigil_bus_wait(bus, 0) == ETIMEDOUT);
    EXPECT(vigil_bus_clock(here, NULL, &clock) == 0 && clock.epoch == position.epoch);
    EXPECT(clock.number >= position.number);
    EXPECT(fcntl(vigil_bus_fd(bus), F_GETFD) == FD_CLOEXEC && !is_readable(bus));
    EXPECT(unlink("new") == 0);
    expect_next(bus, VIGIL_DELETED, VIGIL_TYPE_FILE, "new");
    vigil_bus_close(bus);
}

/* What the options say: patterns, kinds, what is there, and going on from a position. */
static void options(void)
{
    static const char *const ignore[] = {"*.tmp", "build/"};
    static const char *const include[] = {"*.c", "*.tmp"};
    make_file("old.c");
    make_file("old.h");
    vigil_bus_options given = {
        .size = sizeof given,
        .ignore = ignore,
        .ignore_count = 2,
        .include = include,
        .include_count = 2,
        .flags = VIGIL_BUS_INITIAL,
        .kinds = VIGIL_KINDS_STRUCTURE,
        .capacity = 1,
    };
    vigil_bus *bus = subscribe(&given);
    expect_notice(bus, VIGIL_READY);
    vigil_bus_change *told = next(bus); /* the root itself */
    EXPECT(told->change.flags == VIGIL_CHANGE_INITIAL && strcmp(told->change.path, here) == 0);
    told = expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_FILE, "old.c");
    EXPECT(told->change.flags == VIGIL_CHANGE_INITIAL && told->position.number == 0);
    make_file("a.tmp");
    make_file("a.h");
    make_file("a.c");
    EXPECT(expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_FILE, "a.c")->change.flags == 0);
    EXPECT(vigil_bus_position(bus, &given.since) == 0 && given.since.number > 0);
    vigil_bus_close(bus);

    EXPECT(unlink("a.c") == 0);
    given.flags = 0;
    bus = subscribe(&given);
    EXPECT(is_same(expect_notice(bus, VIGIL_READY)->position, given.since));
    expect_next(bus, VIGIL_DELETED, VIGIL_TYPE_FILE, "a.c");
    vigil_bus_close(bus);

    bus = NULL;
    last_sequence = 0;
    EXPECT(vigil_bus_since(".", &given, &bus) == 0);
    expect_next(bus, VIGIL_DELETED, VIGIL_TYPE_FILE, "a.c");
    EXPECT(expect_notice(bus, VIGIL_RESCANNED)->position.number > given.since.number);
    size_t count;
    for (int i = 0; i < 3; i++) {
        EXPECT(vigil_bus_wait(bus, LIMIT_MS) == 0 && is_readable(bus));
        EXPECT(vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count) == ENODATA && count == 0);
    }
    vigil_bus_close(bus);

    /* What nobody has kept. */
    given.since = (vigil_position){.epoch = 1, .number = 7};
    bus = subscribe(&given);
    expect_notice(bus, VIGIL_READY);
    EXPECT(expect_notice(bus, VIGIL_FRESH)->change.reason_bytes > 0);
    next(bus);
    expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_FILE, "old.c");
    expect_notice(bus, VIGIL_RESCANNED);
    vigil_bus_close(bus);
}

/* A structure that is shorter, longer, or wrong. */
static void option_sizes(void)
{
    static const char *const none[] = {NULL};
    static const char *const bad[] = {"["};
    struct {
        vigil_bus_options known;
        uint64_t later;
    } longer = {.known.size = sizeof longer};
    vigil_bus *bus = subscribe(&longer.known);
    vigil_bus_close(bus);
    longer.later = 1;
    EXPECT(vigil_bus_subscribe(".", &longer.known, &bus) == E2BIG && bus == NULL);

    /* What lies behind a shorter one is not looked at. */
    vigil_bus_options given;
    memset(&given, 0xff, sizeof given);
    given.size = sizeof given.size;
    vigil_bus_close(subscribe(&given));
    static const size_t sizes[] = {0, 7, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        given = (vigil_bus_options){.size = sizes[i]};
        EXPECT(vigil_bus_subscribe(".", &given, &bus) == EINVAL && bus == NULL);
        EXPECT(strstr(vigil_last_error(), "vigil_bus_options.size") != NULL);
    }
    const vigil_bus_options wrong[] = {
        {.size = sizeof given, .flags = 16},
        {.size = sizeof given, .kinds = 64},
        {.size = sizeof given, .capacity = UINT32_MAX},
        {.size = sizeof given, .reserved = 1},
        {.size = sizeof given, .ignore_count = 1},
        {.size = sizeof given, .include = none, .include_count = 1},
        {.size = sizeof given, .start = bad, .start_count = 1},
        {.size = sizeof given, .flags = VIGIL_BUS_START, .start = none, .start_count = 1},
        {.size = sizeof given, .socket = ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        EXPECT(vigil_bus_subscribe(".", &wrong[i], &bus) == EINVAL && bus == NULL);
        EXPECT(strstr(vigil_last_error(), "vigil_bus_options.") != NULL);
    }
    char path[300];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    given = (vigil_bus_options){.size = sizeof given, .socket = path};
    EXPECT(vigil_bus_subscribe(".", &given, &bus) == EINVAL && vigil_last_error()[0] != '\0');
}

static void refusals(void)
{
    vigil_bus *bus = (vigil_bus *)&bus;
    vigil_position position = {1, 1};
    size_t count = 1;
    EXPECT(vigil_last_error()[0] == '\0');

    /* The text says which path, and why. */
    EXPECT(vigil_bus_subscribe("missing", NULL, &bus) == ENOENT && bus == NULL);
    EXPECT(strstr(vigil_last_error(), "missing") != NULL && strstr(vigil_last_error(), "ENOENT") != NULL);
    EXPECT(vigil_bus_subscribe("/usr", NULL, &bus) == EACCES && bus == NULL);
    EXPECT(strstr(vigil_last_error(), "/usr is not among the roots that this server watches") != NULL);
    EXPECT(getcwd(here, sizeof here) != NULL && strstr(vigil_last_error(), here) != NULL);
    EXPECT(vigil_bus_since("/usr", NULL, &bus) == EACCES && vigil_bus_clock("/usr", NULL, &position) == EACCES);
    EXPECT(position.epoch == 0 && position.number == 0);
    EXPECT(vigil_bus_subscribe("..", NULL, &bus) == EACCES);
    EXPECT(symlink("/usr", "link") == 0 && vigil_bus_subscribe("link", NULL, &bus) == EACCES);

    EXPECT(vigil_bus_subscribe(NULL, NULL, &bus) == EINVAL && vigil_bus_subscribe("", NULL, &bus) == ENOENT);
    EXPECT(vigil_bus_subscribe(".", NULL, NULL) == EINVAL && vigil_bus_since(".", NULL, NULL) == EINVAL);
    EXPECT(vigil_bus_clock(".", NULL, NULL) == EINVAL && vigil_bus_clock(NULL, NULL, &position) == EINVAL);

    bus = subscribe(NULL);
    vigil_bus *closed = subscribe(NULL);
    vigil_bus_close(closed);
    static const char *const paths[] = {"."};
    vigil_tree *tree;
    EXPECT(vigil_tree_open(paths, 1, NULL, &tree) == 0);
    vigil_bus *const wrong[] = {
        NULL, closed, (vigil_bus *)buffer, (vigil_bus *)(uintptr_t)-1, (vigil_bus *)(void *)tree};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        EXPECT(vigil_bus_fd(wrong[i]) == -1);
        EXPECT(vigil_bus_wait(wrong[i], -1) == EINVAL && vigil_bus_sync(wrong[i], -1) == EINVAL);
        EXPECT(vigil_bus_read(wrong[i], changes, BATCH, buffer, sizeof buffer, &count) == EINVAL && count == 0);
        EXPECT(vigil_bus_position(wrong[i], &position) == EINVAL && position.epoch == 0);
        EXPECT(strstr(vigil_last_error(), "bus") != NULL);
        vigil_bus_close(wrong[i]); /* nothing to do, also the second time */
    }
    EXPECT(vigil_tree_wait((vigil_tree *)(void *)bus, 0) == EINVAL && vigil_tree_wait(tree, 0) == 0);
    vigil_tree_close((vigil_tree *)(void *)bus);
    vigil_tree_close(tree);

    EXPECT(vigil_bus_read(bus, NULL, BATCH, buffer, sizeof buffer, &count) == EINVAL);
    EXPECT(vigil_bus_read(bus, changes, 0, buffer, sizeof buffer, &count) == EINVAL);
    EXPECT(vigil_bus_read(bus, changes, BATCH, NULL, sizeof buffer, &count) == EINVAL);
    EXPECT(vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, NULL) == EINVAL);
    EXPECT(vigil_bus_position(bus, NULL) == EINVAL);
    expect_notice(bus, VIGIL_READY); /* and it works after all that */
    EXPECT(mkdir("d", 0755) == 0 && vigil_bus_sync(bus, LIMIT_MS) == 0);
    EXPECT(vigil_bus_read(bus, changes, BATCH, buffer, strlen(here) + 2, &count) == ENOBUFS && count == 0);
    EXPECT(vigil_bus_read(bus, changes, BATCH, buffer, strlen(here) + 3, &count) == 0 && count == 1);
    vigil_bus_close(bus);
}

/* A thousand subscriptions, with files that nobody takes, leave nothing open. */
static void leaks(void)
{
    vigil_bus_options with_files = {.size = sizeof with_files, .flags = VIGIL_BUS_FDS};
    vigil_bus *bus = subscribe(&with_files);
    expect_notice(bus, VIGIL_READY);
    vigil_bus_close(bus);
    int before = count_descriptors();
    for (int i = 0; i < 1000; i++) {
        bus = subscribe(i % 2 == 0 ? &with_files : NULL);
        if (i % 10 == 0) {
            make_file("file");
            EXPECT(vigil_bus_sync(bus, LIMIT_MS) == 0);
            if (i % 4 == 0) {
                /* One is taken, the others are not. */
                expect_notice(bus, VIGIL_READY);
                vigil_bus_change *told = next(bus);
                EXPECT(told->fd >= 0 ? close(told->fd) == 0 : told->fd_error != 0 || told->change.kind != VIGIL_CLOSED);
            }
            EXPECT(unlink("file") == 0);
        }
        if (i % 3 == 0) {
            vigil_position position;
            EXPECT(vigil_bus_clock(".", NULL, &position) == 0);
        }
        EXPECT(vigil_bus_subscribe("missing", NULL, &(vigil_bus *){NULL}) == ENOENT);
        vigil_bus_close(bus);
    }
    /* One that a thread of the library is just using is closed when that is done. */
    int after;
    for (double end = now_ms() + LIMIT_MS; (after = count_descriptors()) > before && now_ms() < end;)
        sched_yield();
    printf("descriptors before %d, after 1000 subscriptions %d\n", before, after);
    EXPECT(after <= before);
}

/* More changes than a program keeps files of: nothing is open but what was handed out. */
static void many_files(void)
{
    vigil_bus_options given = {.size = sizeof given, .flags = VIGIL_BUS_FDS, .capacity = 16};
    vigil_bus *bus = subscribe(&given);
    int before = count_descriptors(), files = 0, without = 0;
    for (int i = 0; i < 400; i++) {
        char name[32];
        snprintf(name, sizeof name, "file%d", i);
        make_file(name);
    }
    int status;
    size_t count;
    do {
        status = vigil_bus_sync(bus, 20);
        while (vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count) == 0) {
            for (size_t i = 0; i < count; i++) {
                files += changes[i].fd >= 0;
                without += changes[i].fd_error != 0;
                EXPECT(changes[i].fd < 0 || close(changes[i].fd) == 0);
            }
        }
    } while (status == ETIMEDOUT);
    EXPECT(status == 0);
    printf("%d files, %d without, descriptors before %d and after %d\n", files, without, before, count_descriptors());
    EXPECT(files > 0 && count_descriptors() <= before + 1);
    vigil_bus_close(bus);
}

static vigil_bus *shared;
static uint64_t taken, mixed;

static void *read_to_the_end(void *argument)
{
    vigil_bus_change some[8];
    char text[16384];
    size_t count;
    int status;
    (void)argument;
    for (;;) {
        if ((status = vigil_bus_wait(shared, -1)) != 0)
            break;
        status = vigil_bus_read(shared, some, 8, text, sizeof text, &count);
        __atomic_fetch_add(&taken, count, __ATOMIC_RELAXED);
        for (size_t i = 0; i < count; i++)
            __atomic_fetch_xor(&mixed, some[i].change.sequence * 0x9e3779b97f4a7c15, __ATOMIC_RELAXED);
        if (status != 0 && status != EAGAIN)
            break;
    }
    /* Closed while it waited, or between two calls. */
    EXPECT(status == ECANCELED || status == EINVAL);
    EXPECT(vigil_last_error()[0] != '\0');
    return NULL;
}

/* Several read one bus, each change goes to one of them; close ends their waits. */
static void threads(void)
{
    enum { READERS = 4, DIRECTORIES = 2000 };
    pthread_t readers[READERS];
    shared = subscribe(NULL);
    for (int i = 0; i < READERS; i++)
        EXPECT(pthread_create(&readers[i], NULL, read_to_the_end, NULL) == 0);
    for (int i = 0; i < DIRECTORIES; i++)
        EXPECT(mkdir("d", 0755) == 0 && rmdir("d") == 0);
    EXPECT(vigil_bus_sync(shared, LIMIT_MS) == 0);
    for (double end = now_ms() + LIMIT_MS; vigil_bus_wait(shared, 0) != ETIMEDOUT;) {
        EXPECT(now_ms() < end);
        sched_yield();
    }
    vigil_bus_close(shared);
    for (int i = 0; i < READERS; i++)
        EXPECT(pthread_join(readers[i], NULL) == 0);
    EXPECT(taken > DIRECTORIES);
    for (uint64_t i = 1; i <= taken; i++)
        mixed ^= i * 0x9e3779b97f4a7c15;
    EXPECT(mixed == 0); /* each number once */
}

static pid_t syncing;

static void *sync_for_ever(void *argument)
{
    (void)argument;
    __atomic_store_n(&syncing, gettid(), __ATOMIC_RELEASE);
    EXPECT(vigil_bus_sync(shared, -1) == ECANCELED);
    EXPECT(strcmp(vigil_last_error(), "the subscription was closed or has ended") == 0);
    return NULL;
}

/* Nobody reads and there is room for one change, so a sync waits; close ends that. */
static void close_while_syncing(void)
{
    vigil_bus_options given = {.size = sizeof given, .capacity = 1};
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        shared = subscribe(&given);
        make_file("one");
        EXPECT(unlink("one") == 0);
        EXPECT(vigil_bus_sync(shared, 10) == ETIMEDOUT);
        __atomic_store_n(&syncing, 0, __ATOMIC_RELAXED);
        EXPECT(pthread_create(&thread, NULL, sync_for_ever, NULL) == 0);
        pid_t id;
        while ((id = __atomic_load_n(&syncing, __ATOMIC_ACQUIRE)) == 0)
            sched_yield();
        wait_until_in(id, SYS_futex);
        vigil_bus_close(shared);
        EXPECT(pthread_join(thread, NULL) == 0);
    }
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
    (void)signal;
    signals++;
}

static void interrupted(void)
{
    struct sigaction action = {.sa_handler = count_signal};
    EXPECT(sigaction(SIGALRM, &action, NULL) == 0);
    vigil_bus *bus = subscribe(NULL);
    expect_notice(bus, VIGIL_READY);
    alarm(1);
    EXPECT(vigil_bus_wait(bus, -1) == EINTR && signals == 1);
    vigil_bus_close(bus);
}

/* A child may exec; what the library has open is closed by that, and the parent's bus goes on. */
static void fork_and_exec(void)
{
    vigil_bus *bus = subscribe(NULL);
    expect_notice(bus, VIGIL_READY);
    pid_t child = fork();
    if (child == 0) {
        execlp("sh", "sh", "-c", "ls -l /proc/self/fd | grep -E 'socket|eventfd|memfd|pidfd' && exit 1; mkdir d",
               (char *)NULL);
        _exit(127);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "d");
    vigil_bus_close(bus);
}

/* The root goes: that is told, and then the end, again and again. */
static void gone(void)
{
    size_t count;
    vigil_bus *bus;
    EXPECT(mkdir("root", 0755) == 0 && vigil_bus_subscribe("root", NULL, &bus) == 0);
    expect_notice(bus, VIGIL_READY);
    EXPECT(rmdir("root") == 0);
    const vigil_change *change;
    do
        change = &next(bus)->change;
    while (change->kind == VIGIL_DELETED);
    EXPECT(change->kind == VIGIL_GONE && change->reason_bytes > 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(vigil_bus_wait(bus, LIMIT_MS) == 0);
        EXPECT(vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count) == ENODATA && count == 0);
    }
    EXPECT(vigil_bus_sync(bus, -1) == ECANCELED);
    vigil_bus_close(bus);
}

/* Half a million changes: what the program holds of the machine does not grow with the last 10^5 of them. */
static void growth(void)
{
    enum { ROUNDS = 50, PER_ROUND = 10000, MAX_KIB = 1024 };
    static const char name[] = "a directory with quite a long name, so that paths take room";
    vigil_bus *bus = subscribe(NULL);
    long first = 0, last = 0;
    size_t count, total = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < PER_ROUND / 2; i++) {
            EXPECT(mkdir(name, 0755) == 0 && rmdir(name) == 0);
            if (i % 64 == 0)
                while (vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count) == 0)
                    total += count;
        }
        EXPECT(vigil_bus_sync(bus, LIMIT_MS) == 0);
        while (vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count) == 0)
            total += count;
        last = resident_kib();
        if (round == ROUNDS - 10)
            first = last;
        if (round % 5 == 0)
            printf("%zu changes: %ld KiB\n", total, last);
    }
    EXPECT(total > ROUNDS * PER_ROUND / 2 && last - first < MAX_KIB);
    vigil_bus_close(bus);
}

/* There is no server: that is said, or one is started, or it does without. VIGIL_PROGRAM is the command. */
static void no_server(void)
{
    char socket[PATH_MAX];
    vigil_bus *bus;
    vigil_position position;
    EXPECT(getcwd(here, sizeof here) != NULL);
    EXPECT(snprintf(socket, sizeof socket, "%s/other.sock", here) < (int)sizeof socket);
    vigil_bus_options given = {.size = sizeof given, .socket = socket};
    EXPECT(vigil_bus_subscribe(".", &given, &bus) == ENOTCONN && bus == NULL);
    EXPECT(strstr(vigil_last_error(), socket) != NULL && strstr(vigil_last_error(), "vigil serve") != NULL);
    EXPECT(vigil_bus_clock(".", &given, &position) == ENOTCONN);

    given.flags = VIGIL_BUS_LOCAL | VIGIL_BUS_INITIAL;
    EXPECT(vigil_bus_since(".", &given, &bus) == ENOTCONN);
    EXPECT(vigil_bus_subscribe("missing", &given, &bus) == ENOENT && strstr(vigil_last_error(), "missing") != NULL);
    EXPECT(mkdir("sub", 0755) == 0);
    bus = subscribe(&given);
    EXPECT(expect_notice(bus, VIGIL_READY)->position.epoch == 0);
    EXPECT(strcmp(next(bus)->change.path, here) == 0);
    expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "sub");
    EXPECT(mkdir("sub/d", 0755) == 0 && vigil_bus_sync(bus, LIMIT_MS) == 0);
    expect_next(bus, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "sub/d");
    EXPECT(vigil_bus_position(bus, &position) == 0 && position.epoch == 0);
    vigil_bus_close(bus);

    static const char *const nothing[] = {"./no such program", "serve"};
    given = (vigil_bus_options){
        .size = sizeof given, .socket = socket, .flags = VIGIL_BUS_START, .start = nothing, .start_count = 2};
    EXPECT(vigil_bus_subscribe(".", &given, &bus) == ENOTCONN);
    EXPECT(strstr(vigil_last_error(), "./no such program") != NULL);

    const char *const server[] = {getenv("VIGIL_PROGRAM"), "serve", "--on-demand", "--grace", "100ms"};
    given.start = server;
    given.start_count = 5;
    bus = subscribe(&given);
    struct sigaction action;
    EXPECT(expect_notice(bus, VIGIL_READY)->position.epoch != 0);
    EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    EXPECT(sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    vigil_bus_close(bus);
    for (double end = now_ms() + LIMIT_MS; access(socket, F_OK) == 0;) {
        EXPECT(now_ms() < end); /* it goes when nobody is left */
        sched_yield();
    }
}

/* The server is killed and does not come back in time. */
static void lost(void)
{
    vigil_bus_options given = {.size = sizeof given, .socket = "lost.sock", .reconnect_ms = 300};
    vigil_bus *bus;
    size_t count;
    pid_t server = fork();
    if (server == 0)
        _exit(execl(getenv("VIGIL_PROGRAM"), "vigil", "serve", "--quiet", "--socket", "lost.sock", (char *)NULL));
    for (double end = now_ms() + LIMIT_MS; vigil_bus_subscribe(".", &given, &bus) != 0; sched_yield())
        EXPECT(now_ms() < end);
    expect_notice(bus, VIGIL_READY);
    EXPECT(kill(server, SIGKILL) == 0 && waitpid(server, NULL, 0) == server);
    EXPECT(expect_notice(bus, VIGIL_OVERFLOWED)->change.reason_bytes > 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(vigil_bus_wait(bus, LIMIT_MS) == 0);
        EXPECT(vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count) == ENOTCONN && count == 0);
        EXPECT(strstr(vigil_last_error(), "lost.sock") != NULL);
    }
    EXPECT(vigil_bus_sync(bus, -1) == ECANCELED);
    vigil_bus_close(bus);
}

static const struct check checks[] = {
    {"order", order},
    {"options", options},
    {"option-sizes", option_sizes},
    {"refusals", refusals},
    {"leaks", leaks},
    {"many-files", many_files},
    {"threads", threads},
    {"close-while-syncing", close_while_syncing},
    {"interrupted", interrupted},
    {"fork-and-exec", fork_and_exec},
    {"gone", gone},
    {"growth", growth},
    {"no-server", no_server},
    {"lost", lost},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return run_check(checks, argc, argv);
}
