/** Reads back what `proto.ts` writes: the stored tensors of a model, and its nodes with the attributes that we use. */
import { PbfReader } from 'pbf';
import { dataType, type Attribute, type DataType, type Model, type Node, type Tensor } from './proto';

export type StoredModel = Pick<Model, 'nodes' | 'initializers'>;

const nameOfType = new Map<number, DataType>(Object.entries(dataType).map(([name, id]) => [id, name as DataType]));

/** @throws Error when the bytes are no protobuf or hold a tensor of a type that our graphs have not. */
export function readModel(bytes: Uint8Array): StoredModel {
  const model: { nodes: Node[]; initializers: Tensor[] } = { nodes: [], initializers: [] };
  new PbfReader(bytes).readFields((tag, _, pbf) => {
    if (tag === 7) pbf.readMessage(readGraph, model);
  }, null);
  return model;
}

function readGraph(tag: number, model: { nodes: Node[]; initializers: Tensor[] }, pbf: PbfReader): void {
  if (tag === 1) model.nodes.push(readNode(pbf));
  if (tag === 5) model.initializers.push(readTensor(pbf));
}

function readNode(pbf: PbfReader): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, Attribute> = {};
  const names = { opType: '', domain: '' };
  pbf.readMessage((tag) => {
    if (tag === 1) inputs.push(pbf.readString());
    if (tag === 2) outputs.push(pbf.readString());
    if (tag === 4) names.opType = pbf.readString();
    if (tag === 5) Object.assign(attributes, readAttribute(pbf));
    if (tag === 7) names.domain = pbf.readString();
  }, null);
  return { ...names, inputs, outputs, attributes };
}

function readAttribute(pbf: PbfReader): Record<string, Attribute> {
  let name = '';
  let attribute: Attribute = { kind: 'int', value: 0 }; // proto3 leaves out what is 0
  const values: number[] = [];
  pbf.readMessage((tag) => {
    if (tag === 1) name = pbf.readString();
    if (tag === 2) attribute = { kind: 'float', value: pbf.readFloat() };
    if (tag === 3) attribute = { kind: 'int', value: pbf.readVarint(true) };
    if (tag === 8) {
      values.push(pbf.readVarint(true));
      attribute = { kind: 'ints', value: values };
    }
  }, null);
  return { [name]: attribute };
}

function readTensor(pbf: PbfReader): Tensor {
  const shape: number[] = [];
  const place = { location: '', offset: 0, length: 0 };
  let name = '';
  let type = 0;
  let inline: Uint8Array = new Uint8Array();
  pbf.readMessage((tag) => {
    if (tag === 1) shape.push(pbf.readVarint(true));
    if (tag === 2) type = pbf.readVarint();
    if (tag === 8) name = pbf.readString();
    if (tag === 9) inline = pbf.readBytes();
    if (tag === 13) readEntry(pbf, place);
  }, null);
  const known = nameOfType.get(type);
  if (!known) throw new Error(`tensor ${name} has the type ${type}`);
  return { name, type: known, shape, data: place.location === '' ? inline : place };
}

function readEntry(pbf: PbfReader, place: { location: string; offset: number; length: number }): void {
  let key = '';
  let value = '';
  pbf.readMessage((tag) => {
    if (tag === 1) key = pbf.readString();
    if (tag === 2) value = pbf.readString();
  }, null);
  if (key === 'location') place.location = value;
  if (key === 'offset') place.offset = Number(value);
  if (key === 'length') place.length = Number(value);
}
