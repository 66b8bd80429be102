# Checks of watch() from Ruby, as the ffi gem calls it: events.rb CHECK DIRECTORY. What is not as it should be raises.

require 'ffi'

# The declarations that a Ruby program for a one-function library makes, and nothing of vigil.h beyond it.
module Notify
  extend FFI::Library

  class Event < FFI::Struct
    layout :wd, :int32, :mask, :uint32, :cookie, :uint32, :len, :uint32
  end

  ffi_lib FFI::Library::LIBC, 'libinotify.so.0'
  attach_function :init, :inotify_init1, [:int], :int
  attach_function :add_watch, :inotify_add_watch, [:int, :string, :uint32], :int
  attach_function :rm_watch, :inotify_rm_watch, [:int, :int], :int
  callback :callback, [Event.by_ref, :string], :void
  attach_function :watch, [:int32, :callback], :int32
end

IN_CREATE = 0x100
IN_DELETE = 0x200
IN_ALL_EVENTS = 0xfff
IN_NONBLOCK = 0o4000

def expect(what, is, should)
  raise "#{what}: #{is.inspect} instead of #{should.inspect}" unless is == should
end

def resident_kib
  File.read('/proc/self/status')[/VmRSS:\s+(\d+)/, 1].to_i
end

def watched(mask)
  fd = Notify.init(IN_NONBLOCK)
  Notify.add_watch(fd, '.', mask)
  fd
end

def make
  File.open('file', File::CREAT) {}
  File.unlink('file')
end

# The loop of a program that asks again and again, until Ctrl-C.
def endless
  fd = Notify.init(IN_NONBLOCK)
  wd = Notify.add_watch(fd, '.', IN_ALL_EVENTS)
  Signal.trap('INT') do
    puts '', 'Exiting'
    expect('rm_watch', Notify.rm_watch(fd, wd), 0)
    IO.for_fd(fd).close
    left = Dir.children('/proc/self/fd').map { |each| File.readlink("/proc/self/fd/#{each}") rescue '' }
    expect('descriptors', left.grep(/inotify/), [])
    exit
  end
  puts 'ready'
  print_event = lambda do |event, name|
    puts "wd: #{event[:wd]}, mask: #{event[:mask].to_s(16)}, cookie: #{event[:cookie]}, " \
         "len: #{event[:len]}, name: #{name}"
  end
  loop do
    status = Notify.watch(fd, &print_event)
    exit 1 unless [-1, 0].include?(status)
  end
end

def million
  fd = watched(IN_CREATE | IN_DELETE)
  counts = Hash.new(0)
  count = ->(event, name) { counts[event[:mask]] += name == 'file' ? 1 : 0 }
  warm = 0
  (1..500).each do |round|
    1000.times { make }
    nil while Notify.watch(fd, &count).zero?
    warm = resident_kib if round == 100
  end
  expect('events', counts, { IN_CREATE => 500_000, IN_DELETE => 500_000 })
  puts "#{counts.values.sum} events, #{warm} KiB, then #{resident_kib} KiB"
  raise 'memory grows' if resident_kib > warm + 4096
end

# The gem holds an exception back until watch() has returned; the callback is called for the rest meanwhile.
def raises
  fd = watched(IN_CREATE | IN_DELETE)
  1000.times do
    make
    calls = 0
    begin
      Notify.watch(fd) { raise "number #{calls += 1}" }
      raise 'not raised'
    rescue RuntimeError => e
      expect('exception', e.message, 'number 2')
    end
    expect('what is left', Notify.watch(fd) {}, -1)
  end
  make
  names = []
  expect('after that', Notify.watch(fd) { |_, name| names << name }, 0)
  expect('names', names, %w[file file])
end

# Of several exceptions in one call only what the last callback raises comes out; all others are dropped.
def drops
  fd = watched(IN_CREATE | IN_DELETE)
  make
  calls = 0
  status = Notify.watch(fd) { raise 'the first' if (calls += 1) == 1 }
  expect('the first of two', [status, calls], [0, 2])
end

def refusals
  fd = watched(IN_CREATE)
  expect('no callback', Notify.watch(fd, nil), Errno::EINVAL::Errno)
  expect('no descriptor', Notify.watch(-1) {}, Errno::EBADF::Errno)
  expect('not inotify', File.open('/dev/null') { |file| Notify.watch(file.fileno) {} }, Errno::EINVAL::Errno)
end

# Whole programs: each thread has its own descriptor, and Ruby decides when which runs.
def threads
  counts = Array.new(2) do |number|
    Thread.new do
      Dir.mkdir(number.to_s)
      fd = Notify.init(IN_NONBLOCK)
      Notify.add_watch(fd, number.to_s, IN_CREATE)
      seen = 0
      (1..2000).each do |i|
        File.open("#{number}/#{i}", File::CREAT) {}
        Notify.watch(fd) { |_, name| seen += 1 if name.to_i == i }
      end
      seen
    end
  end.map(&:value)
  expect('events', counts, [2000, 2000])
end

$stdout.sync = true
check, directory = ARGV
Dir.chdir(directory)
send(check)
