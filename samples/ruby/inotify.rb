# Vigil's watchers for Ruby: the kernel's own events of directories, every change of a whole tree, and the changes of a
# tree that a server watches for every process.
#
#   require_relative 'inotify'
#
#   Inotify.open do |inotify|                        # closed at the end of the block, whatever ends it
#     inotify.add('src', :IN_CREATE, :IN_DELETE)
#     inotify.each { |event| puts event }
#   end
#
#   Inotify::Tree.open('src', ignore: ['*.tmp']) do |tree|
#     tree.each { |change| puts change }
#   end
#
#   Inotify::Bus.open('src', flags: :fds, since: saved) do |bus|
#     bus.each { |change| saved = change.position }
#   end

require 'ffi'

module Inotify
  # The functions of vigil.h, and those of the C library that go with them.
  module Native
    extend FFI::Library

    class Event < FFI::Struct
      layout :wd, :int32, :mask, :uint32, :cookie, :uint32, :len, :uint32
    end

    class Change < FFI::Struct
      layout :sequence, :uint64, :time_us, :int64,
             :path, :pointer, :old_path, :pointer, :reason, :pointer,
             :path_bytes, :uint32, :old_path_bytes, :uint32, :reason_bytes, :uint32,
             :kind, :uint8, :type, :uint8, :flags, :uint16, :reserved, :uint64
    end

    class Options < FFI::Struct
      layout :size, :size_t, :ignore, :pointer, :ignore_count, :size_t, :include, :pointer, :include_count, :size_t,
             :flags, :uint32, :kinds, :uint32, :backend, :uint32, :settle_ms, :uint32,
             :poll_interval_ms, :uint32, :capacity, :uint32
    end

    class Position < FFI::Struct
      layout :epoch, :uint64, :number, :uint64
    end

    class BusChange < FFI::Struct
      layout :change, Change, :position, Position, :fd, :int32, :fd_error, :int32, :reserved, :uint64
    end

    class BusOptions < FFI::Struct
      layout :size, :size_t, :ignore, :pointer, :ignore_count, :size_t, :include, :pointer, :include_count, :size_t,
             :since, Position, :socket, :pointer, :start, :pointer, :start_count, :size_t,
             :flags, :uint32, :kinds, :uint32, :reconnect_ms, :uint32, :capacity, :uint32
    end

    # A path in VIGIL_LIBRARY, or the library that is installed.
    ffi_lib FFI::Library::LIBC, ENV.fetch('VIGIL_LIBRARY', 'libinotify.so.0')

    callback :event, [Event.by_ref, :string], :void
    attach_function :inotify_init1, [:int], :int
    attach_function :inotify_add_watch, [:int, :string, :uint32], :int
    attach_function :inotify_rm_watch, [:int, :int], :int
    attach_function :watch, [:int, :event], :int
    attach_function :mask_names, :vigil_mask_names, [:uint32, :pointer, :size_t], :size_t
    attach_function :mask_parse, :vigil_mask_parse, [:string, :pointer], :int
    # Waits for the first look at the tree, so other threads may run meanwhile.
    attach_function :tree_open, :vigil_tree_open, [:pointer, :size_t, :pointer, :pointer], :int, blocking: true
    attach_function :tree_fd, :vigil_tree_fd, [:pointer], :int
    attach_function :tree_read, :vigil_tree_read, [:pointer, :pointer, :size_t, :pointer, :size_t, :pointer], :int
    attach_function :tree_sync, :vigil_tree_sync, [:pointer, :int], :int, blocking: true
    attach_function :tree_add, :vigil_tree_add, [:pointer, :string], :int, blocking: true
    attach_function :tree_remove, :vigil_tree_remove, [:pointer, :string], :int, blocking: true
    attach_function :tree_close, :vigil_tree_close, [:pointer], :void, blocking: true
    attach_function :bus_subscribe, :vigil_bus_subscribe, [:string, :pointer, :pointer], :int, blocking: true
    attach_function :bus_since, :vigil_bus_since, [:string, :pointer, :pointer], :int, blocking: true
    attach_function :bus_clock, :vigil_bus_clock, [:string, :pointer, :pointer], :int, blocking: true
    attach_function :bus_fd, :vigil_bus_fd, [:pointer], :int
    attach_function :bus_read, :vigil_bus_read, [:pointer, :pointer, :size_t, :pointer, :size_t, :pointer], :int
    attach_function :bus_sync, :vigil_bus_sync, [:pointer, :int], :int, blocking: true
    attach_function :bus_position, :vigil_bus_position, [:pointer, :pointer], :int
    attach_function :bus_close, :vigil_bus_close, [:pointer], :void, blocking: true
    attach_function :position_text, :vigil_position_text, [:pointer, :pointer, :size_t], :size_t
    attach_function :position_parse, :vigil_position_parse, [:string, :pointer], :int
    attach_function :kind_name, :vigil_kind_name, [:int], :string
    attach_function :last_error, :vigil_last_error, [], :string
    attach_function :version, :vigil_version, [], :string
  end

  IN_NONBLOCK = 0o4000
  IN_CLOEXEC = 0o2000000
  IN_IGNORED = 0x8000 # the watch is gone

  # An event of the kernel, with its name as bytes. It is a copy: keep it as long as you like.
  Event = Struct.new(:wd, :mask, :cookie, :len, :name) do
    def flags
      Inotify.flags(mask)
    end

    def to_s
      "wd: #{wd}, mask: #{mask.to_s(16)}, flags: #{flags}, cookie: #{cookie}, len: #{len}, name: #{name}"
    end
  end

  # A change of a tree.
  Change = Struct.new(:sequence, :kind, :path, :old_path, :reason) do
    def to_s
      "#{kind.to_s.ljust(8)} #{old_path ? "#{old_path} -> #{path}" : path}#{reason && ": #{reason}"}".rstrip
    end
  end

  # The flags of a mask by name, single bits only: 0x40000100 is [:IN_CREATE, :IN_ISDIR].
  def self.flags(mask)
    @flags ||= {}
    @flags[mask] ||= begin
      text = FFI::MemoryPointer.new(:char, 512)
      Native.mask_names(mask, text, text.size)
      text.read_string.split('|').map(&:to_sym).freeze
    end
  end

  # The mask of flags by name, with or without IN_.
  def self.mask(*flags)
    mask = FFI::MemoryPointer.new(:uint32)
    raise ArgumentError, Native.last_error unless Native.mask_parse(flags.join('|'), mask).zero?

    mask.read_uint32
  end

  def self.open
    instance = Instance.new
    return instance unless block_given?

    begin
      yield instance
    ensure
      instance.close
    end
  end

  # One instance of inotify(7). One thread at a time uses it.
  class Instance
    include Enumerable

    def initialize
      fd = Native.inotify_init1(IN_NONBLOCK | IN_CLOEXEC)
      raise SystemCallError.new('inotify_init1', FFI.errno) if fd.negative?

      @io = IO.for_fd(fd, autoclose: true)
      @process = Process.pid
      @watches = []
      @events = []
    end

    # Watches a path, and answers the number of the watch.
    def add(path, *flags)
      mask = Inotify.mask(*(flags.empty? ? [:IN_ALL_EVENTS] : flags))
      wd = Native.inotify_add_watch(@io.fileno, File.path(path), mask)
      raise SystemCallError.new(path.to_s, FFI.errno) if wd.negative?

      @watches |= [wd]
      wd
    end

    # False where the kernel had removed the watch itself.
    def remove(wd)
      @watches.delete(wd)
      Native.inotify_rm_watch(@io.fileno, wd).zero?
    end

    # What is there now, without waiting.
    def read
      gather
      events, @events = @events, []
      events
    end

    # Every event, for ever. Other threads run while it waits, and Ctrl-C ends the wait. The block runs when the library
    # has returned: it may raise, break and throw as everywhere in Ruby, and what was not yielded stays.
    def each
      return to_enum unless block_given?

      loop do
        gather # first: what an each that was broken off has taken is no longer in the descriptor
        yield @events.shift until @events.empty?
        IO.select([@io])
      end
    end

    # A child of fork(2) shares the watches with its parent: it only lets go of them.
    def close
      return if @io.closed?

      if Process.pid == @process
        @reading&.join
        @watches.dup.each { |wd| remove(wd) }
      end
      @io.close
    end

    private

    # Ctrl-C and Timeout raise on the thread that they are meant for, wherever it is: also in a callback, where the gem
    # drops what is raised unless it was the last of that call. So another thread calls watch: nobody means that one.
    # An exception while we wait loses nothing: the next call waits for the same thread.
    def gather
      raise IOError, 'an instance of the process before fork' unless Process.pid == @process

      fd = @io.fileno
      @reading ||= Thread.new do
        Native.watch(fd) do |event, name|
          @watches.delete(event[:wd]) if event[:mask] & IN_IGNORED != 0
          @events << Event.new(event[:wd], event[:mask], event[:cookie], event[:len], name)
        end
      end
      status = @reading.value
      @reading = nil
      raise SystemCallError.new('watch', status) if status.positive?
    end
  end

  # A change of a tree that a server watches: position is a text, such as 5f0c9d21e8b3a647:1234; file is an IO of the
  # file itself, whatever its name stands for by now, or nil, and then file_error may be the errno of why.
  BusChange = Struct.new(:sequence, :kind, :path, :old_path, :reason, :position, :file, :file_error) do
    def to_s
      "#{position || 'none'} #{Change.new(*to_a.first(5))}"
    end
  end

  # What trees and subscriptions have in common. One thread at a time reads; close may come at any time.
  class Stream
    include Enumerable

    BUFFER_BYTES = 64 * 1024
    EAGAIN = Errno::EAGAIN::Errno
    ENODATA = Errno::ENODATA::Errno

    def self.open(*arguments, **options)
      stream = new(*arguments, **options)
      return stream unless block_given?

      begin
        yield stream
      ensure
        stream.close
      end
    end

    # What closes a stream of this process; in a child of fork(2) there is nothing to close. It does not know the
    # object, so that the one that everybody forgot can be collected.
    def self.closer
      process = Process.pid
      ->(pointer) { close_native(pointer) if Process.pid == process }
    end

    # For IO.select: readable while changes are waiting.
    def to_io
      IO.for_fd(fd_native(handle), autoclose: false)
    end

    # Waits until all that happened before is there to be read.
    def sync(timeout_ms = -1)
      check(sync_native(handle, timeout_ms))
    end

    # What is there now, without waiting; nil where nothing will come any more.
    def read
      handle
      return nil unless gather

      changes, @waiting = @waiting, []
      changes
    end

    # Every change, until it is closed or nothing will come any more. What was not yielded stays.
    def each
      return to_enum unless block_given?

      # A copy: whoever closes it meanwhile does not take away what is waited for here.
      ready = to_io.dup
      begin
        loop do
          break unless gather # first: what an each that was broken off has taken does not show in the descriptor

          yield @waiting.shift until @waiting.empty?
          IO.select([ready])
        end
      ensure
        ready.close
      end
    end

    def close
      closed, @handle = @handle, nil
      closed&.free
    end

    private

    def initialize(type, batch)
      super()
      @type, @batch = type, batch
      @changes = FFI::MemoryPointer.new(type, batch)
      @buffer = FFI::MemoryPointer.new(:char, BUFFER_BYTES)
      @count = FFI::MemoryPointer.new(:size_t)
      @waiting = []
      @process = Process.pid
    end

    def open_native
      opened = FFI::MemoryPointer.new(:pointer)
      check(yield(opened))
      @handle = FFI::AutoPointer.new(opened.read_pointer, self.class.closer)
    ensure
      # Ctrl-C while it was opened; NULL is nothing to do.
      self.class.close_native(opened.read_pointer) if opened && !@handle
    end

    def handle
      raise IOError, 'it is closed' unless @handle
      raise IOError, 'one of the process before fork' unless Process.pid == @process

      @handle
    end

    # False where nothing will come any more. What an exception from outside kept from being taken is taken first.
    def gather
      return true unless @waiting.empty?

      if @count.read(:size_t).zero?
        status = read_native(@handle, @changes, @batch, @buffer, BUFFER_BYTES, @count)
        return false if status == ENODATA || @handle.nil?

        check(status) unless status == EAGAIN
      end
      changes = Array.new(@count.read(:size_t)) { |i| change(@type.new(@changes + i * @type.size)) }
      @waiting = changes
      @count.write(:size_t, 0)
      true
    end

    def texts_of(native)
      text = ->(field) { native[field].read_string(native[:"#{field}_bytes"]).force_encoding(Encoding::UTF_8) }
      [native[:sequence], Native.kind_name(native[:kind]).to_sym, text[:path],
       native[:old_path_bytes].zero? ? nil : text[:old_path], native[:reason_bytes].zero? ? nil : text[:reason]]
    end

    # An array of C texts, and how many; kept holds what has to live until the call. A NUL in one is refused.
    def texts(strings, kept)
      pointers = strings.map { |string| FFI::MemoryPointer.from_string(File.path(string)) }
      array = FFI::MemoryPointer.new(:pointer, [strings.size, 1].max)
      array.write_array_of_pointer(pointers)
      kept.push(array, *pointers)
      [array, strings.size]
    end

    def check(status)
      raise SystemCallError.new(Native.last_error, status) unless status.zero?
    end
  end

  # Whole trees: every change, in order, nothing lost.
  class Tree < Stream
    BATCH = 256
    FLAGS = { ignore_files: 1, not_recursive: 2, one_file_system: 4, report_initial: 8, wait_for_roots: 16 }.freeze

    def self.close_native(pointer)
      Native.tree_close(pointer)
    end

    # With flags: some of FLAGS; settle_ms: how long a path has to be quiet.
    def initialize(*paths, ignore: [], include: [], flags: [], settle_ms: 0)
      super(Native::Change, BATCH)
      kept = []
      options = Native::Options.new
      options[:size] = Native::Options.size
      options[:ignore], options[:ignore_count] = texts(Array(ignore), kept)
      options[:include], options[:include_count] = texts(Array(include), kept)
      options[:flags] = Array(flags).sum { |flag| FLAGS.fetch(flag) }
      options[:settle_ms] = settle_ms
      open_native { |opened| Native.tree_open(*texts(paths, kept), options, opened) }
    end

    def add(path)
      check(Native.tree_add(handle, File.path(path)))
    end

    def remove(path)
      check(Native.tree_remove(handle, File.path(path)))
    end

    private

    def fd_native(handle) = Native.tree_fd(handle)
    def sync_native(handle, timeout_ms) = Native.tree_sync(handle, timeout_ms)
    def read_native(*arguments) = Native.tree_read(*arguments)

    def change(native)
      Change.new(*texts_of(native))
    end
  end

  # A tree that a server watches for every process (`vigil serve`).
  class Bus < Stream
    BATCH = 64
    FLAGS = { initial: 1, fds: 2, local: 4, start: 8 }.freeze

    def self.close_native(pointer)
      Native.bus_close(pointer)
    end

    # The position of a tree now: everything that happened before is before it.
    def self.clock(root, socket: nil)
      kept = []
      position = Native::Position.new
      status = Native.bus_clock(File.path(root), options_for(socket, kept), position)
      raise SystemCallError.new(Native.last_error, status) unless status.zero?

      text_of(position)
    end

    def self.options_for(socket, kept)
      options = Native::BusOptions.new
      options[:size] = Native::BusOptions.size
      kept << (options[:socket] = FFI::MemoryPointer.from_string(File.path(socket))) if socket
      options
    end

    def self.text_of(position)
      return nil if position[:epoch].zero?

      text = FFI::MemoryPointer.new(:char, 48)
      Native.position_text(position, text, text.size)
      text.read_string
    end

    private_class_method :options_for

    # With flags: some of FLAGS; since: a position; start: with :start, the program that becomes a server, and its
    # arguments; once: what happened since and before now, and then it ends.
    def initialize(root, ignore: [], include: [], flags: [], since: nil, socket: nil, start: [], once: false)
      super(Native::BusChange, BATCH)
      kept = []
      options = self.class.send(:options_for, socket, kept)
      options[:ignore], options[:ignore_count] = texts(Array(ignore), kept)
      options[:include], options[:include_count] = texts(Array(include), kept)
      options[:start], options[:start_count] = texts(Array(start), kept)
      options[:flags] = Array(flags).sum { |flag| FLAGS.fetch(flag) }
      check(Native.position_parse(since, options[:since])) if since
      ask = once ? :bus_since : :bus_subscribe
      open_native { |opened| Native.public_send(ask, File.path(root), options, opened) }
    end

    # The position after everything that was read: the one to keep, and to go on from.
    def position
      position = Native::Position.new
      check(Native.bus_position(handle, position))
      Bus.text_of(position)
    end

    private

    def fd_native(handle) = Native.bus_fd(handle)
    def sync_native(handle, timeout_ms) = Native.bus_sync(handle, timeout_ms)
    def read_native(*arguments) = Native.bus_read(*arguments)

    # A file belongs to whoever gets the change, and closes itself where nobody has it any more. Where Ctrl-C comes in
    # between, it is closed, and the change comes without.
    def change(native)
      file = IO.for_fd(native[:fd], 'rb') if native[:fd] >= 0
      native[:fd] = -1
      BusChange.new(*texts_of(native[:change]), Bus.text_of(native[:position]), file, native[:fd_error])
    end
  end
end
