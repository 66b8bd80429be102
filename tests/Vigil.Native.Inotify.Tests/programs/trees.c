/* Checks of the functions of trees: trees CHECK DIRECTORY. The status is 0 where all is as it should be. */
#include "check.h"

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>

enum { BATCH = 64, LIMIT_MS = 30000 };

static vigil_change changes[BATCH];
static char buffer[64 * 1024];
static char here[PATH_MAX];
static uint64_t last_sequence;

static vigil_tree *open_here(const vigil_tree_options *options)
{
    static const char *const paths[] = {"."};
    vigil_tree *tree;
    EXPECT(getcwd(here, sizeof here) != NULL);
    EXPECT(vigil_tree_open(paths, 1, options, &tree) == 0 && tree != NULL);
    return tree;
}

/* The next change, one at a time: read with room for one, so that the rest has to wait. */
static vigil_change *next(vigil_tree *tree)
{
    size_t count;
    int status;
    do
        EXPECT(vigil_tree_wait(tree, LIMIT_MS) == 0);
    while ((status = vigil_tree_read(tree, changes, 1, buffer, sizeof buffer, &count)) == EAGAIN);
    EXPECT(status == 0 && count == 1);
    EXPECT(changes[0].sequence == ++last_sequence && changes[0].reserved == 0);
    EXPECT(strlen(changes[0].path) == changes[0].path_bytes);
    EXPECT(strlen(changes[0].old_path) == changes[0].old_path_bytes);
    EXPECT(strlen(changes[0].reason) == changes[0].reason_bytes);
    return &changes[0];
}

static void expect_path(const char *path, const char *relative)
{
    size_t length = strlen(here);
    EXPECT(strncmp(path, here, length) == 0 && path[length] == '/' && strcmp(path + length + 1, relative) == 0);
}

static vigil_change *expect_next(vigil_tree *tree, vigil_kind kind, vigil_type type, const char *relative)
{
    vigil_change *change = next(tree);
    EXPECT(change->kind == kind && change->type == type);
    expect_path(change->path, relative);
    return change;
}

static void expect_ready(vigil_tree *tree)
{
    vigil_change *change = next(tree);
    EXPECT(change->kind == VIGIL_READY && change->path_bytes == 0 && change->path[0] == '\0');
}

static bool is_readable(vigil_tree *tree)
{
    struct pollfd poller = {.fd = vigil_tree_fd(tree), .events = POLLIN};
    EXPECT(poller.fd >= 0);
    return poll(&poller, 1, 0) == 1 && (poller.revents & POLLIN) != 0;
}

/* Every field of a change, in the order of what happened. */
static void order(void)
{
    vigil_tree *tree = open_here(NULL);
    expect_ready(tree);
    EXPECT(mkdir("d", 0755) == 0);
    vigil_change *change = expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "d");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_us = now.tv_sec * 1000000LL + now.tv_nsec / 1000 - change->time_us;
    EXPECT(age_us >= -10000 && age_us < 60 * 1000000LL);
    EXPECT(change->flags == 0 && change->old_path[0] == '\0' && change->reason[0] == '\0');
    make_file("d/\xff old");
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_FILE, "d/\xff old");
    EXPECT(vigil_tree_sync(tree, LIMIT_MS) == 0);
    EXPECT(rename("d/\xff old", "new") == 0);
    while ((change = next(tree))->kind == VIGIL_CLOSED) {
    }
    EXPECT(change->kind == VIGIL_RENAMED && change->type == VIGIL_TYPE_FILE);
    expect_path(change->path, "new");
    expect_path(change->old_path, "d/\xff old");
    EXPECT(symlink("new", "link") == 0);
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_SYMLINK, "link");
    EXPECT(rmdir("d") == 0);
    expect_next(tree, VIGIL_DELETED, VIGIL_TYPE_DIRECTORY, "d");
    vigil_tree_close(tree);
}

/* The descriptor is readable exactly while something waits. */
static void descriptor(void)
{
    vigil_tree *tree = open_here(NULL);
    size_t count;
    EXPECT(fcntl(vigil_tree_fd(tree), F_GETFD) == FD_CLOEXEC);
    EXPECT(is_readable(tree));
    expect_ready(tree);
    EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, &count) == EAGAIN && count == 0);
    EXPECT(!is_readable(tree) && vigil_tree_wait(tree, 0) == ETIMEDOUT);
    double start = now_ms();
    EXPECT(vigil_tree_wait(tree, 50) == ETIMEDOUT && now_ms() - start >= 50);
    for (int i = 0; i < 200; i++) {
        EXPECT(mkdir("d", 0755) == 0 && vigil_tree_wait(tree, LIMIT_MS) == 0 && is_readable(tree));
        expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "d");
        EXPECT(rmdir("d") == 0 && vigil_tree_sync(tree, LIMIT_MS) == 0);
        /* A sync is about what is there to be read, and so about a read that does not wait. */
        EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, &count) == 0 && count == 1);
        EXPECT(changes[0].kind == VIGIL_DELETED && changes[0].sequence == ++last_sequence);
        /* A wait that was overtaken may still make it readable for a moment. */
        double deadline = now_ms() + LIMIT_MS;
        while (is_readable(tree)) {
            EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, &count) == EAGAIN);
            EXPECT(now_ms() < deadline);
        }
    }
    vigil_tree_close(tree);
}

/* Buffers of every size: what does not fit is not lost. */
static void small_buffers(void)
{
    vigil_tree *tree = open_here(NULL);
    size_t count, total = 0;
    expect_ready(tree);
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d", i);
        EXPECT(mkdir(name, 0755) == 0);
    }
    EXPECT(vigil_tree_sync(tree, LIMIT_MS) == 0);
    EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, 0, &count) == ENOBUFS && count == 0);
    EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, strlen(here) + 2, &count) == ENOBUFS && count == 0);
    EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, strlen(here) + 3, &count) == 0 && count == 1);
    expect_path(changes[0].path, "0");
    EXPECT(changes[0].path == buffer && changes[0].old_path[0] == '\0');
    for (total = 1; total < 100; total += count) {
        memset(buffer, '#', sizeof buffer);
        size_t room = 3 * (strlen(here) + 4) + 1;
        EXPECT(vigil_tree_read(tree, changes, total % 5 + 1, buffer, room, &count) == 0);
        EXPECT(count >= 1 && count <= total % 5 + 1 && count <= 3);
        EXPECT(buffer[room] == '#');
        for (size_t i = 0; i < count; i++) {
            char name[32];
            snprintf(name, sizeof name, "%zu", total + i);
            expect_path(changes[i].path, name);
            EXPECT(changes[i].path >= buffer && changes[i].path + changes[i].path_bytes < buffer + room);
        }
    }
    EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, &count) == EAGAIN);
    vigil_tree_close(tree);
}

static volatile bool is_made;

static void *make_many(void *argument)
{
    (void)argument;
    for (int i = 0; i < 5000; i++)
        EXPECT(mkdir("d", 0755) == 0 && rmdir("d") == 0);
    is_made = true;
    return NULL;
}

/* A reader that does not wait, while changes come: they are there, or they are not, and there always is room. */
static void eager(void)
{
    pthread_t thread;
    size_t count;
    vigil_tree *tree = open_here(NULL);
    expect_ready(tree);
    EXPECT(pthread_create(&thread, NULL, make_many, NULL) == 0);
    for (bool is_last = false; !is_last;) {
        is_last = is_made;
        if (is_last)
            EXPECT(vigil_tree_sync(tree, LIMIT_MS) == 0);
        int status;
        while ((status = vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, &count)) == 0)
            for (size_t i = 0; i < count; i++)
                EXPECT(changes[i].sequence == ++last_sequence);
        EXPECT(status == EAGAIN && count == 0);
    }
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(last_sequence > 1 && vigil_tree_wait(tree, 0) == ETIMEDOUT);
    vigil_tree_close(tree);
}

static void options(void)
{
    static const char *const ignore[] = {"*.tmp", "build/"};
    static const char *const include[] = {"*.c", "*.tmp"};
    make_file("old.c");
    make_file("old.h");
    vigil_tree_options given = {
        .size = sizeof given,
        .ignore = ignore,
        .ignore_count = 2,
        .include = include,
        .include_count = 2,
        .flags = VIGIL_TREE_REPORT_INITIAL | VIGIL_TREE_ONE_FILE_SYSTEM,
        .kinds = VIGIL_KINDS_STRUCTURE,
        .capacity = 100,
    };
    vigil_tree *tree = open_here(&given);
    expect_ready(tree);
    vigil_change *change = next(tree); /* the tree itself */
    EXPECT(change->flags == VIGIL_CHANGE_INITIAL && strcmp(change->path, here) == 0);
    EXPECT(expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_FILE, "old.c")->flags == VIGIL_CHANGE_INITIAL);
    make_file("a.tmp");
    make_file("a.h");
    make_file("a.c");
    EXPECT(expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_FILE, "a.c")->flags == 0);
    EXPECT(unlink("a.c") == 0);
    expect_next(tree, VIGIL_DELETED, VIGIL_TYPE_FILE, "a.c");
    vigil_tree_close(tree);

    last_sequence = 0;
    given = (vigil_tree_options){.size = sizeof given, .flags = VIGIL_TREE_NOT_RECURSIVE};
    tree = open_here(&given);
    expect_ready(tree);
    EXPECT(mkdir("sub", 0755) == 0);
    make_file("sub/unseen");
    EXPECT(mkdir("next", 0755) == 0);
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "sub");
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "next");
    vigil_tree_close(tree);

    /* Polled, settled. */
    last_sequence = 0;
    given = (vigil_tree_options){
        .size = sizeof given, .backend = VIGIL_BACKEND_POLL, .poll_interval_ms = 20, .settle_ms = 30};
    tree = open_here(&given);
    expect_ready(tree);
    make_file("polled");
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_FILE, "polled");
    vigil_tree_close(tree);
}

/* A structure that is shorter, longer, or wrong. */
static void option_sizes(void)
{
    static const char *const paths[] = {"."};
    static const char *const none[] = {NULL};
    struct {
        vigil_tree_options known;
        uint64_t later;
    } longer = {.known.size = sizeof longer};
    vigil_tree *tree;
    EXPECT(vigil_tree_open(paths, 1, &longer.known, &tree) == 0);
    vigil_tree_close(tree);
    longer.later = 1;
    EXPECT(vigil_tree_open(paths, 1, &longer.known, &tree) == E2BIG && tree == NULL);

    /* What lies behind a shorter one is not looked at. */
    vigil_tree_options given;
    memset(&given, 0xff, sizeof given);
    given.size = sizeof given.size;
    EXPECT(vigil_tree_open(paths, 1, &given, &tree) == 0);
    vigil_tree_close(tree);

    static const size_t sizes[] = {0, 7, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        given = (vigil_tree_options){.size = sizes[i]};
        EXPECT(vigil_tree_open(paths, 1, &given, &tree) == EINVAL && tree == NULL);
        EXPECT(strstr(vigil_last_error(), "size") != NULL);
    }
    const vigil_tree_options wrong[] = {
        {.size = sizeof given, .flags = 32},
        {.size = sizeof given, .kinds = 64},
        {.size = sizeof given, .backend = 4},
        {.size = sizeof given, .capacity = UINT32_MAX},
        {.size = sizeof given, .ignore_count = 1},
        {.size = sizeof given, .include = none, .include_count = 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        EXPECT(vigil_tree_open(paths, 1, &wrong[i], &tree) == EINVAL && tree == NULL);
        EXPECT(vigil_last_error()[0] != '\0');
    }
    given = (vigil_tree_options){.size = sizeof given, .backend = 2};
    EXPECT(vigil_tree_open(paths, 1, &given, &tree) == EOPNOTSUPP);
}

static void refusals(void)
{
    static const char *const here_and_null[] = {".", NULL}, *const missing[] = {"missing"}, *const here_only[] = {"."};
    static const char *const empty[] = {".", ""};
    vigil_tree *tree = (vigil_tree *)&tree;
    size_t count = 1;
    EXPECT(vigil_last_error()[0] == '\0');
    EXPECT(vigil_tree_open(missing, 1, NULL, &tree) == ENOENT && tree == NULL);
    EXPECT(strstr(vigil_last_error(), "missing") != NULL && strstr(vigil_last_error(), "ENOENT") != NULL);
    EXPECT(vigil_tree_open(NULL, 0, NULL, &tree) == EINVAL && vigil_tree_open(NULL, 1, NULL, &tree) == EINVAL);
    EXPECT(vigil_tree_open(here_and_null, 2, NULL, &tree) == EINVAL);
    EXPECT(vigil_tree_open(here_only, 1, NULL, NULL) == EINVAL);
    make_file("file");
    tree = open_here(NULL);
    vigil_tree *closed = open_here(NULL);
    vigil_tree_close(closed);
    vigil_tree *const wrong[] = {NULL, closed, (vigil_tree *)buffer, (vigil_tree *)(uintptr_t)-1};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        EXPECT(vigil_tree_fd(wrong[i]) == -1);
        EXPECT(vigil_tree_wait(wrong[i], -1) == EINVAL && vigil_tree_sync(wrong[i], -1) == EINVAL);
        EXPECT(vigil_tree_read(wrong[i], changes, BATCH, buffer, sizeof buffer, &count) == EINVAL && count == 0);
        EXPECT(vigil_tree_add(wrong[i], ".") == EINVAL && vigil_tree_remove(wrong[i], ".") == EINVAL);
        EXPECT(strstr(vigil_last_error(), "tree") != NULL);
        vigil_tree_close(wrong[i]);
    }
    EXPECT(vigil_tree_read(tree, NULL, BATCH, buffer, sizeof buffer, &count) == EINVAL);
    EXPECT(vigil_tree_read(tree, changes, 0, buffer, sizeof buffer, &count) == EINVAL);
    EXPECT(vigil_tree_read(tree, changes, BATCH, NULL, sizeof buffer, &count) == EINVAL);
    EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, NULL) == EINVAL);
    EXPECT(vigil_tree_add(tree, NULL) == EINVAL && vigil_tree_remove(tree, NULL) == EINVAL);
    EXPECT(vigil_tree_add(tree, "missing") == ENOENT && vigil_tree_remove(tree, "missing") == ENOENT);
    EXPECT(vigil_tree_add(tree, "") == ENOENT && strcmp(vigil_last_error(), "the path is empty") == 0);
    EXPECT(vigil_tree_remove(tree, "") == ENOENT && vigil_tree_open(empty, 2, NULL, &closed) == ENOENT);
    EXPECT(strcmp(vigil_last_error(), "path 2 of 2 is empty") == 0);
    expect_ready(tree); /* and it works after all that */
    vigil_tree_close(tree);
}

static void add_and_remove(void)
{
    static const char *const paths[] = {"a"};
    vigil_tree *tree;
    size_t count;
    EXPECT(getcwd(here, sizeof here) != NULL && mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
    make_file("b/old");
    EXPECT(vigil_tree_open(paths, 1, NULL, &tree) == 0);
    expect_ready(tree);
    EXPECT(vigil_tree_add(tree, "b") == 0);
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "b");
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_FILE, "b/old");
    EXPECT(vigil_tree_remove(tree, "a") == 0 && vigil_tree_remove(tree, "a") == ENOENT);
    EXPECT(mkdir("a/unseen", 0755) == 0 && mkdir("b/seen", 0755) == 0);
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_DIRECTORY, "b/seen");

    /* When the last path is gone, that is told, and then the end, again and again. */
    EXPECT(unlink("b/old") == 0 && rmdir("b/seen") == 0 && rmdir("b") == 0);
    vigil_change *change;
    while ((change = next(tree))->kind != VIGIL_GONE)
        EXPECT(change->kind == VIGIL_DELETED);
    EXPECT(change->reason_bytes > 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(vigil_tree_wait(tree, LIMIT_MS) == 0);
        EXPECT(vigil_tree_read(tree, changes, BATCH, buffer, sizeof buffer, &count) == ENODATA && count == 0);
        EXPECT(is_readable(tree));
    }
    EXPECT(vigil_tree_sync(tree, 0) == ECANCELED && vigil_tree_add(tree, "a") == ECANCELED);
    EXPECT(strcmp(vigil_last_error(), "the tree was closed or has ended") == 0);
    vigil_tree_close(tree);
}

static vigil_tree *shared;

static void *wait_for_ever(void *argument)
{
    size_t count;
    int status;
    (void)argument;
    for (;;) {
        if ((status = vigil_tree_wait(shared, -1)) != 0)
            break;
        status = vigil_tree_read(shared, changes, BATCH, buffer, sizeof buffer, &count);
        if (status != 0 && status != EAGAIN)
            break;
    }
    /* Closed while it waited, or between two calls. */
    EXPECT(status == ECANCELED || status == EINVAL);
    EXPECT(vigil_last_error()[0] != '\0');
    return NULL;
}

/* Close ends a wait on another thread; nothing stays open. */
static void close_while_waiting(void)
{
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        shared = open_here(NULL);
        EXPECT(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0);
        if (i % 2 == 0) {
            make_file("file");
            EXPECT(vigil_tree_sync(shared, LIMIT_MS) == 0);
        }
        vigil_tree_close(shared);
        EXPECT(pthread_join(thread, NULL) == 0);
        EXPECT(vigil_last_error()[0] == '\0'); /* that is the other thread's */
    }
}

static pid_t syncing;

static void *sync_for_ever(void *argument)
{
    (void)argument;
    __atomic_store_n(&syncing, gettid(), __ATOMIC_RELEASE);
    EXPECT(vigil_tree_sync(shared, -1) == ECANCELED);
    EXPECT(strcmp(vigil_last_error(), "the tree was closed or has ended") == 0);
    return NULL;
}

/* Nobody reads and there is room for one change, so a sync waits; close ends that, too. */
static void close_while_syncing(void)
{
    vigil_tree_options options = {.size = sizeof options, .capacity = 1};
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        shared = open_here(&options);
        make_file("one");
        make_file("two");
        EXPECT(unlink("one") == 0 && unlink("two") == 0);
        EXPECT(vigil_tree_sync(shared, 10) == ETIMEDOUT);
        __atomic_store_n(&syncing, 0, __ATOMIC_RELAXED);
        EXPECT(pthread_create(&thread, NULL, sync_for_ever, NULL) == 0);
        pid_t id;
        while ((id = __atomic_load_n(&syncing, __ATOMIC_ACQUIRE)) == 0)
            sched_yield();
        wait_until_in(id, SYS_futex);
        vigil_tree_close(shared);
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
    vigil_tree *tree = open_here(NULL);
    expect_ready(tree);
    alarm(1);
    EXPECT(vigil_tree_wait(tree, -1) == EINTR && signals == 1);
    vigil_tree_close(tree);
}

/* Some languages close their libraries at their end, while the threads of a tree run. */
static void closed_library(void)
{
    vigil_tree *tree = open_here(NULL);
    void *library = dlopen("libinotify.so.0", RTLD_NOW);
    EXPECT(library != NULL && dlclose(library) == 0 && dlclose(library) == 0);
    expect_ready(tree);
    make_file("file");
    expect_next(tree, VIGIL_CREATED, VIGIL_TYPE_FILE, "file");
}

static void texts(void)
{
    char text[64] = "########";
    uint32_t mask;
    EXPECT(vigil_mask_names(IN_CREATE | IN_ISDIR, text, sizeof text) == 18);
    EXPECT(strcmp(text, "IN_CREATE|IN_ISDIR") == 0);
    EXPECT(vigil_mask_names(IN_CREATE | IN_ISDIR, text, 5) == 18 && strcmp(text, "IN_C") == 0);
    EXPECT(vigil_mask_names(IN_CREATE, text, 1) == 9 && text[0] == '\0');
    EXPECT(vigil_mask_names(IN_CREATE, NULL, 0) == 9 && vigil_mask_names(IN_CREATE, NULL, 9) == 9);
    EXPECT(vigil_mask_names(0, text, sizeof text) == 0 && text[0] == '\0');
    EXPECT(vigil_mask_names(IN_DELETE | 0x10000, text, sizeof text) > 0 && strcmp(text, "IN_DELETE|0x10000") == 0);
    EXPECT(vigil_mask_names(UINT32_MAX, NULL, 0) < 512);
    EXPECT(vigil_mask_parse("create,IN_DELETE | close", &mask) == 0);
    EXPECT(mask == (IN_CREATE | IN_DELETE | IN_CLOSE));
    EXPECT(vigil_mask_parse("IN_ALL_EVENTS", &mask) == 0 && mask == IN_ALL_EVENTS);
    EXPECT(vigil_mask_parse("IN_NOTHING", &mask) == EINVAL && mask == 0);
    EXPECT(strstr(vigil_last_error(), "IN_NOTHING") != NULL);
    EXPECT(vigil_mask_parse("", &mask) == EINVAL && vigil_mask_parse(NULL, &mask) == EINVAL);
    EXPECT(vigil_mask_parse("IN_CREATE", NULL) == EINVAL);
    EXPECT(strcmp(vigil_kind_name(VIGIL_CREATED), "created") == 0 && strcmp(vigil_kind_name(VIGIL_GONE), "gone") == 0);
    EXPECT(strcmp(vigil_kind_name(VIGIL_FRESH), "fresh") == 0);
    static const int wrong[] = {-1, 8, 15, 22, 256, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        EXPECT(strcmp(vigil_kind_name(wrong[i]), "unknown") == 0);
    EXPECT(strcmp(vigil_version(), VERSION) == 0);
}

/* Positions of a bus as text. */
static void positions(void)
{
    char text[64] = "########";
    vigil_position position = {0x5f0c9d21e8b3a647, 1234}, other = {1, 1};
    EXPECT(vigil_position_text(&position, text, sizeof text) == 21);
    EXPECT(strcmp(text, "5f0c9d21e8b3a647:1234") == 0);
    EXPECT(vigil_position_parse(text, &other) == 0);
    EXPECT(position.epoch == other.epoch && position.number == other.number);
    EXPECT(vigil_position_text(&position, text, 5) == 21 && strcmp(text, "5f0c") == 0);
    EXPECT(vigil_position_text(&position, NULL, 0) == 21 && vigil_position_text(NULL, text, sizeof text) == 0);
    position = (vigil_position){UINT64_MAX, UINT64_MAX};
    EXPECT(vigil_position_text(&position, text, sizeof text) < 48);
    EXPECT(vigil_position_text(&(vigil_position){0, 7}, text, sizeof text) == 4 && strcmp(text, "none") == 0);
    static const char *const wrong[] = {"", "none", ":", "5f0c:1", "5f0c9d21e8b3a647:-1", "0000000000000000:1",
                                        "5f0c9d21e8b3a647:1 "};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        other = (vigil_position){1, 1};
        EXPECT(vigil_position_parse(wrong[i], &other) == EINVAL && other.epoch == 0 && other.number == 0);
        EXPECT(strstr(vigil_last_error(), "position") != NULL);
    }
    EXPECT(vigil_position_parse(NULL, &other) == EINVAL && vigil_position_parse("", NULL) == EINVAL);
}

static const struct check checks[] = {
    {"order", order},
    {"descriptor", descriptor},
    {"small-buffers", small_buffers},
    {"eager", eager},
    {"options", options},
    {"option-sizes", option_sizes},
    {"refusals", refusals},
    {"add-and-remove", add_and_remove},
    {"close-while-waiting", close_while_waiting},
    {"close-while-syncing", close_while_syncing},
    {"interrupted", interrupted},
    {"closed-library", closed_library},
    {"texts", texts},
    {"positions", positions},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return run_check(checks, argc, argv);
}
