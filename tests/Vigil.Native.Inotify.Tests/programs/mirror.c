/*
 * A subscriber that keeps a mirror of a tree: mirror ROOT [fds]. It is told what to do on standard input, a word a
 * line:
 *
 *   check    all that happened by now is read, and compared with the disk: "wrong TEXT"…, then
 *            "checked ENTRIES overflowed COUNT fresh COUNT"
 *   leave    ends the subscription, and keeps mirror and position: "left POSITION"
 *   ask      asks what happened since, and compares: as check
 *   resume   subscribes again since the position: "resumed"
 *   memory   what it holds of the machine: "memory KIB descriptors COUNT changes COUNT"
 *
 * With fds it prints of each file that came with a change "file KIND INODE CONTENT", and where none came
 * "without KIND ERRNO".
 */
#include "check.h"

#include <ftw.h>
#include <poll.h>

enum { BATCH = 256, LIMIT_MS = 60000, SLICE_MS = 100 };

struct entry {
    char *path;
    uint8_t type;
    bool is_found;
};

static struct entry *entries;
static size_t entry_count, entry_room;
static size_t overflows, freshes, total;
static vigil_bus_change changes[BATCH];
static char buffer[64 * 1024];
static const char *root;
static vigil_bus_options options = {.size = sizeof options, .flags = VIGIL_BUS_INITIAL};
static vigil_bus *bus;

static struct entry *find(const char *path)
{
    for (size_t i = 0; i < entry_count; i++)
        if (strcmp(entries[i].path, path) == 0)
            return &entries[i];
    return NULL;
}

static void drop(struct entry *entry)
{
    free(entry->path);
    *entry = entries[--entry_count];
}

static void add(const char *path, uint8_t type)
{
    if (find(path) != NULL)
        printf("wrong created twice: %s\n", path);
    if (entry_count == entry_room) {
        entry_room = entry_room * 2 + 64;
        entries = realloc(entries, entry_room * sizeof *entries);
        EXPECT(entries != NULL);
    }
    entries[entry_count++] = (struct entry){.path = strdup(path), .type = type};
}

static bool is_at_or_below(const char *path, const char *parent)
{
    size_t length = strlen(parent);
    return strncmp(path, parent, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void move(const char *from, const char *to)
{
    for (size_t i = entry_count; i-- > 0;)
        if (is_at_or_below(entries[i].path, to))
            drop(&entries[i]);
    if (find(from) == NULL)
        printf("wrong renamed what is not there: %s\n", from);
    for (size_t i = 0; i < entry_count; i++) {
        if (is_at_or_below(entries[i].path, from)) {
            char *moved;
            EXPECT(asprintf(&moved, "%s%s", to, entries[i].path + strlen(from)) > 0);
            free(entries[i].path);
            entries[i].path = moved;
        }
    }
}

static void look_at_file(const vigil_bus_change *told)
{
    const char *kind = vigil_kind_name(told->change.kind);
    if (told->fd_error != 0) {
        EXPECT(told->fd == -1);
        printf("without %s %d\n", kind, told->fd_error);
    }
    if (told->fd < 0)
        return;
    char content[64] = "";
    struct stat status;
    EXPECT(fcntl(told->fd, F_GETFD) == FD_CLOEXEC);
    EXPECT((fcntl(told->fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    EXPECT(fstat(told->fd, &status) == 0 && S_ISREG(status.st_mode));
    EXPECT(pread(told->fd, content, sizeof content - 1, 0) >= 0 && close(told->fd) == 0);
    content[strcspn(content, "\n")] = '\0';
    printf("file %s %lu %s\n", kind, (unsigned long)status.st_ino, content);
}

static void apply(const vigil_bus_change *told)
{
    const vigil_change *change = &told->change;
    struct entry *entry;
    total++;
    if (change->kind == VIGIL_FRESH) {
        freshes++;
        while (entry_count > 0)
            drop(&entries[entry_count - 1]);
    } else if (change->kind == VIGIL_OVERFLOWED) {
        overflows++;
    } else if (change->kind == VIGIL_CREATED) {
        add(change->path, change->type);
    } else if (change->kind == VIGIL_RENAMED) {
        move(change->old_path, change->path);
    } else if (change->kind == VIGIL_DELETED) {
        if ((entry = find(change->path)) != NULL)
            drop(entry);
        else
            printf("wrong deleted what is not there: %s\n", change->path);
    }
    look_at_file(told);
}

/* What is waiting. The answer is that of the read which had nothing. */
static int take(void)
{
    size_t count;
    int status;
    while ((status = vigil_bus_read(bus, changes, BATCH, buffer, sizeof buffer, &count)) == 0)
        for (size_t i = 0; i < count; i++)
            apply(&changes[i]);
    EXPECT(count == 0);
    return status;
}

static int compare_one(const char *path, const struct stat *status, int kind, struct FTW *level)
{
    struct entry *entry = find(path);
    uint8_t type = S_ISREG(status->st_mode)   ? VIGIL_TYPE_FILE
                   : S_ISDIR(status->st_mode) ? VIGIL_TYPE_DIRECTORY
                   : S_ISLNK(status->st_mode) ? VIGIL_TYPE_SYMLINK
                                              : VIGIL_TYPE_OTHER;
    (void)kind;
    if (entry != NULL)
        entry->is_found = true;
    if (entry == NULL && level->level > 0)
        printf("wrong missing in the mirror: %s\n", path);
    else if (entry != NULL && entry->type != type)
        printf("wrong type %d instead of %d: %s\n", entry->type, type, path);
    return 0;
}

static void compare(void)
{
    for (size_t i = 0; i < entry_count; i++)
        entries[i].is_found = false;
    EXPECT(nftw(root, compare_one, 64, FTW_PHYS) == 0);
    for (size_t i = 0; i < entry_count; i++)
        if (!entries[i].is_found)
            printf("wrong only in the mirror: %s\n", entries[i].path);
    printf("checked %zu overflowed %zu fresh %zu\n", entry_count, overflows, freshes);
}

static void check(void)
{
    int status;
    double limit = now_ms() + LIMIT_MS;
    while ((status = vigil_bus_sync(bus, SLICE_MS)) == ETIMEDOUT) {
        EXPECT(now_ms() < limit);
        EXPECT(take() == EAGAIN);
    }
    EXPECT(status == 0 && take() == EAGAIN);
    compare();
}

static void leave(void)
{
    char text[48];
    EXPECT(vigil_bus_position(bus, &options.since) == 0 && options.since.epoch != 0);
    vigil_bus_close(bus);
    bus = NULL;
    vigil_position_text(&options.since, text, sizeof text);
    printf("left %s\n", text);
}

static void ask(void)
{
    int status;
    EXPECT(vigil_bus_since(root, &options, &bus) == 0);
    EXPECT(vigil_bus_sync(bus, 0) == EOPNOTSUPP);
    while ((status = take()) == EAGAIN)
        EXPECT(vigil_bus_wait(bus, LIMIT_MS) == 0);
    EXPECT(status == ENODATA && vigil_bus_position(bus, &options.since) == 0);
    vigil_bus_close(bus);
    bus = NULL;
    compare();
}

static void resume(void)
{
    EXPECT(vigil_bus_subscribe(root, &options, &bus) == 0);
    puts("resumed");
}

static void tell_memory(void)
{
    printf("memory %ld descriptors %d changes %zu\n", resident_kib(), count_descriptors(), total);
}

int main(int argc, char **argv)
{
    char line[64];
    EXPECT(argc >= 2);
    setvbuf(stdout, NULL, _IOLBF, 0);
    root = argv[1];
    if (argc == 3)
        options.flags |= VIGIL_BUS_FDS;
    options.reconnect_ms = LIMIT_MS;
    resume();
    struct pollfd pollers[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
    while (true) {
        pollers[1].fd = bus == NULL ? -1 : vigil_bus_fd(bus);
        EXPECT(poll(pollers, 2, -1) > 0);
        if (pollers[1].revents != 0)
            EXPECT(take() == EAGAIN);
        if (pollers[0].revents == 0)
            continue;
        /* A line at a time: the next comes when this is answered. */
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "check") == 0)
            check();
        else if (strcmp(line, "leave") == 0)
            leave();
        else if (strcmp(line, "ask") == 0)
            ask();
        else if (strcmp(line, "resume") == 0)
            resume();
        else if (strcmp(line, "memory") == 0)
            tell_memory();
    }
    vigil_bus_close(bus);
    return 0;
}
