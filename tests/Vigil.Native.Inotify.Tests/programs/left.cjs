// node -r left.cjs: says at the end, on standard error, which watchers of the process are still open.

const fs = require('node:fs');

process.on('exit', () => {
  for (const fd of fs.readdirSync('/proc/self/fd')) {
    let target = '';
    try {
      target = fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one that listed them.
    }
    if (target.includes('inotify')) console.error(`left: ${target}`);
  }
});
