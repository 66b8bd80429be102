# ruby -r left.rb: says at the end, on standard error, which watchers of the process are still open.

at_exit do
  Dir.children('/proc/self/fd').each do |each|
    target = File.readlink("/proc/self/fd/#{each}")
    warn "left: #{target}" if target.include?('inotify')
  rescue Errno::ENOENT
    next # the one that listed them
  end
end
