#!/usr/bin/env node
// watch.js raw DIRECTORY     the kernel's events of one directory
// watch.js tree DIRECTORY    every change of a tree
//
// Ctrl-C ends either: the watches are removed, the descriptors closed, and the status is 0.

import { Inotify, Tree } from './vigil.js';

const [command, directory, ...rest] = process.argv.slice(2);
if (!['raw', 'tree'].includes(command) || directory === undefined || rest.length > 0) {
  console.error('usage: watch.js raw|tree DIRECTORY');
  process.exit(2);
}

process.stdout.once('error', () => process.exit(1)); // nobody reads any more

async function open() {
  if (command === 'tree') return Tree.open([directory]);
  const inotify = new Inotify();
  inotify.add(directory);
  console.log(`Watching ${directory}, Ctrl-C ends`);
  return inotify;
}

try {
  const watcher = await open();
  process.once('SIGINT', () => watcher.close());
  for await (const one of watcher) console.log(`${one}`);
  console.log('Exiting');
} catch (error) {
  console.error(`watch.js: ${error.message}`);
  process.exit(1);
}
