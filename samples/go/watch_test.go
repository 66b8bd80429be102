package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestANULInAPathIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTree(path + "\x00b"); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a tree: %v", err)
	}
	inotify, err := NewInotify()
	if err != nil {
		t.Fatal(err)
	}
	defer inotify.Close()
	if err := inotify.Add(path+"\x00b", syscall.IN_ALL_EVENTS); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("an instance: %v", err)
	}
}

func TestWhatIsClosedEndsWhoReads(t *testing.T) {
	inotify, err := NewInotify()
	if err != nil {
		t.Fatal(err)
	}
	if err := inotify.Add(t.TempDir(), syscall.IN_CREATE); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		for {
			if _, err := inotify.Read(); err != nil {
				ended <- err
				return
			}
		}
	}()
	_ = inotify.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	_ = inotify.Close()
}
