// Runs out of file descriptors, when it connects and when it needs a new worker: node few-descriptors.mjs DIRECTORY ZYGOTE
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { connect } from 'synapse-worker';

const directory = process.argv[2];
const zygote = process.argv[3] === 'true';
const unheard = [];
process.on('unhandledRejection', (reason) => unheard.push(String(reason)));
process.on('uncaughtException', (error) => unheard.push(String(error)));

const fields = ({ name, code, message }) => ({ name, code, message });
const open = () => readdirSync('/proc/self/fd').length;
async function closed(atMost) {
  // Handles are closed by later turns of the loop.
  for (let turn = 0; turn < 1000 && open() > atMost; turn += 1) {
    await new Promise((resume) => setTimeout(resume, 10));
  }
  return open();
}

// What connecting still had open when `before` was counted may have been closed since: fewer is no leak.
const leaked = async (before) => Math.max(0, (await closed(before)) - before);

const client = await connect(directory, { zygote, onLog() {} });
const { pid } = client.workers[0];
const before = open();
const allow = (files) =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${files}:${files}`]);

// With each of them, the descriptors run out at another step of a worker's start.
const connecting = [];
const left = [];
for (const more of [44, 43, 42, 41, 40]) {
  allow(before + more);
  connecting.push(await connect(directory, { workers: 12, zygote, onLog() {} }).catch(fields));
  left.push(await leaked(before));
}

const held = [];
try {
  for (;;) held.push(openSync('/dev/null'));
} catch {
  // That was the last one.
}
const dying = client.call('no-such-method').catch(() => undefined);
process.kill(pid, 'SIGKILL');
await dying;
const calling = await client.call('add', [1]).catch(fields);
for (const fd of held) closeSync(fd);
const after = await client.call('add', [1]).catch(fields);
await client.close();
console.log(JSON.stringify({ connecting, left, calling, after, unheard }));
