/** What an engine tells: its state, and how fast its model writes. */
import type { ModelInfo } from '../protocol';
import type { EngineState } from './engine';

type SpeedListener = (model: ModelInfo, tokensPerSecond: number) => void;

export class EngineNews {
  private current: EngineState = { kind: 'unloaded' };
  private readonly listeners = new Set<(state: EngineState) => void>();
  private readonly speedListeners = new Set<SpeedListener>();

  get state(): EngineState {
    return this.current;
  }

  set state(state: EngineState) {
    this.current = state;
    for (const listener of this.listeners) listener(state);
  }

  onStateChange(listener: (state: EngineState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onSpeed(listener: SpeedListener): () => void {
    this.speedListeners.add(listener);
    return () => this.speedListeners.delete(listener);
  }

  /** Something else is known of the loaded model. */
  revise(change: Partial<ModelInfo>): void {
    const { current } = this;
    if (current.kind === 'ready') this.state = { kind: 'ready', model: { ...current.model, ...change } };
  }

  /** The loaded model has written at this speed. */
  tellSpeed(tokensPerSecond: number): void {
    const { current } = this;
    if (current.kind === 'ready') for (const listener of this.speedListeners) listener(current.model, tokensPerSecond);
  }

  /** Nobody hears of the state any more. */
  end(): void {
    this.listeners.clear();
  }
}
