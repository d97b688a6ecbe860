/**
 * ONNX Runtime's official builds for Linux and macOS keep a device id and a database of events under the home directory
 * and send them to Microsoft, unless this stands in the environment of the process before they are loaded (their
 * Privacy.md, release 1.30). A worker thread has but a copy of the environment: who starts one imports this as well.
 * On Windows events go to the system's event tracing, which this does not end.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
