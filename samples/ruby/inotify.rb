# Vigil's watchers for Ruby: the kernel's own events of directories, and every change of a whole tree.
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
    attach_function :kind_name, :vigil_kind_name, [:int], :string
    attach_function :last_error, :vigil_last_error, [], :string
    attach_function :version, :vigil_version, [], :string
  end

  IN_NONBLOCK = 0o4000
  IN_CLOEXEC = 0o2000000

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

  # One instance of inotify(7).
  class Instance
    include Enumerable

    def initialize
      fd = Native.inotify_init1(IN_NONBLOCK | IN_CLOEXEC)
      raise SystemCallError.new('inotify_init1', FFI.errno) if fd.negative?

      @io = IO.for_fd(fd, autoclose: true)
      @watches = []
    end

    # Watches a path, and answers the number of the watch.
    def add(path, *flags)
      mask = Inotify.mask(*(flags.empty? ? [:IN_ALL_EVENTS] : flags))
      wd = Native.inotify_add_watch(@io.fileno, path, mask)
      raise SystemCallError.new(path, FFI.errno) if wd.negative?

      @watches |= [wd]
      wd
    end

    # False where the kernel had removed the watch itself.
    def remove(wd)
      @watches.delete(wd)
      Native.inotify_rm_watch(@io.fileno, wd).zero?
    end

    # What is there now, without waiting. The block of the user runs when the library has returned: it may raise, break
    # and throw as everywhere in Ruby.
    def read
      events = []
      status = Native.watch(@io.fileno) do |event, name|
        events << Event.new(event[:wd], event[:mask], event[:cookie], event[:len], name)
      end
      raise SystemCallError.new('watch', status) if status.positive?

      events.each { |event| @watches.delete(event.wd) if event.mask & 0x8000 != 0 } # IN_IGNORED: it is gone
    end

    # Every event, for ever. Other threads run while it waits, and Ctrl-C ends the wait.
    def each(&block)
      return to_enum unless block

      loop do
        IO.select([@io])
        read.each(&block)
      end
    end

    def close
      return if @io.closed?

      @watches.dup.each { |wd| remove(wd) }
      @io.close
    end
  end

  # Whole trees: every change, in order, nothing lost.
  class Tree
    include Enumerable

    BATCH = 256
    BUFFER_BYTES = 64 * 1024
    FLAGS = { ignore_files: 1, not_recursive: 2, one_file_system: 4, report_initial: 8, wait_for_roots: 16 }.freeze
    EAGAIN = Errno::EAGAIN::Errno
    ENODATA = Errno::ENODATA::Errno

    def self.open(*paths, **options)
      tree = new(paths, **options)
      return tree unless block_given?

      begin
        yield tree
      ensure
        tree.close
      end
    end

    # With flags: some of FLAGS; settle_ms: how long a path has to be quiet.
    def initialize(paths, ignore: [], include: [], flags: [], settle_ms: 0)
      kept = []
      options = Native::Options.new
      options[:size] = Native::Options.size
      options[:ignore], options[:ignore_count] = texts(ignore, kept), ignore.size
      options[:include], options[:include_count] = texts(include, kept), include.size
      options[:flags] = flags.sum { |flag| FLAGS.fetch(flag) }
      options[:settle_ms] = settle_ms
      handle = FFI::MemoryPointer.new(:pointer)
      check(Native.tree_open(texts(paths, kept), paths.size, options, handle))
      @handle = handle.read_pointer
      @ready = IO.for_fd(Native.tree_fd(@handle), autoclose: false)
      @changes = FFI::MemoryPointer.new(Native::Change, BATCH)
      @buffer = FFI::MemoryPointer.new(:char, BUFFER_BYTES)
      @count = FFI::MemoryPointer.new(:size_t)
    end

    def add(path)
      check(Native.tree_add(@handle, path))
    end

    def remove(path)
      check(Native.tree_remove(@handle, path))
    end

    # Waits until all that happened before is there to be read.
    def sync(timeout_ms = -1)
      check(Native.tree_sync(@handle, timeout_ms))
    end

    # What is there now, without waiting; nil where nothing will come any more.
    def read
      status = Native.tree_read(@handle, @changes, BATCH, @buffer, BUFFER_BYTES, @count)
      return nil if status == ENODATA

      check(status) unless status == EAGAIN
      Array.new(@count.read(:size_t)) { |i| change(Native::Change.new(@changes + i * Native::Change.size)) }
    end

    # Every change, until every watched path is gone.
    def each(&block)
      return to_enum unless block

      loop do
        IO.select([@ready])
        changes = read or break
        changes.each(&block)
      end
    end

    def close
      Native.tree_close(@handle) if @handle
      @handle = nil
    end

    private

    def change(native)
      text = ->(field) { native[field].read_string(native[:"#{field}_bytes"]).force_encoding(Encoding::UTF_8) }
      Change.new(native[:sequence], Native.kind_name(native[:kind]).to_sym, text[:path],
                 native[:old_path_bytes].zero? ? nil : text[:old_path],
                 native[:reason_bytes].zero? ? nil : text[:reason])
    end

    # An array of C texts; kept holds what has to live until the call.
    def texts(strings, kept)
      pointers = strings.map { |string| FFI::MemoryPointer.from_string(string) }
      array = FFI::MemoryPointer.new(:pointer, [strings.size, 1].max)
      array.write_array_of_pointer(pointers)
      kept.push(array, *pointers)
      array
    end

    def check(status)
      raise SystemCallError.new(Native.last_error, status) unless status.zero?
    end
  end
end
