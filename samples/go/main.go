// watch raw DIRECTORY prints the kernel's events of one directory, watch tree DIRECTORY every change of a tree.
// Ctrl-C ends either: the watches are removed, the descriptors closed, and the status is 0.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func raw(directory string, interrupts <-chan os.Signal) error {
	inotify, err := NewInotify()
	if err != nil {
		return err
	}
	defer inotify.Close()
	if err := inotify.Add(directory, syscall.IN_ALL_EVENTS); err != nil {
		return err
	}
	fmt.Printf("Watching %s, Ctrl-C ends\n", directory)
	go func() {
		<-interrupts
		_ = inotify.Close()
	}()
	for {
		events, err := inotify.Read()
		if err != nil {
			return err
		}
		for _, event := range events {
			fmt.Println(event)
		}
	}
}

func tree(directory string, interrupts <-chan os.Signal) error {
	tree, err := OpenTree(directory)
	if err != nil {
		return err
	}
	defer tree.Close()
	go func() {
		<-interrupts
		_ = tree.Interrupt()
	}()
	for {
		changes, err := tree.Read()
		if err != nil {
			return err
		}
		for _, change := range changes {
			fmt.Println(change)
		}
	}
}

func main() {
	commands := map[string]func(string, <-chan os.Signal) error{"raw": raw, "tree": tree}
	if len(os.Args) != 3 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: watch raw|tree DIRECTORY")
		os.Exit(2)
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	err := commands[os.Args[1]](os.Args[2], interrupts)
	if err != nil && !errors.Is(err, os.ErrClosed) && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, "watch:", err)
		os.Exit(1)
	}
	fmt.Println("Exiting")
}
