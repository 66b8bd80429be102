// Many small files by liburing, the measure for ReadManyAsync: open, read and close linked, files in the ring's table.
//
//   many FOLDER FILES IN_FLIGHT DROP
//
// Reads FOLDER/00/00000 and so on, a thousand in a directory, whole, and writes one line of JSON: how long, how many,
// how many bytes, and the sum of all of them. DROP is 1 to drop the page cache first.
#define _GNU_SOURCE
#include <fcntl.h>
#include <liburing.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 16384, PATH_BYTES = 512, STEP_BITS = 2, STEP_OPEN = 0, STEP_READ = 1, STEP_CLOSE = 2 };

struct slot {
    char path[PATH_BYTES];
    unsigned char buffer[BUFFER_BYTES];
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void drop_caches(void)
{
    sync();
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
    if (fd < 0 || write(fd, "3", 1) != 1)
        fail("drop_caches");
    close(fd);
}

static void begin(struct io_uring *ring, struct slot *slots, unsigned index, const char *folder, unsigned number)
{
    struct slot *slot = &slots[index];
    snprintf(slot->path, sizeof slot->path, "%s/%02u/%05u", folder, number / 1000, number);
    struct io_uring_sqe *open_entry = io_uring_get_sqe(ring);
    io_uring_prep_openat_direct(open_entry, AT_FDCWD, slot->path, O_RDONLY, 0, index);
    open_entry->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
    open_entry->user_data = (index << STEP_BITS) | STEP_OPEN;
    struct io_uring_sqe *read_entry = io_uring_get_sqe(ring);
    io_uring_prep_read(read_entry, (int)index, slot->buffer, BUFFER_BYTES, 0);
    read_entry->flags |= IOSQE_FIXED_FILE | IOSQE_IO_HARDLINK;
    read_entry->user_data = (index << STEP_BITS) | STEP_READ;
    struct io_uring_sqe *close_entry = io_uring_get_sqe(ring);
    io_uring_prep_close_direct(close_entry, index);
    close_entry->user_data = (index << STEP_BITS) | STEP_CLOSE;
}

int main(int count, char **words)
{
    if (count != 5)
        return 2;
    const char *folder = words[1];
    unsigned files = (unsigned)atoi(words[2]), in_flight = (unsigned)atoi(words[3]);
    struct io_uring ring;
    struct io_uring_params parameters = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN };
    if (io_uring_queue_init_params(in_flight * 4, &ring, &parameters) < 0)
        fail("io_uring_queue_init_params");
    if (io_uring_register_files_sparse(&ring, in_flight) < 0)
        fail("io_uring_register_files_sparse");
    struct slot *slots = calloc(in_flight, sizeof *slots);
    if (!slots)
        fail("calloc");
    if (atoi(words[4]))
        drop_caches();

    double begun = now(), used = cpu();
    unsigned next = 0, done = 0;
    uint64_t bytes = 0, sum = 0;
    for (; next < in_flight && next < files; next++)
        begin(&ring, slots, next, folder, next);
    while (done < files) {
        io_uring_submit_and_wait(&ring, 1);
        struct io_uring_cqe *entry;
        unsigned head, taken = 0;
        io_uring_for_each_cqe(&ring, head, entry) {
            unsigned index = (unsigned)(entry->user_data >> STEP_BITS);
            unsigned step = entry->user_data & ((1 << STEP_BITS) - 1);
            taken++;
            if (entry->res < 0) {
                fprintf(stderr, "step %u: %d\n", step, entry->res);
                return 1;
            }
            if (step == STEP_READ) {
                bytes += (uint64_t)entry->res;
                for (int i = 0; i < entry->res; i++)
                    sum += slots[index].buffer[i];
            } else if (step == STEP_CLOSE) {
                done++;
                if (next < files)
                    begin(&ring, slots, index, folder, next++);
            }
        }
        io_uring_cq_advance(&ring, taken);
    }
    printf("{\"seconds\":%.9f,\"cpuSeconds\":%.6f,\"count\":%u,\"bytes\":%llu,\"sum\":%llu}\n", now() - begun,
        cpu() - used, done, (unsigned long long)bytes, (unsigned long long)sum);
    return 0;
}
