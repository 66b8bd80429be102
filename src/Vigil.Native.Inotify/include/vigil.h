/*
 * Vigil's watchers for every language: the kernel's own events, whole trees of which nothing is lost, and trees that a
 * server watches once for every process. Linux, 64-bit. Link with -linotify, or:
 * cc program.c $(pkg-config --cflags --libs libinotify).
 *
 * The kernel as it is:                               A whole tree:
 *
 *     static void print(                                 vigil_tree *tree;
 *         struct inotify_event *event,                   const char *paths[] = {"src", "docs"};
 *         const char *name)                              if (vigil_tree_open(paths, 2, NULL, &tree) != 0)
 *     {                                                      die(vigil_last_error());
 *         printf("%x %s\n", event->mask, name);          vigil_change changes[64];
 *     }                                                  static char text[64 * 1024];
 *                                                        size_t count;
 *     int fd = inotify_init1(IN_CLOEXEC);                while (vigil_tree_wait(tree, -1) == 0) {
 *     int wd = inotify_add_watch(fd, "src",                  vigil_tree_read(tree, changes, 64, text, sizeof text,
 *                                IN_ALL_EVENTS);                             &count);
 *     while (watch(fd, print) == 0) {                        for (size_t i = 0; i < count; i++)
 *     }                                                          printf("%s %s\n",
 *     inotify_rm_watch(fd, wd);                                      vigil_kind_name(changes[i].kind),
 *     close(fd);                                                     changes[i].path);
 *                                                        }
 *                                                        vigil_tree_close(tree);
 *
 * What functions answer
 *
 *   A function that answers an int answers 0 where it did what it says, else a number of errno(3), positive, unless it
 *   is said otherwise beside it. vigil_last_error() then has the reason in words, with what to do about it. No function
 *   ends the process or lets an exception out. What is in errno after a call is undefined, but for watch() that
 *   answered -1: EAGAIN.
 *
 * Lifetime of pointers
 *
 *   Pointers that are passed in are used during the call and not kept.
 *   The event and the name that a callback of watch() is given lie on the stack of watch(): they are valid until the
 *   callback returns, and may be written.
 *   The pointers in a vigil_change point into the buffer that was passed to vigil_tree_read or vigil_bus_read, or to
 *   an empty text of the library: they are valid as long as that buffer stays as it is.
 *   A tree is valid from vigil_tree_open to vigil_tree_close, a bus from vigil_bus_subscribe or vigil_bus_since to
 *   vigil_bus_close. One that is NULL, was closed, or never was one is refused with EINVAL. It is a number in the shape
 *   of a pointer; nothing is where it points.
 *   A descriptor in a vigil_bus_change is the caller's, who closes it. All others are the library's.
 *   The text of vigil_last_error() is valid until the next function of this header fails on the same thread, and until
 *   the thread ends. The texts of vigil_kind_name and vigil_version are valid for ever.
 *
 * Threads
 *
 *   Every function may be called on every thread at any time. Two that read one tree or one bus wait for each other,
 *   and each change goes to one of them. vigil_tree_close and vigil_bus_close end a wait and a sync on other threads:
 *   they answer ECANCELED. A call needs 32 KiB of stack, of which watch() has 16 for its buffer.
 *   A callback is only ever called by watch(), on the thread that called watch(), before watch() returns. A tree and a
 *   bus make no callbacks: the threads that the library has for them run nothing of the caller's.
 *   Those threads have the signal mask of the call that started them, which is the first of all, or one of a tree or
 *   bus. A program that blocks a signal and takes it in ppoll(2) or sigwait(3) blocks it before those.
 *
 * Callbacks that do not return
 *
 *   A callback has to return. It may call every function of this header, watch() included. It must not leave by
 *   longjmp(3) or a C++ exception, nor end its thread: the frames of watch() would be gone while the library counts on
 *   them. Where a language runs code of its users in callbacks, it has to hold back what they throw until watch() has
 *   returned. The ffi gem of Ruby holds back what the last callback of a call raises and drops what the others do;
 *   ctypes of Python prints and drops it all. An interrupt (Ctrl-C) may be raised in any of them, so there it is best
 *   to call watch() on a thread that does not get it, and to run the code of users when watch() has returned.
 *
 * Processes
 *
 *   The first call in a process starts the runtime that the library contains. From then on SIGSEGV, SIGFPE and
 *   SIGRTMIN have its handlers, which pass on what is not theirs, and SIGPIPE is ignored: a program that has
 *   a handler of its own for SIGPIPE, or wants it to end the process, says so after that call (vigil_version() is one).
 *   After fork(2) the child may call exec(3) and nothing of this header: vigil_tree_close may never return there.
 *   Descriptors of the library are closed by exec, and so are those that it hands out (FD_CLOEXEC).
 *   No call leaves the program a child to wait for, nor a handler of SIGCHLD, also where it starts a server.
 *   dlclose(3) leaves the library where it is.
 */
#ifndef VIGIL_H
#define VIGIL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

#ifdef __cplusplus
#define VIGIL_ASSERT(condition, text) static_assert(condition, text)
extern "C" {
#else
#define VIGIL_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* ---- The kernel's events ----------------------------------------------------------------------------------------- */

/*
 * Reads what is there, once, and calls back for each event in order: with its name, ended by a NUL, or "" for an event
 * without one. The descriptor is one that inotify_init1(2) gave to the caller, who adds and removes watches and closes
 * it. One read(2) of at most 16384 bytes; nothing is allocated.
 *
 * Answers 0 when the callback has been called for all of them; -1 where the descriptor does not block and there is
 * nothing. Where the descriptor blocks, it waits for an event; a signal handler that runs does not end that.
 * Else a number of errno(3), and nothing was read and nobody called: EBADF where there is no such descriptor; EINVAL
 * where the callback is NULL, or the descriptor is none of inotify. The text of vigil_last_error() is left as it is.
 */
int watch(int fd, void (*callback)(struct inotify_event *event, const char *name));

/*
 * Writes the names of the bits of a mask, in the order of linux/inotify.h, joined by '|', such as "IN_CREATE|IN_ISDIR";
 * bits without a name follow as one hexadecimal number. Of 0, the empty text. At most size bytes are written, with
 * the NUL at the end; text may be NULL where size is 0.
 *
 * Answers how long the whole text is without its NUL, as snprintf(3) does: it was cut where that is not less than size.
 */
size_t vigil_mask_names(uint32_t mask, char *text, size_t size);

/*
 * Reads such names: with or without "IN_", in upper or lower case, separated by '|' or ','; IN_CLOSE, IN_MOVE and
 * IN_ALL_EVENTS are names, too. EINVAL where one is not known, and then the mask is 0.
 */
int vigil_mask_parse(const char *names, uint32_t *mask);

/* ---- Trees ------------------------------------------------------------------------------------------------------- */

/* What a change says. Those below 16 change the tree; those from 16 on tell about the watching. */
typedef enum vigil_kind {
    VIGIL_CREATED = 0,     /* an entry appeared: made there, moved in, or found by a scan; parents before children */
    VIGIL_MODIFIED = 1,    /* the content of a file was written or truncated */
    VIGIL_CLOSED = 2,      /* a file that had been open for writing was closed */
    VIGIL_METADATA = 3,    /* mode, owner, times or another attribute changed */
    VIGIL_DELETED = 4,     /* an entry is gone: removed or moved out; what is below a directory comes before it */
    VIGIL_RENAMED = 5,     /* an entry has another path; all below it moved along, what it replaced is gone */
    VIGIL_MOVED = 6,       /* these two tell what a rename takes along; no function of this header asks for them */
    VIGIL_REPLACED = 7,
    VIGIL_READY = 16,      /* the first of all: from here on nothing is missed */
    VIGIL_OVERFLOWED = 17, /* events were lost; the reason says how. A rescan follows */
    VIGIL_RESCANNED = 18,  /* the rescan is over: all that it found was told before this */
    VIGIL_DEGRADED = 19,   /* a part cannot be watched and is polled from now on; the reason says why */
    VIGIL_GONE = 20,       /* a watched path itself was removed, moved away or unmounted */
    VIGIL_FRESH = 21       /* from a bus: drop what you hold of the tree; all that is there follows as created */
} vigil_kind;

/* What an entry is. */
typedef enum vigil_type {
    VIGIL_TYPE_UNKNOWN = 0, /* not known, as with some of the kinds from 16 on */
    VIGIL_TYPE_FILE = 1,
    VIGIL_TYPE_DIRECTORY = 2,
    VIGIL_TYPE_SYMLINK = 3, /* not followed, except where it is a watched path itself */
    VIGIL_TYPE_OTHER = 4    /* a FIFO, a socket or a device */
} vigil_type;

/* Bits of vigil_change.flags. */
#define VIGIL_CHANGE_INITIAL 1 /* tells what was there at the start (VIGIL_TREE_REPORT_INITIAL) */

/* One change. Applied in order to what was there at VIGIL_READY, the changes give exactly the tree. */
typedef struct vigil_change {
    uint64_t sequence;       /* 1, 2, 3 and so on without gaps */
    int64_t time_us;         /* when it was learned of: microseconds since 1970 UTC */
    const char *path;        /* absolute, any bytes but NUL, ended by a NUL; "" where there is none */
    const char *old_path;    /* with VIGIL_RENAMED the path before, ended by a NUL; else "" */
    const char *reason;      /* for people, in UTF-8, with kinds from 16 on, ended by a NUL; else "" */
    uint32_t path_bytes;     /* each without its NUL */
    uint32_t old_path_bytes;
    uint32_t reason_bytes;
    uint8_t kind;            /* a vigil_kind; ignore those that you do not know */
    uint8_t type;            /* a vigil_type */
    uint16_t flags;          /* VIGIL_CHANGE_… */
    uint64_t reserved;       /* 0 */
} vigil_change;

VIGIL_ASSERT(sizeof(vigil_change) == 64, "vigil_change has 64 bytes");
VIGIL_ASSERT(offsetof(vigil_change, sequence) == 0, "sequence");
VIGIL_ASSERT(offsetof(vigil_change, time_us) == 8, "time_us");
VIGIL_ASSERT(offsetof(vigil_change, path) == 16, "path");
VIGIL_ASSERT(offsetof(vigil_change, old_path) == 24, "old_path");
VIGIL_ASSERT(offsetof(vigil_change, reason) == 32, "reason");
VIGIL_ASSERT(offsetof(vigil_change, path_bytes) == 40, "path_bytes");
VIGIL_ASSERT(offsetof(vigil_change, old_path_bytes) == 44, "old_path_bytes");
VIGIL_ASSERT(offsetof(vigil_change, reason_bytes) == 48, "reason_bytes");
VIGIL_ASSERT(offsetof(vigil_change, kind) == 52, "kind");
VIGIL_ASSERT(offsetof(vigil_change, type) == 53, "type");
VIGIL_ASSERT(offsetof(vigil_change, flags) == 54, "flags");
VIGIL_ASSERT(offsetof(vigil_change, reserved) == 56, "reserved");

/* Bits of vigil_tree_options.flags. */
#define VIGIL_TREE_IGNORE_FILES 1    /* obey .gitignore and .ignore files in the tree, and leave .git out */
#define VIGIL_TREE_NOT_RECURSIVE 2   /* do not watch directories below the paths */
#define VIGIL_TREE_ONE_FILE_SYSTEM 4 /* leave directories on other file systems alone */
#define VIGIL_TREE_REPORT_INITIAL 8  /* tell what is there at the start as VIGIL_CREATED, after VIGIL_READY */
#define VIGIL_TREE_WAIT_FOR_ROOTS 16 /* wait for paths that are not there (any more) instead of failing or ending */

/* Values of vigil_tree_options.kinds: one bit for each kind below 16. */
#define VIGIL_KINDS_ALL 0x3f
#define VIGIL_KINDS_STRUCTURE (1 << VIGIL_CREATED | 1 << VIGIL_DELETED | 1 << VIGIL_RENAMED)

/* Values of vigil_tree_options.backend. */
#define VIGIL_BACKEND_AUTO 0
#define VIGIL_BACKEND_INOTIFY 1
#define VIGIL_BACKEND_POLL 3 /* compare with the disk from time to time */

/*
 * How a tree is watched. A field of 0 means what is right most of the time. Set size and leave the rest 0:
 *
 *     vigil_tree_options options = {.size = sizeof options};
 *
 * Later versions may add fields at the end. A library that does not have them yet accepts them as long as they are 0,
 * else it answers E2BIG; for one that has more, those that are not passed are 0.
 */
typedef struct vigil_tree_options {
    size_t size;                /* sizeof(vigil_tree_options) */
    const char *const *ignore;  /* patterns of gitignore(5): what they match is neither watched nor told */
    size_t ignore_count;
    const char *const *include; /* patterns; if there are any, only what one of them matches is told */
    size_t include_count;
    uint32_t flags;             /* VIGIL_TREE_… */
    uint32_t kinds;             /* bits, 1 << VIGIL_CREATED and so on: what is told; 0 for everything */
    uint32_t backend;           /* VIGIL_BACKEND_… */
    uint32_t settle_ms;         /* if not 0: one change for a path, once it has been quiet for so long */
    uint32_t poll_interval_ms;  /* how often polled parts are compared with the disk; 0: by what it costs */
    uint32_t capacity;          /* how many changes are kept for a slow reader, before the rest waits; 0: 65536 */
} vigil_tree_options;

VIGIL_ASSERT(sizeof(vigil_tree_options) == 64, "vigil_tree_options has 64 bytes");
VIGIL_ASSERT(offsetof(vigil_tree_options, size) == 0, "size");
VIGIL_ASSERT(offsetof(vigil_tree_options, ignore) == 8, "ignore");
VIGIL_ASSERT(offsetof(vigil_tree_options, ignore_count) == 16, "ignore_count");
VIGIL_ASSERT(offsetof(vigil_tree_options, include) == 24, "include");
VIGIL_ASSERT(offsetof(vigil_tree_options, include_count) == 32, "include_count");
VIGIL_ASSERT(offsetof(vigil_tree_options, flags) == 40, "flags");
VIGIL_ASSERT(offsetof(vigil_tree_options, kinds) == 44, "kinds");
VIGIL_ASSERT(offsetof(vigil_tree_options, backend) == 48, "backend");
VIGIL_ASSERT(offsetof(vigil_tree_options, settle_ms) == 52, "settle_ms");
VIGIL_ASSERT(offsetof(vigil_tree_options, poll_interval_ms) == 56, "poll_interval_ms");
VIGIL_ASSERT(offsetof(vigil_tree_options, capacity) == 60, "capacity");

/* A watcher of trees. */
typedef struct vigil_tree vigil_tree;

/*
 * Watches paths, directories with all below them or single files, and returns when everything is watched: no later
 * change is missed. options may be NULL. *tree is NULL where it fails.
 *
 * ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG: a path cannot be watched. EMFILE, ENFILE: no inotify instance or no
 * descriptor is left. EINVAL: no path, a NULL, a size, flag, kind, backend or pattern that is not valid. E2BIG: see
 * vigil_tree_options. EOPNOTSUPP: a backend that is not there yet. ENOMEM. A signal does not end the call.
 */
int vigil_tree_open(const char *const *paths, size_t count, const vigil_tree_options *options, vigil_tree **tree);

/*
 * A descriptor that is readable (POLLIN) while changes are waiting, and for ever once there will be none. For poll(2),
 * epoll(7) and event loops; it belongs to the tree: do not read, write or close it. Rarely it is readable and
 * vigil_tree_read answers EAGAIN. -1 where the tree is not valid.
 */
int vigil_tree_fd(vigil_tree *tree);

/*
 * Waits until changes are waiting. timeout_ms: milliseconds; 0 does not wait, less than 0 waits without end.
 *
 * ETIMEDOUT: none came. EINTR: a signal handler ran first. ECANCELED: the tree was closed meanwhile. Also 0 once there
 * will be no more: vigil_tree_read says so.
 */
int vigil_tree_wait(vigil_tree *tree, int timeout_ms);

/*
 * Takes up to capacity changes that are waiting, and does not wait. The texts go into the buffer, one after the other;
 * what does not fit any more stays for the next call.
 *
 * *count is how many there are, at least 1 with 0 as the answer, else 0. EAGAIN: none is waiting. ENODATA: none will
 * come, as every watched path is gone. ENOBUFS: the buffer has no room for the first; 16384 bytes are enough for
 * all paths that fit into PATH_MAX. EIO and others: the watcher failed; no change will come.
 */
int vigil_tree_read(vigil_tree *tree, vigil_change *changes, size_t capacity, void *buffer, size_t buffer_bytes,
                    size_t *count);

/*
 * Waits until all that happened before this call is waiting to be read. Where vigil_tree_options.capacity is
 * reached, the rest waits for the reader, so give it time only where somebody else reads, or there is room.
 * timeout_ms as in vigil_tree_wait. ETIMEDOUT: not yet. ECANCELED: the tree was closed or has ended. A signal does not
 * end the call.
 */
int vigil_tree_sync(vigil_tree *tree, int timeout_ms);

/*
 * Watches one more path; what is there is told as VIGIL_CREATED. Fails as vigil_tree_open does. ECANCELED: the tree has
 * ended.
 */
int vigil_tree_add(vigil_tree *tree, const char *path);

/* Stops watching a path that was given before, without a word about its entries. ENOENT: it was not watched. */
int vigil_tree_remove(vigil_tree *tree, const char *path);

/*
 * Ends the watching and gives everything of the tree back. NULL, and a tree that is not valid, are nothing to do. What
 * the runtime opened for itself with the first tree (/dev/urandom, an epoll instance) stays for the process.
 */
void vigil_tree_close(vigil_tree *tree);

/* ---- The bus: trees that a server watches for every process ------------------------------------------------------ */

/*
 *     vigil_bus_options options = {.size = sizeof options, .flags = VIGIL_BUS_START | VIGIL_BUS_LOCAL};
 *     vigil_bus *bus;
 *     if (vigil_bus_subscribe("src", &options, &bus) != 0)
 *         die(vigil_last_error());
 *     vigil_bus_change changes[64];
 *     static char text[64 * 1024];
 *     size_t count;
 *     int status = 0;
 *     while (status == 0 || status == EAGAIN) {
 *         vigil_bus_wait(bus, -1);
 *         status = vigil_bus_read(bus, changes, 64, text, sizeof text, &count);
 *         for (size_t i = 0; i < count; i++)
 *             printf("%s %s\n", vigil_kind_name(changes[i].change.kind), changes[i].change.path);
 *     }
 *     vigil_bus_close(bus);
 *
 * The server is `vigil serve`. What it tells is what a tree tells, with positions: places in the history that it keeps.
 */

/* A place in the history of a tree: what came after it can be asked for, also by another process. {0, 0} is none. */
typedef struct vigil_position {
    uint64_t epoch;  /* which watching of the tree: random, never 0 */
    uint64_t number; /* the last change that is before this place; 0 before the end of what was there at the start */
} vigil_position;

/* One change, as a bus tells it. */
typedef struct vigil_bus_change {
    vigil_change change;
    vigil_position position; /* after this change; none where the library watches by itself */
    int32_t fd;              /* the file itself, open for reading (VIGIL_BUS_FDS): the caller closes it; -1: none */
    int32_t fd_error;        /* why none came, where one was to: ENOENT: the file is gone, or another has its name;
                                EACCES; EMFILE: it was not received; ETIMEDOUT: told from history, or without
                                knowing which file it was; EIO; else 0 */
    uint64_t reserved;       /* 0 */
} vigil_bus_change;

VIGIL_ASSERT(sizeof(vigil_position) == 16, "vigil_position has 16 bytes");
VIGIL_ASSERT(offsetof(vigil_position, epoch) == 0, "epoch");
VIGIL_ASSERT(offsetof(vigil_position, number) == 8, "number");
VIGIL_ASSERT(sizeof(vigil_bus_change) == 96, "vigil_bus_change has 96 bytes");
VIGIL_ASSERT(offsetof(vigil_bus_change, change) == 0, "change");
VIGIL_ASSERT(offsetof(vigil_bus_change, position) == 64, "position");
VIGIL_ASSERT(offsetof(vigil_bus_change, fd) == 80, "fd");
VIGIL_ASSERT(offsetof(vigil_bus_change, fd_error) == 84, "fd_error");
VIGIL_ASSERT(offsetof(vigil_bus_change, reserved) == 88, "reserved");

/* Bits of vigil_bus_options.flags. */
#define VIGIL_BUS_INITIAL 1 /* tell what is there at the start as VIGIL_CREATED, after VIGIL_READY */
#define VIGIL_BUS_FDS 2     /* a regular file that was created or closed comes open */
#define VIGIL_BUS_LOCAL 4   /* where there is no server, or one was lost and none came back in time, watch by itself:
                               the same, without positions and files; VIGIL_FRESH says so where one was lost */
#define VIGIL_BUS_START 8   /* where there is no server, start one: `vigil serve --on-demand`, or what start says */

/* vigil_bus_options.reconnect_ms: a server that is gone is looked for without end; answer_ms: it is waited for so. */
#define VIGIL_RECONNECT_FOREVER UINT32_MAX

/* What is wanted of a bus, and where it is. Sizes and zeros are as in vigil_tree_options. */
typedef struct vigil_bus_options {
    size_t size;                /* sizeof(vigil_bus_options) */
    const char *const *ignore;  /* patterns of gitignore(5), relative to the root: what they match is not told */
    size_t ignore_count;
    const char *const *include; /* patterns; if there are any, only what one of them matches is told */
    size_t include_count;
    vigil_position since;       /* go on from here, with the same root and patterns; none: from now on */
    const char *socket;         /* of the server; NULL: VIGIL_SOCKET, else vigil/bus.sock in XDG_RUNTIME_DIR */
    const char *const *start;   /* with VIGIL_BUS_START: a program, found by PATH, and its arguments */
    size_t start_count;
    uint32_t flags;             /* VIGIL_BUS_… */
    uint32_t kinds;             /* bits, 1 << VIGIL_CREATED and so on: what is told; 0 for everything */
    uint32_t reconnect_ms;      /* how long a server that was started, or lost, is looked for; 0: 30 seconds */
    uint32_t capacity;          /* how many changes are kept for a slow reader; 0: 65536, with VIGIL_BUS_FDS 128 */
    uint32_t answer_ms;         /* how long it may take to answer, which may scan the tree first; 0: 5 minutes */
    uint32_t reserved;          /* 0 */
} vigil_bus_options;

VIGIL_ASSERT(sizeof(vigil_bus_options) == 104, "vigil_bus_options has 104 bytes");
VIGIL_ASSERT(offsetof(vigil_bus_options, size) == 0, "size");
VIGIL_ASSERT(offsetof(vigil_bus_options, ignore) == 8, "ignore");
VIGIL_ASSERT(offsetof(vigil_bus_options, ignore_count) == 16, "ignore_count");
VIGIL_ASSERT(offsetof(vigil_bus_options, include) == 24, "include");
VIGIL_ASSERT(offsetof(vigil_bus_options, include_count) == 32, "include_count");
VIGIL_ASSERT(offsetof(vigil_bus_options, since) == 40, "since");
VIGIL_ASSERT(offsetof(vigil_bus_options, socket) == 56, "socket");
VIGIL_ASSERT(offsetof(vigil_bus_options, start) == 64, "start");
VIGIL_ASSERT(offsetof(vigil_bus_options, start_count) == 72, "start_count");
VIGIL_ASSERT(offsetof(vigil_bus_options, flags) == 80, "flags");
VIGIL_ASSERT(offsetof(vigil_bus_options, kinds) == 84, "kinds");
VIGIL_ASSERT(offsetof(vigil_bus_options, reconnect_ms) == 88, "reconnect_ms");
VIGIL_ASSERT(offsetof(vigil_bus_options, capacity) == 92, "capacity");
VIGIL_ASSERT(offsetof(vigil_bus_options, answer_ms) == 96, "answer_ms");
VIGIL_ASSERT(offsetof(vigil_bus_options, reserved) == 100, "reserved");

/* A subscription to a tree of a server, or the answer to a question about its past. */
typedef struct vigil_bus vigil_bus;

/*
 * Subscribes to a root, a directory with all below it or a single file, and returns when no later change is missed.
 * The first change is VIGIL_READY. options may be NULL. *bus is NULL where it fails.
 *
 * What is lost on the way is made up for: VIGIL_OVERFLOWED says that the server is gone, or did not wait for this
 * reader any longer; then comes what was missed, or VIGIL_FRESH and all that is there; then VIGIL_RESCANNED.
 * VIGIL_FRESH also follows VIGIL_READY where what came after options.since is not kept.
 *
 * VIGIL_GONE of the root is the last. A root that is a directory is gone when that very directory is no longer there:
 * removed, moved away, unmounted, or replaced by another. Of a root that is a file the name counts: it may be deleted
 * and created, as editors save, and is gone once it was away for a while. Where what is no file takes its name, it is
 * gone if the server has a larger tree around it watched, else the name is watched on.
 *
 * ENOTCONN: there is no server, or none that could be started. EACCES: the server does not let this user or this root
 * in, the socket does not, or permission for the root is missing. ENOENT: the root is not there, or is nothing that can
 * be watched. EUSERS: the server has as many connections or trees as it may have, or a limit or a disk refuses the root
 * for now. EPROTO, EPROTONOSUPPORT: whoever listens there speaks something else, or another
 * version. ECONNRESET: it ended. ETIMEDOUT: it does not greet for 5 seconds, or not answer for answer_ms. EINVAL: a
 * NULL, a size, flag, kind, pattern or socket that is not valid. E2BIG: see vigil_tree_options. EMFILE, ENFILE, ENOMEM.
 * With VIGIL_BUS_LOCAL, what vigil_tree_open fails with. A signal does not end the call.
 */
int vigil_bus_subscribe(const char *root, const vigil_bus_options *options, vigil_bus **bus);

/*
 * Asks what happened after options->since and before this call; without a since, for all that is there. The answer is
 * read as a subscription is. Its last change is VIGIL_RESCANNED, whose position is the one to ask with next; then
 * vigil_bus_read answers ENODATA. Where that is not kept, VIGIL_FRESH comes first and then all that is there.
 *
 * Fails as vigil_bus_subscribe does. Flags but VIGIL_BUS_START do not matter; a library that watches by itself keeps no
 * history: ENOTCONN.
 */
int vigil_bus_since(const char *root, const vigil_bus_options *options, vigil_bus **bus);

/*
 * Where the history of a root is now: everything that happened before this call is before it. The server watches the
 * root from then on, for a while at least. *position is none where it fails, which is as with vigil_bus_since.
 */
int vigil_bus_clock(const char *root, const vigil_bus_options *options, vigil_position *position);

/* As vigil_tree_fd and vigil_tree_wait. */
int vigil_bus_fd(vigil_bus *bus);
int vigil_bus_wait(vigil_bus *bus, int timeout_ms);

/*
 * Takes up to capacity changes that are waiting, and does not wait; as vigil_tree_read, in the buffer, in what does not
 * fit, in EAGAIN and ENOBUFS. The descriptors in those that it hands out are the caller's from then on; those of
 * changes that are not taken are closed by vigil_bus_close.
 *
 * ENODATA: nothing more will come, as the root is gone, or the answer of vigil_bus_since is complete. ENOTCONN: the
 * server is gone and did not come back in time. What else vigil_bus_subscribe fails with: it came back, and refused.
 */
int vigil_bus_read(vigil_bus *bus, vigil_bus_change *changes, size_t capacity, void *buffer, size_t buffer_bytes,
                   size_t *count);

/*
 * Waits until all that happened in the tree before this call is waiting to be read. Nothing is written into the tree
 * for it. Where vigil_bus_options.capacity is reached, the rest waits for the reader, as with vigil_tree_sync.
 * timeout_ms as in vigil_tree_wait. ETIMEDOUT: not yet. ECANCELED: the bus was closed or has ended. EOPNOTSUPP: it is
 * of vigil_bus_since. A signal does not end the call.
 */
int vigil_bus_sync(vigil_bus *bus, int timeout_ms);

/*
 * The position after everything that was read: the one to keep, and to go on from after a restart. It may be beyond
 * that of the last change that was read, where what came since was not for this subscription. None before the first.
 */
int vigil_bus_position(vigil_bus *bus, vigil_position *position);

/* Ends the subscription and gives everything of it back. NULL, and a bus that is not valid, are nothing to do. */
void vigil_bus_close(vigil_bus *bus);

/*
 * Writes a position as `vigil clock` does, such as "5f0c9d21e8b3a647:1234", or "none"; as vigil_mask_names, 48 bytes
 * are always enough.
 */
size_t vigil_position_text(const vigil_position *position, char *text, size_t size);

/* Reads such a text. EINVAL where it is none, and then *position is none; so is "none". */
int vigil_position_parse(const char *text, vigil_position *position);

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

/* The name of a vigil_kind, such as "created"; "unknown" for a number that is none. */
const char *vigil_kind_name(int kind);

/* Why the last function that failed on this thread did, in UTF-8; "" where none did. */
const char *vigil_last_error(void);

/* The version of the library, such as "0.1.0". */
const char *vigil_version(void);

#ifdef __cplusplus
}
#endif

#endif
