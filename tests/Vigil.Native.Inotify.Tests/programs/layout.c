/* The structures and numbers of vigil.h as a C compiler sees them: "NAME SIZE", "NAME.FIELD OFFSET", "NAME VALUE". */
#include <stdio.h>
#include <vigil.h>

#define STRUCT(type) printf("%s %zu\n", #type, sizeof(type))
#define FIELD(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(type, field))
#define VALUE(name) printf("%s %ld\n", #name, (long)(name))

int main(void)
{
    STRUCT(vigil_change);
    FIELD(vigil_change, sequence);
    FIELD(vigil_change, time_us);
    FIELD(vigil_change, path);
    FIELD(vigil_change, old_path);
    FIELD(vigil_change, reason);
    FIELD(vigil_change, path_bytes);
    FIELD(vigil_change, old_path_bytes);
    FIELD(vigil_change, reason_bytes);
    FIELD(vigil_change, kind);
    FIELD(vigil_change, type);
    FIELD(vigil_change, flags);
    FIELD(vigil_change, reserved);
    STRUCT(vigil_tree_options);
    FIELD(vigil_tree_options, size);
    FIELD(vigil_tree_options, ignore);
    FIELD(vigil_tree_options, ignore_count);
    FIELD(vigil_tree_options, include);
    FIELD(vigil_tree_options, include_count);
    FIELD(vigil_tree_options, flags);
    FIELD(vigil_tree_options, kinds);
    FIELD(vigil_tree_options, backend);
    FIELD(vigil_tree_options, settle_ms);
    FIELD(vigil_tree_options, poll_interval_ms);
    FIELD(vigil_tree_options, capacity);
    STRUCT(vigil_position);
    FIELD(vigil_position, epoch);
    FIELD(vigil_position, number);
    STRUCT(vigil_bus_change);
    FIELD(vigil_bus_change, change);
    FIELD(vigil_bus_change, position);
    FIELD(vigil_bus_change, fd);
    FIELD(vigil_bus_change, fd_error);
    FIELD(vigil_bus_change, reserved);
    STRUCT(vigil_bus_options);
    FIELD(vigil_bus_options, size);
    FIELD(vigil_bus_options, ignore);
    FIELD(vigil_bus_options, ignore_count);
    FIELD(vigil_bus_options, include);
    FIELD(vigil_bus_options, include_count);
    FIELD(vigil_bus_options, since);
    FIELD(vigil_bus_options, socket);
    FIELD(vigil_bus_options, start);
    FIELD(vigil_bus_options, start_count);
    FIELD(vigil_bus_options, flags);
    FIELD(vigil_bus_options, kinds);
    FIELD(vigil_bus_options, reconnect_ms);
    FIELD(vigil_bus_options, capacity);
    FIELD(vigil_bus_options, answer_ms);
    FIELD(vigil_bus_options, reserved);
    STRUCT(struct inotify_event);
    FIELD(struct inotify_event, wd);
    FIELD(struct inotify_event, mask);
    FIELD(struct inotify_event, cookie);
    FIELD(struct inotify_event, len);
    VALUE(VIGIL_CREATED);
    VALUE(VIGIL_MODIFIED);
    VALUE(VIGIL_CLOSED);
    VALUE(VIGIL_METADATA);
    VALUE(VIGIL_DELETED);
    VALUE(VIGIL_RENAMED);
    VALUE(VIGIL_READY);
    VALUE(VIGIL_OVERFLOWED);
    VALUE(VIGIL_RESCANNED);
    VALUE(VIGIL_DEGRADED);
    VALUE(VIGIL_GONE);
    VALUE(VIGIL_FRESH);
    VALUE(VIGIL_MOVED);
    VALUE(VIGIL_REPLACED);
    VALUE(VIGIL_TYPE_UNKNOWN);
    VALUE(VIGIL_TYPE_FILE);
    VALUE(VIGIL_TYPE_DIRECTORY);
    VALUE(VIGIL_TYPE_SYMLINK);
    VALUE(VIGIL_TYPE_OTHER);
    VALUE(VIGIL_KINDS_ALL);
    VALUE(VIGIL_KINDS_STRUCTURE);
    VALUE(VIGIL_BACKEND_AUTO);
    VALUE(VIGIL_BACKEND_INOTIFY);
    VALUE(VIGIL_BACKEND_POLL);
    VALUE(VIGIL_CHANGE_INITIAL);
    VALUE(VIGIL_TREE_IGNORE_FILES);
    VALUE(VIGIL_TREE_NOT_RECURSIVE);
    VALUE(VIGIL_TREE_ONE_FILE_SYSTEM);
    VALUE(VIGIL_TREE_REPORT_INITIAL);
    VALUE(VIGIL_TREE_WAIT_FOR_ROOTS);
    VALUE(VIGIL_BUS_INITIAL);
    VALUE(VIGIL_BUS_FDS);
    VALUE(VIGIL_BUS_LOCAL);
    VALUE(VIGIL_BUS_START);
    VALUE(VIGIL_RECONNECT_FOREVER);
    return 0;
}
