/** The n-gram table that models/recipe/ngrams.py lays beside a checkpoint. */
import { EngineError } from '../errors';
import { NgramTable } from '../generation/ngramTable';
import { withFile } from './checkpointFile';
import { fileIn } from './checkpointFolder';

export const ngramFile = 'ngrams.bin';

/** The first bytes of each. */
const magic = 'NGRM';

/** The built-in model's has ten million. */
const maxBytes = 1 << 30;

/**
 * @returns undefined where there is none: a file of this name that is something else is as little of ours as others there
 * @throws EngineError 'checkpoint-invalid' when it is damaged, or another model's: the engine would refuse the finished model
 */
export function readNgrams(folder: string, vocabSize: number): Uint8Array | undefined {
  const path = fileIn(folder, ngramFile);
  if (path === undefined) return undefined;
  const bytes = withFile(path, (file) => {
    const isTable = file.size >= magic.length && file.bytes(0, magic.length).toString('latin1') === magic;
    if (file.size > maxBytes && isTable) file.fail(`has ${file.size} bytes; at most ${maxBytes} are read`);
    const read = isTable ? file.bytes(0, file.size) : undefined;
    file.close();
    return read;
  });
  if (bytes === undefined) return undefined;
  try {
    NgramTable.read(bytes, vocabSize);
  } catch (cause) {
    const { code, message } = EngineError.from(cause);
    throw new EngineError('checkpoint-invalid', `${message}; make it again, or take it out of ${folder}`, {
      ...{ cause, subject: ngramFile, fault: code === 'model-damaged' ? 'incomplete' : 'mixed' },
    });
  }
  return bytes;
}
