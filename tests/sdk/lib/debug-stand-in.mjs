// npm `debug` is CommonJS, which browsers do not load; the SDK only needs silence.
export default function createDebug() {
  const debug = () => {};
  debug.extend = createDebug;
  debug.enabled = false;
  return debug;
}
