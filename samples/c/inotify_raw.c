/*
 * Prints the kernel's events of one directory, with their flags by name.
 *
 *   inotify_raw DIRECTORY                   Ctrl-C ends it
 *
 * How it is built is in README.md.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vigil.h>

static volatile sig_atomic_t is_over;

static void end(int signal)
{
    (void)signal;
    is_over = 1;
}

/* "IN_CREATE|IN_ISDIR" as "[:IN_CREATE, :IN_ISDIR]". */
static void print_flags(uint32_t mask)
{
    char names[512];
    vigil_mask_names(mask, names, sizeof names);
    const char *before = "";
    putchar('[');
    for (char *rest = names, *name; (name = strsep(&rest, "|")) != NULL && name[0] != '\0'; before = ", ")
        printf("%s:%s", before, name);
    putchar(']');
}

static void print_event(struct inotify_event *event, const char *name)
{
    printf("wd: %d, mask: %x, flags: ", event->wd, event->mask);
    print_flags(event->mask);
    printf(", cookie: %u, len: %u, name: %s\n", event->cookie, event->len, name);
}

static int fail(const char *what, int error)
{
    fprintf(stderr, "inotify_raw: %s: %s\n", what, strerror(error));
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: inotify_raw DIRECTORY\n");
        return 2;
    }
    /*
     * The signal is only let in while ppoll waits, so none is lost between a look at is_over and the wait. It is
     * blocked before the first call of the library, whose threads inherit that: none of them takes it from ppoll.
     */
    struct sigaction action = {.sa_handler = end};
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    sigaction(SIGINT, &action, NULL);
    vigil_version();          /* the first call starts the library, which ignores SIGPIPE: after it, */
    signal(SIGPIPE, SIG_DFL); /* a reader that has gone ends this program again */
    setvbuf(stdout, NULL, _IOLBF, 0);

    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return fail("inotify_init1", errno);
    int wd = inotify_add_watch(fd, argv[1], IN_ALL_EVENTS);
    if (wd < 0)
        return fail(argv[1], errno);
    printf("Watching %s, Ctrl-C ends\n", argv[1]);

    struct pollfd poller = {.fd = fd, .events = POLLIN};
    int status = 0;
    while (!is_over && status <= 0) {
        if (ppoll(&poller, 1, NULL, &before) > 0)
            status = watch(fd, print_event);
    }

    inotify_rm_watch(fd, wd);
    close(fd);
    if (status > 0)
        return fail("watch", status);
    puts("Exiting");
    return 0;
}
