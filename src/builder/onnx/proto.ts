/**
 * The part of ONNX's protobuf messages that a model of ours needs, written with pbf.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
 */
import { PbfWriter } from 'pbf';

/** TensorProto.DataType */
export const dataType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type DataType = keyof typeof dataType;

export type Attribute =
  { kind: 'float'; value: number } | { kind: 'int'; value: number } | { kind: 'ints'; value: readonly number[] };

export interface Node {
  opType: string;
  /** '' for ai.onnx */
  domain: string;
  /** '' for an optional input left out */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Tensor {
  name: string;
  type: DataType;
  shape: readonly number[];
  /** Little-endian values, or where they are. */
  data: Uint8Array | { location: string; offset: number; length: number };
}

export interface ValueInfo {
  name: string;
  type: DataType;
  /** A string names a size that is known at run time only. */
  shape: readonly (number | string)[];
}

export interface Model {
  producer: string;
  graphName: string;
  nodes: readonly Node[];
  initializers: readonly Tensor[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
  /** Domain → opset version. */
  opsets: Readonly<Record<string, number>>;
}

/** IR version 8 belongs to opset 17 and earlier ones are read by every runtime since. */
const irVersion = 8;

export function encodeModel(model: Model): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, irVersion);
  pbf.writeStringField(2, model.producer);
  pbf.writeMessage(7, writeGraph, model);
  for (const [domain, version] of Object.entries(model.opsets)) pbf.writeMessage(8, writeOpset, { domain, version });
  return pbf.finish();
}

function writeOpset({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph(model: Model, pbf: PbfWriter): void {
  for (const node of model.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, model.graphName);
  for (const tensor of model.initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const input of model.inputs) pbf.writeMessage(11, writeValueInfo, input);
  for (const output of model.outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeNode(node: Node, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.outputs[0] ?? '');
  pbf.writeStringField(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes))
    pbf.writeMessage(5, writeAttribute, { name, attribute });
  pbf.writeStringField(7, node.domain);
}

function writeAttribute({ name, attribute }: { name: string; attribute: Attribute }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  // AttributeProto.type: FLOAT 1, INT 2, INTS 7
  switch (attribute.kind) {
    case 'float':
      pbf.writeFloatField(2, attribute.value);
      pbf.writeVarintField(20, 1);
      break;
    case 'int':
      pbf.writeVarintField(3, attribute.value);
      pbf.writeVarintField(20, 2);
      break;
    case 'ints':
      for (const value of attribute.value) pbf.writeVarintField(8, value);
      pbf.writeVarintField(20, 7);
      break;
  }
}

function writeTensor(tensor: Tensor, pbf: PbfWriter): void {
  for (const size of tensor.shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, dataType[tensor.type]);
  if (tensor.name !== '') pbf.writeStringField(8, tensor.name);
  if (tensor.data instanceof Uint8Array) {
    pbf.writeBytesField(9, tensor.data);
    return;
  }
  const { location, offset, length } = tensor.data;
  for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(length) }))
    pbf.writeMessage(13, writeEntry, { key, value });
  pbf.writeVarintField(14, 1); // data_location EXTERNAL
}

function writeEntry({ key, value }: { key: string; value: string }, pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValueInfo({ name, type, shape }: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, shape });
}

function writeType(value: Omit<ValueInfo, 'name'>, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType({ type, shape }: Omit<ValueInfo, 'name'>, pbf: PbfWriter): void {
  pbf.writeVarintField(1, dataType[type]);
  pbf.writeMessage(2, writeShape, shape);
}

function writeShape(shape: readonly (number | string)[], pbf: PbfWriter): void {
  for (const size of shape) pbf.writeMessage(1, writeDimension, size);
}

function writeDimension(size: number | string, pbf: PbfWriter): void {
  if (typeof size === 'number') pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
}
