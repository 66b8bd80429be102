# Checks of samples/ruby/inotify.rb: client.rb CHECK DIRECTORY. What is not as it should be raises.

require 'pathname'
require 'timeout'
require_relative '../../../samples/ruby/inotify'

def expect(what, is, should)
  raise "#{what}: #{is.inspect} instead of #{should.inspect}" unless is == should
end

# The error that a block raises, as its class.
def refusal
  yield
  nil
rescue StandardError => e
  e.class
end

def descriptors
  Dir.children('/proc/self/fd').filter_map do |each|
    [each.to_i, File.readlink("/proc/self/fd/#{each}")]
  rescue Errno::ENOENT
    nil # the one that listed them
  end.sort
end

def make
  File.open('file', File::CREAT) {}
  File.unlink('file')
end

# Blocks may raise, break and throw, and all is closed then.
def blocks
  Inotify.open { |inotify| inotify.read }
  Inotify::Tree.open('.') { |tree| tree.read } # the runtime of the library keeps /dev/urandom open
  before = descriptors
  raised = begin
    Inotify.open do |inotify|
      inotify.add('.', :create)
      make
      inotify.each { |event| raise event.name }
    end
  rescue RuntimeError => e
    e.message
  end
  expect('raise', raised, 'file')
  names = Inotify.open do |inotify|
    inotify.add('.', :IN_CREATE, :IN_DELETE)
    make
    # What is left after a break comes with the next each.
    [inotify.each { |event| break event.flags }, inotify.each { |event| break event.flags }]
  end
  expect('break', names, [[:IN_CREATE], [:IN_DELETE]])
  thrown = catch(:done) do
    Inotify.open do |inotify|
      inotify.add('.')
      make
      inotify.each { |event| throw :done, event.mask }
    end
  end
  expect('throw', thrown, 0x100)
  taken = Inotify.open do |inotify|
    inotify.add('.', :create, :delete)
    2.times { make }
    inotify.lazy.map(&:flags).first(3)
  end
  expect('lazy', taken, [[:IN_CREATE], [:IN_DELETE], [:IN_CREATE]])
  trees
  200.times { Inotify::Tree.open('.') { |tree| tree.read } }
  GC.start # what first(3) left half done has its own copy of a descriptor
  expect('descriptors', descriptors - before, [])
end

def trees
  kinds = Inotify::Tree.open('.', ignore: '*.tmp') do |tree|
    File.write('a.tmp', '')
    Dir.mkdir('a')
    Dir.rmdir('a')
    tree.sync
    [tree.first, *tree.read].map { |change| [change.kind, File.basename(change.path)] }
  end
  expect('tree', kinds, [[:ready, ''], [:created, 'a'], [:deleted, 'a']])
end

# However often and whenever Ctrl-C comes, it is raised. Another process sends it: a thread of Ruby would only ever do so
# while this one is not in a callback.
def interrupts
  process = Process.pid
  inotify = Inotify.open
  inotify.add('.', :create, :delete)
  100.times do |round|
    sender = nil
    raised = begin
      sender = fork do
        sleep(0.005 + round * 0.0001)
        Process.kill(:INT, process)
        exit!(true)
      end
      limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 2
      while Process.clock_gettime(Process::CLOCK_MONOTONIC) < limit
        200.times { make } if inotify.read.empty?
      end
      false
    rescue Interrupt
      true
    end
    Process.wait(sender)
    expect("interrupt #{round}", raised, true)
  end
  inotify.close
end

# A Timeout loses at most the one event that it met in hand: never a batch, never the order.
def timeouts
  names = []
  raised = 0
  Inotify.open do |inotify|
    inotify.add('.', :create)
    maker = Thread.new do
      1000.times do |i|
        Thread.pass until i - names.last.to_i <= 8 # however little the kernel may queue here
        File.open(i.to_s, File::CREAT) {}
      end
      File.open('end', File::CREAT) {}
    end
    while maker.alive?
      begin
        Timeout.timeout(0.002) { inotify.each { |event| event.name == 'end' ? break : names << event.name } }
      rescue Timeout::Error
        raised += 1
      end
    end
  end
  expect('order', names, names.uniq.sort_by(&:to_i))
  expect('lost without a reason', 1000 - names.size <= raised, true)
  expect('timeouts', raised.positive?, true)
end

def misuse
  File.write('a', '')
  expect('NUL', refusal { Inotify::Tree.open("a\0b") }, ArgumentError)
  expect('NUL in a pattern', refusal { Inotify::Tree.open('.', ignore: "a\0b") }, ArgumentError)
  Inotify.open { |inotify| expect('NUL, raw', refusal { inotify.add("a\0b") }, ArgumentError) }
  Inotify.open { |inotify| expect('Pathname, raw', inotify.add(Pathname.new('.')), 1) }
  Inotify::Tree.open(Pathname.new('.')) do |tree|
    tree.close
    tree.close
    %i[read sync each first].each { |name| expect(name, refusal { tree.public_send(name) { nil } }, IOError) }
  end
  Inotify::Tree.open('.') do |tree|
    reader = Thread.new { tree.each { |change| Thread.current[:last] = change.kind } }
    Thread.pass until reader[:last] == :ready
    tree.close
    expect('each while it is closed', reader.join(20)&.value, nil)
    expect('its thread', reader.alive?, false)
  end
end

# A child that leaves the block closes nothing of its parent's, and does not wait for threads that it does not have.
def forks
  Inotify::Tree.open('.') do |tree|
    Inotify.open do |inotify|
      inotify.add('.', :create)
      child = fork
      exit(refusal { tree.read } == IOError && refusal { inotify.read } == IOError) if child.nil?

      Process.wait(child)
      expect('child', $?.exitstatus, 0)
      make
      tree.sync
      expect('the watch of the parent', inotify.first.name, 'file')
      expect('the tree of the parent', tree.first(2).map(&:kind), %i[ready created])
    end
  end
end

# One that nobody has any more is closed with the object.
def forgotten
  watchers = -> { descriptors.count { |_, target| target.include?('inotify') } }
  forget = -> { Inotify::Tree.open('.').read && nil }
  before = watchers.call
  20.times { forget.call }
  10.times { GC.start }
  expect('most are closed', watchers.call - before < 5, true)
end

$stdout.sync = true
check, directory = ARGV
Dir.chdir(directory)
send(check)
