# A subscriber that keeps a mirror of a tree, as mirror.c: mirror.rb ROOT [fds], commands on standard input.

require 'set'
require_relative '../../../samples/ruby/inotify'

$stdout.sync = true

class Mirror
  LIMIT_S = 60

  attr_reader :bus

  def initialize(root, flags)
    @root, @flags = root, flags
    @paths = Set.new
    @counts = { overflowed: 0, fresh: 0 }
    @changes = 0
  end

  def resume
    @bus = Inotify::Bus.open(@root, flags: @flags, since: @position)
    puts 'resumed'
  end

  # False where nothing will come any more.
  def take
    loop do
      changes = @bus.read
      changes&.each { |change| apply(change) }
      return !changes.nil? if changes.nil? || changes.empty?
    end
  end

  def check
    limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + LIMIT_S
    begin
      @bus.sync(100)
    rescue Errno::ETIMEDOUT
      raise if Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit

      take
      retry
    end
    take
    compare
  end

  def leave
    @position = @bus.position
    @bus.close
    @bus = nil
    puts "left #{@position}"
  end

  def ask
    Inotify::Bus.open(@root, flags: @flags, since: @position, once: true) do |answer|
      answer.each do |change|
        apply(change)
        @position = change.position
      end
    end
    compare
  end

  def memory
    kib = File.foreach('/proc/self/status').grep(/\AVmRSS:/).first.split[1]
    puts "memory #{kib} descriptors #{Dir.children('/proc/self/fd').size} changes #{@changes}"
  end

  private

  def apply(change)
    @changes += 1
    @counts[change.kind] += 1 if @counts.key?(change.kind)
    path = change.path.b
    case change.kind
    when :fresh then @paths.clear
    when :created then puts "wrong created twice: #{path}" unless @paths.add?(path)
    when :deleted then puts "wrong deleted what is not there: #{path}" unless @paths.delete?(path)
    when :renamed then move(change.old_path.b, path)
    end
    look_at_file(change)
  end

  def move(old, new)
    puts "wrong renamed what is not there: #{old}" unless @paths.include?(old)
    @paths.delete_if { |path| path == new || path.start_with?("#{new}/".b) }
    moved = @paths.select { |path| path == old || path.start_with?("#{old}/".b) }
    @paths.subtract(moved)
    @paths.merge(moved.map { |path| new + path.byteslice(old.bytesize..) })
  end

  def look_at_file(change)
    puts "without #{change.kind} #{change.file_error}" unless change.file_error.zero?
    return unless change.file

    puts "file #{change.kind} #{change.file.stat.ino} #{change.file.read.strip}"
    change.file.close
  end

  def compare
    root = @root.b
    disk = Set.new
    pending = [root]
    while (directory = pending.pop)
      Dir.children(directory, encoding: Encoding::BINARY).each do |name|
        path = "#{directory}/#{name}".b
        disk << path
        pending << path if File.lstat(path).directory?
      end
    end
    (disk ^ (@paths - [root])).each do |path|
      puts "wrong #{disk.include?(path) ? 'missing in' : 'only in'} the mirror: #{path}"
    end
    puts "checked #{@paths.size} overflowed #{@counts[:overflowed]} fresh #{@counts[:fresh]}"
  end
end

mirror = Mirror.new(ARGV[0], [:initial, *(ARGV[1] && :fds)])
mirror.resume
loop do
  ready, = IO.select([$stdin, mirror.bus].compact)
  mirror.take if ready.include?(mirror.bus)
  next unless ready.include?($stdin)

  command = $stdin.gets or break
  mirror.public_send(command.chomp)
end
