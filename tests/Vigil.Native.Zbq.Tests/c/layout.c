/*
 * What the compiler makes of the structures of zbq.h: "name size alignment" and "name.field offset" for each, a line
 * each, and the constants with their values.
 */
#include <stdio.h>

#include "zbq.h"

#define STRUCT(name) printf(#name " %zu %zu\n", sizeof(name), _Alignof(name))
#define FIELD(name, field) printf(#name "." #field " %zu\n", offsetof(name, field))
#define VALUE(name) printf(#name " %d\n", (int)(name))

static void print_structures(void)
{
    STRUCT(zbq_control_region);
    FIELD(zbq_control_region, producer_head);
    FIELD(zbq_control_region, broadcast_futex);
    FIELD(zbq_control_region, producer_pid);
    FIELD(zbq_control_region, ring_capacity);
    FIELD(zbq_control_region, clog_threshold);
    FIELD(zbq_control_region, stall_timeout_ns);
    STRUCT(zbq_consumer_metadata);
    FIELD(zbq_consumer_metadata, tail_offset);
    FIELD(zbq_consumer_metadata, progress_timestamp);
    FIELD(zbq_consumer_metadata, join_baseline);
    STRUCT(zbq_msg_header);
    FIELD(zbq_msg_header, payload_len);
    FIELD(zbq_msg_header, fd_count);
    FIELD(zbq_msg_header, flags);
    FIELD(zbq_msg_header, reserved);
    FIELD(zbq_msg_header, seq_id);
    STRUCT(zbq_producer_params);
    FIELD(zbq_producer_params, ring_capacity);
    FIELD(zbq_producer_params, clog_threshold);
    FIELD(zbq_producer_params, stall_timeout_ns);
    FIELD(zbq_producer_params, max_consumers);
    STRUCT(zbq_contiguous_run);
    FIELD(zbq_contiguous_run, base);
    FIELD(zbq_contiguous_run, max_bytes);
    FIELD(zbq_contiguous_run, offset);
    STRUCT(zbq_msg_view);
    FIELD(zbq_msg_view, header);
    FIELD(zbq_msg_view, payload);
    FIELD(zbq_msg_view, payload_len);
    FIELD(zbq_msg_view, logical_offset);
    FIELD(zbq_msg_view, total_len);
    STRUCT(zbq_join_payload);
    FIELD(zbq_join_payload, ring_capacity);
    FIELD(zbq_join_payload, join_baseline);
    FIELD(zbq_join_payload, initial_head);
    FIELD(zbq_join_payload, producer_pid);
    FIELD(zbq_join_payload, slot_index);
    FIELD(zbq_join_payload, wakeup_mode);
}

static void print_constants(void)
{
    VALUE(ZBQ_MAX_FD_PER_MSG);
    VALUE(ZBQ_MSG_ALIGN);
    VALUE(ZBQ_OK);
    VALUE(ZBQ_ERROR_INVALID);
    VALUE(ZBQ_ERROR_NOMEM);
    VALUE(ZBQ_ERROR_AGAIN);
    VALUE(ZBQ_ERROR_IO);
    VALUE(ZBQ_ERROR_PROTOCOL);
    VALUE(ZBQ_ERROR_OVERFLOW);
    VALUE(ZBQ_ERROR_NOENT);
    VALUE(ZBQ_WAKEUP_PUSH);
    VALUE(ZBQ_WAKEUP_PULL);
    VALUE(ZBQ_COMMIT_NONE);
    VALUE(ZBQ_COMMIT_FORCE_SCAN);
    VALUE(ZBQ_MSG_PADDING);
    VALUE(ZBQ_EVICTED_NOT);
    VALUE(ZBQ_EVICTED_GONE);
    VALUE(ZBQ_EVICTED_STALLED);
    VALUE(ZBQ_EVICTED_CORRUPT);
    VALUE(ZBQ_EVICTED_TOO_SLOW);
    VALUE(ZBQ_EVICTED_FDS_UNREAD);
}

int main(void)
{
    print_structures();
    print_constants();
    return 0;
}
