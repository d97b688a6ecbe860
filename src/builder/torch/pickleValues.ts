/** What a pickle is made of when it has been read, and what it may refer to. */

/** What to do about a pickle that holds more than tensors. */
export const saveAgain = 'save only the weights, in Python: torch.save(model.state_dict(), "pytorch_model.bin")';

/** None, booleans, numbers, text and bytes are JavaScript's; lists are arrays, dictionaries maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleClass
  | Opaque
  | PickleObject;

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** What a class or function on the list makes of its arguments; no code of the file's is involved. */
export class PickleClass {
  constructor(
    readonly name: string,
    readonly make: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

/** An object that nobody needs, such as the state of a random generator. What is put into it is dropped. */
export class Opaque {
  readonly isOpaque = true;
}

/** What a `PickleWorld` makes. */
export abstract class PickleObject {
  readonly isMade = true;
}

/** What a pickle may refer to. Both throw when it is not on the list. */
export interface PickleWorld {
  classOf(name: string): PickleClass;
  persistent(id: PickleValue): PickleValue;
}
