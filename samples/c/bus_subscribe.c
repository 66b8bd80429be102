/*
 * Prints every change of a tree that a server watches, with its position; of files also what is in them.
 *
 *   bus_subscribe [-i] [-f] [-s] [-l] [-p POSITION] ROOT       Ctrl-C ends it
 *
 *   -i  first what is there    -f  with open files        -p  go on from a position
 *   -s  start a server         -l  do without a server
 *
 * How it is built is in README.md.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <vigil.h>

enum { BATCH = 64 };

static volatile sig_atomic_t is_over;

static void end(int signal)
{
    (void)signal;
    is_over = 1;
}

/* The first bytes of the file, whatever its name stands for by now. The descriptor is ours, so we close it. */
static void print_file(int fd)
{
    char start[24];
    ssize_t length = pread(fd, start, sizeof start, 0);
    fputs("  \"", stdout);
    for (ssize_t i = 0; i < length; i++)
        putchar(start[i] >= ' ' && start[i] <= '~' ? start[i] : '.');
    putchar('"');
    close(fd);
}

static void print_change(const vigil_bus_change *told)
{
    const vigil_change *change = &told->change;
    char position[48];
    vigil_position_text(&told->position, position, sizeof position);
    printf("%s %-*s", position, change->path_bytes > 0 ? 8 : 0, vigil_kind_name(change->kind));
    if (change->old_path_bytes > 0)
        printf(" %s ->", change->old_path);
    if (change->path_bytes > 0)
        printf(" %s", change->path);
    if (told->fd >= 0)
        print_file(told->fd);
    if (change->reason_bytes > 0)
        printf(": %s", change->reason);
    putchar('\n');
}

/* The words of the command line; where one is wrong, the answer is NULL. */
static const char *read_arguments(int argc, char **argv, vigil_bus_options *options)
{
    int option;
    while ((option = getopt(argc, argv, "ifslp:")) != -1) {
        if (option == 'i')
            options->flags |= VIGIL_BUS_INITIAL;
        else if (option == 'f')
            options->flags |= VIGIL_BUS_FDS;
        else if (option == 's')
            options->flags |= VIGIL_BUS_START;
        else if (option == 'l')
            options->flags |= VIGIL_BUS_LOCAL;
        else if (option != 'p' || vigil_position_parse(optarg, &options->since) != 0)
            return NULL;
    }
    return optind == argc - 1 ? argv[optind] : NULL;
}

int main(int argc, char **argv)
{
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

    vigil_bus_options options = {.size = sizeof options};
    const char *root = read_arguments(argc, argv, &options);
    if (root == NULL) {
        fprintf(stderr, "usage: bus_subscribe [-i] [-f] [-s] [-l] [-p POSITION] ROOT\n");
        return 2;
    }
    vigil_bus *bus;
    if (vigil_bus_subscribe(root, &options, &bus) != 0) {
        fprintf(stderr, "bus_subscribe: %s\n", vigil_last_error());
        return 1;
    }

    static vigil_bus_change changes[BATCH];
    static char text[64 * 1024];
    struct pollfd poller = {.fd = vigil_bus_fd(bus), .events = POLLIN};
    int status = 0;
    while (!is_over && (status == 0 || status == EAGAIN)) {
        if (ppoll(&poller, 1, NULL, &before) <= 0)
            continue;
        size_t count;
        status = vigil_bus_read(bus, changes, BATCH, text, sizeof text, &count);
        for (size_t i = 0; i < count; i++)
            print_change(&changes[i]);
    }

    int failed = !is_over && status != ENODATA;
    if (failed)
        fprintf(stderr, "bus_subscribe: %s\n", vigil_last_error());
    vigil_bus_close(bus);
    if (!failed)
        puts("Exiting");
    return failed;
}
