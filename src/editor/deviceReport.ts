/** “Detect Devices”: tries every device on the loaded model and shows a report that can be given to somebody else. */
import { availableParallelism, cpus, homedir, totalmem } from 'node:os';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { DeviceAdvice, DeviceSetting, Verdict } from '../engine/deviceAdvice';
import type { SwitchableEngine } from '../engine/engine';
import type { ModelInfo } from '../protocol';
import { deviceName, distanceInWords, refusalInWords } from './deviceWords';
import { parametersInWords } from './models/modelWords';
import { showProblem } from './problem';
import { withProgress } from './progress';

const scheme = 'moxu-devices';

export class DeviceReport implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private text = '';

  constructor(
    private readonly engine: SwitchableEngine,
    private readonly adviser: DeviceAdvice,
    private readonly modelDir: () => string,
    private readonly version: string,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  provideTextDocumentContent(): string {
    return this.text;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  async run(): Promise<void> {
    const title = vscode.l10n.t('Trying devices (seconds to minutes each)');
    try {
      await withProgress(title, async ({ report, signal }) => {
        const before = await this.engine.load();
        const verdicts: Verdict[] = [];
        const modelDir = this.modelDir();
        for (const device of this.adviser.devices) {
          report(deviceName(device));
          await this.adviser.tryEach({ ...before, modelDir }, [device], signal, (found) => verdicts.push(found));
        }
        if (signal.aborted) return;
        await this.show(await this.useWhatWasFound(before, modelDir), verdicts, modelDir);
      });
    } catch (error) {
      await showProblem(error, this.log);
    }
  }

  private async useWhatWasFound(model: ModelInfo, modelDir: string): Promise<ModelInfo> {
    const { device, refusal } = this.adviser.choice(model.identity, model.numParameters);
    if (device === model.device) return { ...model, refusal };
    await this.engine.switchModel(modelDir);
    return this.engine.load();
  }

  private async show(model: ModelInfo, verdicts: readonly Verdict[], modelDir: string): Promise<void> {
    const report = reportOf(model, verdicts, this.adviser.setting(), this.version);
    this.text = withoutPlaces(report, modelDir);
    this.log.info(this.text);
    const uri = vscode.Uri.from({ scheme, path: `${vscode.l10n.t('Devices')}.md` });
    this.changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
  }
}

function reportOf(model: ModelInfo, verdicts: readonly Verdict[], setting: DeviceSetting, version: string): string {
  const cpu = cpus()[0]?.model.trim() ?? '?';
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const { numParameters, quantization, contextLength, refusal } = model;
  const weights = quantization === 'none' ? 'float32' : quantization; // as who looks for a bug would call them
  const facts = [parametersInWords(numParameters), weights, contextLength] as const;
  const unique = (lists: string[][]) => [...new Set(lists.flat())].join(vscode.l10n.t(', ')) || vscode.l10n.t('none');
  const used = deviceName(model.device);
  const wanted = setting === 'auto' ? vscode.l10n.t('automatic') : deviceName(setting);
  return [
    `# ${vscode.l10n.t('Devices that Moxu has tried on this computer')}`,
    `- Moxu ${version}, VS Code ${vscode.version}, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
    `- ${vscode.l10n.t('CPU: {0}, cores: {1}, memory: {2} GB', cpu, availableParallelism(), memory)}`,
    `- ${vscode.l10n.t('Model: {0} parameters, {1}, context window of {2} tokens', ...facts)}`,
    `- ${vscode.l10n.t('Providers in ONNX Runtime: {0}', unique(verdicts.map(({ providers }) => providers)))}`,
    `- ${vscode.l10n.t('Adapters that Vulkan names: {0}', unique(verdicts.map(({ adapters }) => adapters)))}`,
    `- ${vscode.l10n.t('Setting: {0}; in use: {1}', wanted, used)}`,
    ...(refusal ? [`- ${refusalInWords(refusal)}`] : []),
    '',
    ...verdicts.flatMap(section),
  ].join('\n');
}

function section({ device, refusal, figures, isSoftware }: Verdict): string[] {
  const lines = [`## ${deviceName(device)}`, ''];
  if (refusal) lines.push(refusalInWords(refusal));
  if (refusal?.why === 'wrong' && refusal.distance !== undefined) lines.push(distanceInWords(refusal.distance));
  else if (refusal?.detail) lines.push('', ...refusal.detail.split('\n').map((line) => `    ${line}`));
  if (figures) {
    const { float, msPerToken, cpuMsPerToken, distance } = figures;
    const ms = [msPerToken, cpuMsPerToken].map((value) => value.toFixed(2)) as [string, string];
    lines.push(vscode.l10n.t('Works, in {0}: {1} ms per token; CPU: {2} ms.', float, ...ms));
    lines.push(distanceInWords(distance));
  }
  if (figures && isSoftware) lines.push(vscode.l10n.t('This is only software that emulates a GPU on the CPU.'));
  return [...lines, ''];
}

/** Errors name files, and files lie in folders that are called as people are. */
function withoutPlaces(text: string, modelDir: string): string {
  const named = [modelDir, basename(modelDir), homedir()].filter((name) => name.length > 1);
  const cut = named.reduce((left, name) => left.replaceAll(name, '…'), text);
  return cut.replace(/(?:[A-Za-z]:)?(?:[\\/][^\\/\s:'"]+){2,}[\\/]/g, '…/');
}
