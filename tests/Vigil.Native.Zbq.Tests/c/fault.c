/* Writes where a consumer may only read: `fault control` or `fault ring`. Prints "writing", and gets no further. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "zbq.h"

int main(int argc, char **argv)
{
    zbq_producer_params params = {.ring_capacity = 4096, .clog_threshold = 1, .max_consumers = 1};
    zbq_producer *producer;
    zbq_consumer *consumer;
    zbq_msg_view view;
    uint32_t slot;
    int pair[2];
    if (argc != 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
        zbq_producer_create(&producer, &params) != ZBQ_OK ||
        zbq_producer_handshake(producer, pair[0], ZBQ_WAKEUP_PULL, &slot) != ZBQ_OK ||
        zbq_consumer_join(pair[1], ZBQ_WAKEUP_PULL, &consumer) != ZBQ_OK)
        return 2;

    memset(zbq_producer_query(producer).base, 0, sizeof(zbq_msg_header));
    if (!zbq_producer_commit(producer, sizeof(zbq_msg_header), ZBQ_COMMIT_NONE) ||
        zbq_consumer_peek(consumer, &view) != ZBQ_OK)
        return 2;

    void *target = strcmp(argv[1], "control") == 0 ? (void *)zbq_consumer_ctrl(consumer) : (void *)view.header;
    puts("writing");
    fflush(stdout);
    *(volatile uint64_t *)target = 1;
    puts("written");
    return 0;
}
