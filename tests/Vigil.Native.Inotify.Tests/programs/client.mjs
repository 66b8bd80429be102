// Checks of samples/node/vigil.js: client.mjs VIGIL_JS CHECK DIRECTORY. What is not as it should be throws.

import assert from 'node:assert/strict';
import fs from 'node:fs';

const [script, check, directory] = process.argv.slice(2);
const { Inotify, Tree } = await import(script);
process.chdir(directory);

function descriptors() {
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return `${fd} ${fs.readlinkSync(`/proc/self/fd/${fd}`)}`;
    } catch {
      return []; // the one that listed them
    }
  });
}

async function first(watcher) {
  for await (const one of watcher) return one;
}

const checks = {
  // A number that was given back may be another file's the next moment.
  async closes() {
    await (await Tree.open('.')).close(); // the runtime of the library keeps /dev/urandom open
    const before = descriptors();
    const inotify = new Inotify();
    inotify.add('.', 'create');
    setImmediate(() => fs.writeFileSync('a', ''));
    assert.equal((await first(inotify)).name, 'a');
    const files = Array.from({ length: 8 }, (_, i) => fs.openSync(`victim${i}`, 'w+'));
    inotify.close();
    assert.throws(() => inotify.add('.'), /closed/);
    assert.throws(() => inotify.read(), /closed/);
    for (const file of files) {
      assert.equal(fs.fstatSync(file).size, 0);
      fs.closeSync(file);
    }
    const unused = new Inotify();
    unused.add('.');
    unused.close();
    assert.equal(await first(unused), undefined);

    const tree = await Tree.open(['.']);
    assert.equal((await first(tree)).kind, 'ready');
    assert.throws(() => tree.read(), /closed/);
    await Promise.all([tree.close(), tree.close()]);
    assert.deepEqual(descriptors().filter((one) => !before.includes(one)), []);
  },

  async reads() {
    const tree = await Tree.open('.', { ignore: '*.tmp' });
    let changes = [];
    for (; changes.length === 0; changes = tree.read()) await new Promise(setImmediate);
    assert.deepEqual(changes.map((change) => change.kind), ['ready']);
    assert.deepEqual(tree.read(), []);
    const inotify = new Inotify();
    inotify.add('.', 'create');
    assert.deepEqual(inotify.read(), []);
    const name = Buffer.from([0x61, 0xff]);
    fs.writeFileSync('b.tmp', '');
    fs.writeFileSync(name, '');
    assert.deepEqual(inotify.read().map((event) => event.nameBytes), [Buffer.from('b.tmp'), name]);
    const { path, pathBytes } = await first(tree);
    assert.deepEqual(pathBytes.subarray(-2), name);
    assert.equal(path.at(-1), '\ufffd');
    inotify.close();
  },

  async misuse() {
    fs.writeFileSync('a', '');
    await assert.rejects(Tree.open('a\0b'), TypeError);
    await assert.rejects(Tree.open('missing'), { code: 'ENOENT', message: /missing/ });
    const inotify = new Inotify();
    assert.throws(() => inotify.add('a\0b'), TypeError);
    assert.throws(() => inotify.add('missing'), { code: 'ENOENT', message: /missing/ });
    inotify.add('.');
    const waits = first(inotify);
    await assert.rejects(first(inotify), /another iteration/);
    inotify.close();
    assert.equal(await waits, undefined);
  },

  // More than the pool has threads, and the pool is still there for others.
  async many() {
    const trees = await Promise.all(Array.from({ length: 8 }, () => Tree.open('.')));
    const watchers = [...trees, ...Array.from({ length: 8 }, () => new Inotify())];
    const iterations = watchers.map(async (watcher) => {
      for await (const one of watcher) if (one.kind !== 'ready') assert.fail(`${one}`);
    });
    for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate); // now all of them wait
    assert.ok((await fs.promises.readFile('/proc/self/status')).length > 0);
    await Promise.all(watchers.map((watcher) => watcher.close()));
    await Promise.all(iterations);
  },
};

await checks[check]();
console.log('done');
