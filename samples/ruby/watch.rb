#!/usr/bin/env ruby
# watch.rb raw DIRECTORY     the kernel's events of one directory
# watch.rb tree DIRECTORY    every change of a tree
# watch.rb bus DIRECTORY     the same from a server, with positions, and with what is in each file that was closed
#
# Ctrl-C ends each: the watches are removed, the descriptors closed, and the status is 0.

require_relative 'inotify'

$stdout.sync = true

def raw(directory)
  Inotify.open do |inotify|
    inotify.add(directory)
    puts "Watching #{directory}, Ctrl-C ends"
    inotify.each { |event| puts event }
  ensure
    puts 'Cleaning up'
  end
end

def tree(directory)
  Inotify::Tree.open(directory) do |tree|
    tree.each { |change| puts change }
  end
end

def bus(directory)
  Inotify::Bus.open(directory, flags: :fds) do |bus|
    bus.each do |change|
      puts change
      next unless change.file

      puts "     #{change.file.read(60).inspect}"
      change.file.close
    end
  end
end

command, directory, *rest = ARGV
unless %w[raw tree bus].include?(command) && directory && rest.empty?
  warn 'usage: watch.rb raw|tree|bus DIRECTORY'
  exit 2
end

begin
  send(command, directory)
rescue Interrupt
  puts 'Exiting'
rescue Errno::EPIPE
  exit 1 # nobody reads any more
rescue SystemCallError => e
  warn "watch.rb: #{e.message}"
  exit 1
end
