/** Runs `deviceTrial.ts` and says what its outcome means. */
import { fork } from 'node:child_process';
import type { DeviceRefusal } from '../protocol';
import { adapterLogEnvironment, adaptersIn, isSoftwareOnly, openedMark } from './adapters';
import type { Verdict } from './deviceAdvice';
import type { TrialReport, TrialRequest } from './deviceTrial';

/** Compiling a large model's shaders takes its time; so does a model of gigabytes. */
const longestTrialMs = 5 * 60_000;

/** Rounding to integers or float16 costs a few per cent (int8 7 %); what a broken driver computes is far off. */
const largestDistance = 0.25;

/**
 * @param program the bundled deviceTrial.ts
 * @param software whether it is to go on where only a program plays a GPU, which takes minutes
 */
export async function tryDevice(
  program: string,
  request: TrialRequest,
  software: 'refused' | 'tried',
  signal: AbortSignal,
): Promise<Verdict> {
  const child = fork(program, [JSON.stringify(request)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced', // JSON would make null of what is no number
    // In VS Code the program that runs extensions is Electron, which is Node only when it is told to be.
    env: { ...process.env, ...adapterLogEnvironment, ELECTRON_RUN_AS_NODE: '1' },
    signal,
    timeout: longestTrialMs,
    killSignal: 'SIGKILL',
  });
  let log = '';
  let report: TrialReport | null = null;
  let isOpen = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (isOpen || !log.includes(openedMark)) return;
    isOpen = true;
    if (software === 'refused' && isSoftware(request.device, log)) child.kill('SIGKILL');
    else child.send('go on');
  });
  child.on('message', (message) => (report = message as TrialReport));
  const end = await new Promise<string>((resolve) => {
    child.on('error', ({ message }) => resolve(message));
    child.on('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
  });
  return verdictOf(request, report, log, end, software);
}

const isSoftware = (device: Verdict['device'], log: string): boolean =>
  (device === 'webgpu' || device === 'dml') && isSoftwareOnly(adaptersIn(log));

/**
 * @param end how the process ended, where it did so without a report
 * @param software whether it was ended as soon as it saw software; if not, it crashed there or took too long
 */
export function verdictOf(
  { device }: Pick<TrialRequest, 'device'>,
  report: TrialReport | null,
  log: string,
  end: string,
  software: 'refused' | 'tried',
): Verdict {
  const adapters = adaptersIn(log).names;
  const isOpen = log.includes(openedMark);
  const known = { device, providers: report?.providers ?? [], adapters, isSoftware: isOpen && isSoftware(device, log) };
  const refusedAs = (refusal: DeviceRefusal): Verdict => ({ ...known, refusal, figures: null });
  const refused = (why: 'software' | 'crashed' | 'unavailable' | 'failed' | 'wrong', detail: string): Verdict =>
    refusedAs({ device, why, detail });
  if (!report)
    return known.isSoftware && software === 'refused'
      ? refused('software', adapters.join(', '))
      : refused('crashed', end);
  const { outcome } = report;
  if ('error' in outcome) return refused(outcome.isMissing ? 'unavailable' : 'failed', outcome.error);
  const { distance } = outcome;
  if (!Number.isFinite(distance)) return refused('wrong', 'some of its logits are no numbers');
  if (distance > largestDistance) {
    const detail = `its logits are ${(distance * 100).toFixed(0)} % off the CPU's`;
    return refusedAs({ device, why: 'wrong', detail, distance });
  }
  return { ...known, refusal: null, figures: outcome };
}
