package main

/*
#cgo pkg-config: libinotify
#include <stdlib.h>
#include <vigil.h>

void goEvent(struct inotify_event *event, char *name);
*/
import "C"

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// Event is an event of the kernel; the name is bytes in a string.
type Event struct {
	Watch  int
	Mask   uint32
	Cookie uint32
	Len    uint32
	Name   string
}

func (e Event) String() string {
	flags := Flags(e.Mask)
	for i := range flags {
		flags[i] = ":" + flags[i]
	}
	return fmt.Sprintf("wd: %d, mask: %x, flags: [%s], cookie: %d, len: %d, name: %s",
		e.Watch, e.Mask, strings.Join(flags, ", "), e.Cookie, e.Len, e.Name)
}

// Flags gives the names of the single bits of a mask.
func Flags(mask uint32) []string {
	var text [512]C.char
	C.vigil_mask_names(C.uint32_t(mask), &text[0], C.size_t(len(text)))
	return strings.FieldsFunc(C.GoString(&text[0]), func(r rune) bool { return r == '|' })
}

// Inotify is one instance of inotify(7). Close may be called while another goroutine reads, and ends that.
type Inotify struct {
	file    *os.File // in the runtime's poller, so that a read that waits holds no thread
	watches []int
	closed  int32
}

// NewInotify opens an instance.
func NewInotify() (*Inotify, error) {
	fd, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return &Inotify{file: os.NewFile(uintptr(fd), "inotify")}, nil
}

// Add watches a path.
func (i *Inotify) Add(path string, mask uint32) error {
	return i.control(func(fd int) error {
		wd, err := syscall.InotifyAddWatch(fd, path, mask)
		if err != nil {
			return &os.PathError{Op: "inotify_add_watch", Path: path, Err: err}
		}
		i.watches = append(i.watches, wd)
		return nil
	})
}

// Close removes the watches and closes the descriptor.
func (i *Inotify) Close() error {
	atomic.StoreInt32(&i.closed, 1)
	_ = i.control(func(fd int) error {
		for _, wd := range i.watches {
			_, _ = syscall.InotifyRmWatch(fd, uint32(wd)) // the kernel may have removed it itself
		}
		return nil
	})
	return i.file.Close()
}

// Read waits for events; after Close it fails with os.ErrClosed.
func (i *Inotify) Read() ([]Event, error) {
	conn, err := i.file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var events []Event
	status := 0
	err = conn.Read(func(fd uintptr) bool {
		events, status = read(int(fd))
		return status >= 0
	})
	if err != nil && atomic.LoadInt32(&i.closed) != 0 {
		return nil, os.ErrClosed
	}
	if err == nil && status > 0 {
		err = os.NewSyscallError("watch", syscall.Errno(status))
	}
	return events, err
}

func (i *Inotify) control(action func(fd int) error) error {
	conn, err := i.file.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = action(int(fd)) }); err != nil {
		return err
	}
	return result
}

// A callback of C has no place for a Go value, so one call at a time gathers here.
var (
	gathering sync.Mutex
	gathered  []Event
)

func read(fd int) ([]Event, int) {
	gathering.Lock()
	defer gathering.Unlock()
	gathered = nil
	status := C.watch(C.int(fd), (*[0]byte)(unsafe.Pointer(C.goEvent)))
	return gathered, int(status)
}

// The callback only copies, as it must not panic: a panic would unwind through the library.
//
//export goEvent
func goEvent(event *C.struct_inotify_event, name *C.char) {
	gathered = append(gathered, Event{
		Watch:  int(event.wd),
		Mask:   uint32(event.mask),
		Cookie: uint32(event.cookie),
		Len:    uint32(event.len),
		Name:   C.GoString(name),
	})
}
