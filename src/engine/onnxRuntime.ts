/** ONNX Runtime, told to keep what it does to itself. Nothing else imports onnxruntime-node. */
import './noTelemetry';
export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
