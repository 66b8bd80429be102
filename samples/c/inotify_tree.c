/*
 * Prints every change of a tree.
 *
 *   inotify_tree DIRECTORY                  Ctrl-C ends it
 *
 * How it is built is in README.md.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include <vigil.h>

enum { BATCH = 256 };

static volatile sig_atomic_t is_over;

static void end(int signal)
{
    (void)signal;
    is_over = 1;
}

static void print_change(const vigil_change *change)
{
    const char *kind = vigil_kind_name(change->kind);
    if (change->old_path_bytes > 0)
        printf("%-8s %s -> %s", kind, change->old_path, change->path);
    else if (change->path_bytes > 0)
        printf("%-8s %s", kind, change->path);
    else
        fputs(kind, stdout);
    if (change->reason_bytes > 0)
        printf(": %s", change->reason);
    putchar('\n');
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: inotify_tree DIRECTORY\n");
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

    const char *const paths[] = {argv[1]};
    vigil_tree *tree;
    if (vigil_tree_open(paths, 1, NULL, &tree) != 0) {
        fprintf(stderr, "inotify_tree: %s\n", vigil_last_error());
        return 1;
    }

    static vigil_change changes[BATCH];
    static char text[64 * 1024];
    struct pollfd poller = {.fd = vigil_tree_fd(tree), .events = POLLIN};
    int status = 0;
    while (!is_over && (status == 0 || status == EAGAIN)) {
        if (ppoll(&poller, 1, NULL, &before) <= 0)
            continue;
        size_t count;
        status = vigil_tree_read(tree, changes, BATCH, text, sizeof text, &count);
        for (size_t i = 0; i < count; i++)
            print_change(&changes[i]);
    }

    int failed = !is_over && status != ENODATA;
    if (failed)
        fprintf(stderr, "inotify_tree: %s\n", vigil_last_error());
    vigil_tree_close(tree);
    if (!failed)
        puts("Exiting");
    return failed;
}
