/*
 * The reference: what a plain inotify reader in C costs.
 *
 *   reader eager DIRECTORY    reads again as soon as it has written what it read
 *   reader batch DIRECTORY    lets one millisecond pass between two reads, unless the buffer came back full
 *
 * One line per event, "MASK NAME" with the mask in hexadecimal, gathered per read and written with one write(2).
 * The first line is "ready"; an overflow of the kernel's queue is the line "overflow".
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, LINE_BYTES = 8 + 1 + 255 + 1 };

static const uint32_t mask =
    IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;

/* A read holds at most READ_BYTES / sizeof(struct inotify_event) events; names only make them fewer. */
static char events[READ_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
static char lines[4 * READ_BYTES];

static int fail(const char *what)
{
    fprintf(stderr, "reader: %s: %s\n", what, strerror(errno));
    return 1;
}

static int write_all(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t done = write(STDOUT_FILENO, data, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        data += done;
        length -= (size_t)done;
    }
    return 0;
}

static char *append_event(char *out, const struct inotify_event *event)
{
    static const char digits[] = "0123456789abcdef";
    if (event->mask & IN_Q_OVERFLOW) {
        memcpy(out, "overflow\n", 9);
        return out + 9;
    }
    for (int shift = 28; shift >= 0; shift -= 4)
        *out++ = digits[event->mask >> shift & 15];
    *out++ = ' ';
    if (event->len > 0) {
        size_t length = strnlen(event->name, event->len);
        memcpy(out, event->name, length);
        out += length;
    }
    *out++ = '\n';
    return out;
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[1], "eager") != 0 && strcmp(argv[1], "batch") != 0)) {
        fprintf(stderr, "usage: reader eager|batch DIRECTORY\n");
        return 2;
    }
    int batch = strcmp(argv[1], "batch") == 0;
    const struct timespec pause = { .tv_sec = 0, .tv_nsec = 1000000 };

    int fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0)
        return fail("inotify_init1");
    if (inotify_add_watch(fd, argv[2], mask | IN_ONLYDIR) < 0)
        return fail(argv[2]);
    if (write_all("ready\n", 6) < 0)
        return fail("write");

    for (;;) {
        ssize_t length = read(fd, events, sizeof events);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return fail("read");

        char *out = lines;
        for (char *at = events; at < events + length;) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            out = append_event(out, event);
            at += sizeof *event + event->len;
            if (out > lines + sizeof lines - LINE_BYTES) {
                if (write_all(lines, (size_t)(out - lines)) < 0)
                    return fail("write");
                out = lines;
            }
        }
        if (write_all(lines, (size_t)(out - lines)) < 0)
            return fail("write");

        /* A buffer that came back half full or more means that more is waiting: no pause then. */
        if (batch && length < READ_BYTES / 2)
            nanosleep(&pause, NULL);
    }
}
