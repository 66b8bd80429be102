package main

/*
#include <signal.h>
#include <stdlib.h>
#include <vigil.h>

// Go's goroutines have small stacks, so every handler has to run on the stack that Go keeps for signals (os/signal,
// "Go programs that use cgo"). The handlers of the library's runtime do not ask for it by themselves.
static inline void use_signal_stacks(void)
{
	(void)vigil_version(); // the first call installs them
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;
		if (sigaction(number, NULL, &action) == 0 && (action.sa_flags & SA_SIGINFO) != 0 &&
		    (action.sa_flags & SA_ONSTACK) == 0) {
			action.sa_flags |= SA_ONSTACK;
			(void)sigaction(number, &action, NULL);
		}
	}
}
*/
import "C"

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"unsafe"
)

const (
	batch     = 256
	textBytes = 64 * 1024
)

func init() {
	C.use_signal_stacks()
}

// Change is a change of a tree; the paths are absolute, and bytes in strings.
type Change struct {
	Sequence uint64
	Kind     string
	Path     string
	OldPath  string // with "renamed", else empty
	Reason   string
}

func (c Change) String() string {
	line := fmt.Sprintf("%-8s ", c.Kind)
	if c.OldPath != "" {
		line += c.OldPath + " -> "
	}
	line += c.Path
	if c.Reason != "" {
		line += ": " + c.Reason
	}
	return strings.TrimRight(line, " ")
}

// Tree watches whole trees. One goroutine reads and closes it; any may interrupt.
type Tree struct {
	handle  *C.vigil_tree
	ready   *os.File
	closed  int32
	changes *C.vigil_change // of C, as what the library writes there points to other memory of C
	text    unsafe.Pointer
}

// OpenTree returns when everything is watched.
func OpenTree(path string) (*Tree, error) {
	// The text of an error belongs to the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if strings.IndexByte(path, 0) >= 0 { // it would end the path early, and something else would be watched
		return nil, &os.PathError{Op: "vigil_tree_open", Path: path, Err: syscall.EINVAL}
	}
	native := C.CString(path)
	defer C.free(unsafe.Pointer(native))
	paths := (**C.char)(C.malloc(C.size_t(unsafe.Sizeof(native))))
	defer C.free(unsafe.Pointer(paths))
	*paths = native
	t := &Tree{}
	if C.vigil_tree_open(paths, 1, nil, &t.handle) != 0 {
		return nil, errors.New(C.GoString(C.vigil_last_error()))
	}
	// Go's poller closes what it is given, and the descriptor is the tree's: a copy.
	fd, err := syscall.Dup(int(C.vigil_tree_fd(t.handle)))
	if err != nil {
		C.vigil_tree_close(t.handle)
		return nil, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(fd)
	t.ready = os.NewFile(uintptr(fd), "tree")
	t.changes = (*C.vigil_change)(C.calloc(batch, C.sizeof_vigil_change))
	t.text = C.malloc(textBytes)
	return t, nil
}

// Read waits for changes; io.EOF where none will come any more, os.ErrClosed after Interrupt.
func (t *Tree) Read() ([]Change, error) {
	conn, err := t.ready.SyscallConn()
	if err != nil {
		return nil, err
	}
	var changes []Change
	var failure error
	err = conn.Read(func(uintptr) bool {
		changes, failure = t.tryRead()
		return len(changes) > 0 || failure != nil
	})
	if err != nil && atomic.LoadInt32(&t.closed) != 0 {
		return nil, os.ErrClosed
	}
	if err == nil {
		err = failure
	}
	return changes, err
}

func (t *Tree) tryRead() ([]Change, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var count C.size_t
	status := C.vigil_tree_read(t.handle, t.changes, batch, t.text, textBytes, &count)
	switch syscall.Errno(status) {
	case 0:
	case syscall.EAGAIN:
		return nil, nil
	case syscall.ENODATA:
		return nil, io.EOF
	default:
		return nil, errors.New(C.GoString(C.vigil_last_error()))
	}
	changes := make([]Change, 0, count)
	for _, native := range unsafe.Slice(t.changes, count) {
		changes = append(changes, Change{
			Sequence: uint64(native.sequence),
			Kind:     C.GoString(C.vigil_kind_name(C.int(native.kind))),
			Path:     C.GoStringN(native.path, C.int(native.path_bytes)),
			OldPath:  C.GoStringN(native.old_path, C.int(native.old_path_bytes)),
			Reason:   C.GoStringN(native.reason, C.int(native.reason_bytes)),
		})
	}
	return changes, nil
}

// Interrupt ends a Read of another goroutine; Close after that.
func (t *Tree) Interrupt() error {
	atomic.StoreInt32(&t.closed, 1)
	return t.ready.Close()
}

// Close gives everything back, when nobody reads any more.
func (t *Tree) Close() {
	_ = t.ready.Close()
	C.vigil_tree_close(t.handle)
	C.free(unsafe.Pointer(t.changes))
	C.free(t.text)
}
