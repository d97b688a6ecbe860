/** Starts code-server, VS Code's server, on a profile folder, and stops it with all its processes. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** An installed version; codeServer.mjs makes them. */
export interface Host {
  /** VS Code's version, as 1.139. */
  version: string;
  isNewest: boolean;
  node: string;
  entry: string;
}

/** The versions that test/run.mjs has installed for this run. */
export function installedHosts(): Host[] {
  const json = process.env['MOXU_HOSTS'];
  if (!json) throw new Error('MOXU_HOSTS is not set; start this through npm test, npm run test:e2e or npm run bench');
  return JSON.parse(json) as Host[];
}

/** The newest version, or none where this run is for an older one: for what need not be seen on each. */
export const newestOfInstalled = (): Host[] => installedHosts().filter(({ isNewest }) => isNewest);

export interface ServerOptions {
  /** Holds settings, extensions, state and logs; kept between starts if the caller keeps it. */
  profile: string;
  /** Written once: what the user changes stays. */
  settings?: Record<string, unknown>;
  /** Taken when it is free, so that a browser finds its state again. */
  preferredPort?: number;
  /** Without it newer VS Code ignores tests that the address asks for; with it notifications stay hidden. */
  testDriver?: boolean;
  /** Beside our own. */
  environment?: NodeJS.ProcessEnv;
}

export interface Server {
  port: number;
  pid: number;
  profile: string;
  /** What it prints. */
  logFile: string;
  stop(): Promise<void>;
}

/** A quiet workbench: no welcome page, nothing but the editor asks for attention, and nothing is fetched. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  // A paragraph of Chinese is one word to VS Code, and would look selected as soon as the cursor stands in it.
  'editor.occurrencesHighlight': 'off',
  // The essay's copy may lie inside a checkout; a writer is not to be asked about it.
  'git.openRepositoryInParentFolders': 'never',
};

// These would end us without an `exit`.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** Without a gallery there is nothing to look up outside. */
const environment = (profile: string): NodeJS.ProcessEnv => ({
  ...process.env,
  EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  XDG_CONFIG_HOME: profile,
  XDG_DATA_HOME: profile,
});

export const extensionsFolder = (profile: string): string => join(profile, 'extensions');
const userFolder = (profile: string): string => join(profile, 'data');
const settingsFile = (profile: string): string => join(userFolder(profile), 'User', 'settings.json');

const profileArguments = (host: Host, profile: string): string[] => [
  host.entry,
  '--config',
  join(profile, 'config.yaml'),
  '--user-data-dir',
  userFolder(profile),
  '--extensions-dir',
  extensionsFolder(profile),
];

export function prepareProfile(profile: string, settings: Record<string, unknown> = {}): void {
  mkdirSync(join(userFolder(profile), 'User'), { recursive: true });
  mkdirSync(extensionsFolder(profile), { recursive: true });
  writeFileSync(join(profile, 'config.yaml'), '');
  if (!existsSync(settingsFile(profile))) writeSettings(profile, settings);
}

export function writeSettings(profile: string, settings: Record<string, unknown>): void {
  writeFileSync(settingsFile(profile), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
}

export function userSettings(profile: string): Record<string, unknown> {
  return JSON.parse(readFileSync(settingsFile(profile), 'utf8')) as Record<string, unknown>;
}

/** Installs a packaged extension as a user does from a file, without a network. */
export async function installExtension(host: Host, profile: string, vsix: string): Promise<void> {
  const prepared = await (preparedExtensions.get(host.version) ?? prepareExtension(host, vsix));
  cpSync(prepared, extensionsFolder(profile), { recursive: true });
}

/** VS Code's version → a folder of extensions into which it has installed ours: once, since it takes seconds. */
const preparedExtensions = new Map<string, Promise<string>>();

function prepareExtension(host: Host, vsix: string): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'moxu-extensions-'));
  process.once('exit', () => rmSync(profile, { recursive: true, force: true }));
  prepareProfile(profile);
  const prepared = promisify(execFile)(host.node, [...profileArguments(host, profile), '--install-extension', vsix], {
    env: environment(profile),
    timeout: 120_000,
  }).then(() => extensionsFolder(profile));
  preparedExtensions.set(host.version, prepared);
  return prepared;
}

export async function startServer(host: Host, options: ServerOptions): Promise<Server> {
  const { profile, testDriver = false } = options;
  prepareProfile(profile, options.settings);
  const port = await choosePort(options.preferredPort);
  const logFile = join(profile, 'server.log');
  const log = openSync(logFile, 'w');
  const flags = ['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--ignore-last-opened'];
  if (testDriver) flags.push('--vscode-option', 'enable-smoke-test-driver');
  const child = spawn(
    host.node,
    [...profileArguments(host, profile), '--bind-addr', `127.0.0.1:${port}`, '--auth', 'none', ...flags],
    // In its own process group: it is stopped with all its children, and by us alone.
    { env: { ...environment(profile), ...options.environment }, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log); // the child has its own
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot run ${host.node}`);
  const killAtExit = (): void => killGroup(pid, 'SIGKILL');
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    killGroup(pid, 'SIGTERM');
    for (let i = 0; i < 50 && isRunning(child); i++) await sleep(50);
    killGroup(pid, 'SIGKILL');
    process.removeListener('exit', killAtExit);
  };
  const deadline = Date.now() + 60_000;
  while (!(await isHealthy(port))) {
    if (!isRunning(child) || Date.now() > deadline) {
      await stop();
      throw new Error(`code-server did not start:\n${readFileSync(logFile, 'utf8').slice(-3000)}`);
    }
    await sleep(50);
  }
  return { port, pid, profile, logFile, stop };
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of its processes are gone already.
  }
}

const isHealthy = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/healthz' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });

/** The wanted port when it is free, else any free one. */
async function choosePort(preferred = 0): Promise<number> {
  const free = (port: number): Promise<number | undefined> =>
    new Promise((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(undefined));
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
      });
    });
  const port = (await free(preferred)) ?? (await free(0));
  if (port === undefined) throw new Error('no free port on 127.0.0.1');
  return port;
}

export interface Address {
  port: number;
  folder: string;
  /** Opened at start, with the cursor at line:column where given. */
  file?: string;
  line?: number;
  column?: number;
  extensionUnderDevelopment?: string;
  tests?: string;
}

/** The address of a workbench. What a desktop VS Code takes on its command line goes into `payload`. */
export function workbenchUrl(address: Address): string {
  const { port, folder, file, line, column, extensionUnderDevelopment, tests } = address;
  // Only what would end a path is escaped: the whole is escaped once more below, and people see it.
  const remote = (path: string): string =>
    `vscode-remote://127.0.0.1:${port}${path.replace(/[%?#]/g, encodeURIComponent)}`;
  const payload: [string, string][] = [];
  if (file !== undefined) {
    const place = line === undefined ? '' : `:${line}:${column ?? 1}`;
    payload.push(['gotoLineMode', 'true'], ['openFile', remote(file) + place]);
  }
  if (extensionUnderDevelopment !== undefined)
    payload.push(['extensionDevelopmentPath', remote(extensionUnderDevelopment)]);
  if (tests !== undefined) payload.push(['extensionTestsPath', remote(tests)]);
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}
