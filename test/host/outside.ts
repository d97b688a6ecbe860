/**
 * Loaded by Node.js before anything else (NODE_OPTIONS) in each process and thread of a server under test: writes down what
 * is asked for outside this machine, and whether Moxu's code asked. One line of JSON each, in MOXU_OUTSIDE_FILE.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { threadId } from 'node:worker_threads';

export interface Noted {
  pid: number;
  /** 0 for a process's first. */
  thread: number;
  /** null: the watch has begun. */
  asked: string | null;
  /** The first line of the stack that is Moxu's. */
  byMoxu?: string | undefined;
}

type Call = (this: unknown, ...values: unknown[]) => unknown;

const file = process.env['MOXU_OUTSIDE_FILE'];

function note(asked: string | null, byMoxu?: string): void {
  const noted: Noted = { pid: process.pid, thread: threadId, asked, byMoxu };
  if (file) appendFileSync(file, `${JSON.stringify(noted)}\n`);
}

const isHere = (host: string): boolean =>
  /^(?:localhost|127\.[\d.]+|\[?::1\]?|\[?::ffff:127\.[\d.]+\]?|0\.0\.0\.0|\[?::\]?)$/.test(host);

/** @param hostOf '' for what stays on this machine in any case */
function watch(holder: unknown, name: string, hostOf: (values: unknown[]) => string): void {
  const functions = holder as Record<string, Call>;
  const original = functions[name];
  if (!original) return;
  functions[name] = function (...values) {
    const host = hostOf(values);
    if (host !== '' && !isHere(host)) {
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 100;
      const lines = (new Error().stack ?? '').split('\n');
      Error.stackTraceLimit = stackTraceLimit;
      note(
        `${name} ${host}`,
        lines.find((line) => /moxu\.moxu/.test(line)),
      );
    }
    return original.apply(this, values);
  };
}

const field = (value: unknown, name: string): string => {
  const found = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof found === 'string' ? found : '';
};

/** What `net`, `http` and `fetch` take: an address, options, or port and host; `net` passes itself a list of these. */
function hostIn(values: unknown[]): string {
  const [first, second] = Array.isArray(values[0]) ? (values[0] as unknown[]) : values;
  if (first instanceof URL) return first.hostname;
  if (typeof first === 'string') return URL.canParse(first) ? new URL(first).hostname : ''; // else a pipe's path
  if (typeof first === 'number') return typeof second === 'string' ? second : '';
  const url = field(first, 'url'); // a Request
  if (URL.canParse(url)) return new URL(url).hostname;
  if (field(first, 'path') !== '' && field(first, 'host') + field(first, 'hostname') === '') return '';
  if (field(first, 'socketPath') !== '') return '';
  return field(first, 'hostname') || field(first, 'host').replace(/:\d+$/, '');
}

const nameIn = ([name]: unknown[]): string => (typeof name === 'string' && !net.isIP(name) ? name : '');
/** Of messages the last text is where they go; the first may be the message. */
const receiverIn = (values: unknown[]): string =>
  values
    .slice(1)
    .filter((value): value is string => typeof value === 'string')
    .at(-1) ?? '';

watch(net.Socket.prototype, 'connect', hostIn);
for (const module of [http, https]) for (const name of ['request', 'get']) watch(module, name, hostIn);
watch(globalThis, 'fetch', hostIn);
for (const resolver of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveSrv', 'resolveTxt'])
    watch(resolver, name, nameIn);
for (const name of ['send', 'connect']) watch(dgram.Socket.prototype, name, receiverIn);

/** VS Code takes this out of the environment of the extension host, which it forks. */
const { NODE_OPTIONS } = process.env;
const { fork } = childProcess as unknown as Record<string, Call>;
Object.assign(childProcess, {
  fork: (...values: unknown[]) => {
    const watched = values.map((value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const { env = process.env, ...options } = value as { env?: NodeJS.ProcessEnv };
      return { ...options, env: { ...env, NODE_OPTIONS, MOXU_OUTSIDE_FILE: file } };
    });
    return fork?.apply(childProcess, watched);
  },
});

syncBuiltinESMExports();
note(null);
