// The WebAssembly SDK does not notice when its socket closes (it waits for an
// unanswered ping, minutes later). This wrapper tells it in a way that it
// understands, and tries refused connections again, as native SDKs do themselves.

const RETRY_MS = 100;
const encoder = new TextEncoder();

/** The message that makes the SDK drop a dead connection and make a new one. */
function connectionLost() {
  const body = JSON.stringify({
    message: "connection lost", tryAgain: true, action: "Transient", shouldClientReset: false,
    isRecoveryModeDisabled: false, logURL: "",
  });
  return encoder.encode(`json_error 100 ${body.length} 0\n${body}`).buffer;
}

/**
 * A WebSocket class for the SDK on top of another one.
 * @param {typeof WebSocket} Base what makes real connections
 * @param {(event: string, detail?: unknown) => void} [observe] sees "open", "retry", "closed"
 */
export function resilientSocket(Base, observe = () => {}) {
  return class ResilientSocket {
    binaryType = "arraybuffer";
    onopen = null;
    onmessage = null;
    onerror = null;
    onclose = null;
    #inner = null;
    #ended = false;
    #opened = false;

    constructor(url, protocols) {
      this.url = url;
      this.protocols = protocols;
      this.#connect();
    }

    #connect() {
      const inner = this.protocols ? new Base(this.url, this.protocols) : new Base(this.url);
      this.#inner = inner;
      inner.binaryType = "arraybuffer";
      inner.onopen = (event) => {
        this.#opened = true;
        observe("open", inner.protocol);
        this.onopen?.(event);
      };
      inner.onmessage = (event) => this.#ended || this.onmessage?.({ data: event.data });
      inner.onerror = () => {}; // a close follows
      inner.onclose = (event) => {
        if (this.#ended)
          return;
        if (!this.#opened) {
          observe("retry");
          setTimeout(() => this.#ended || this.#connect(), RETRY_MS);
          return;
        }
        observe("closed", event.code);
        this.onmessage?.({ data: connectionLost() });
      };
    }

    get readyState() { return this.#inner.readyState; }
    get protocol() { return this.#inner.protocol; }
    get extensions() { return ""; }
    get bufferedAmount() { return this.#inner.bufferedAmount; }

    send(data) {
      // The SDK hands over a view of its heap, which it reuses at once.
      if (this.#inner.readyState === 1)
        this.#inner.send(data.slice ? data.slice() : data);
    }

    close(code, reason) {
      this.#ended = true;
      if (this.#inner.readyState <= 1)
        this.#inner.close(code === 1000 || (code >= 3000 && code < 5000) ? code : 1000, reason);
    }

    /** Cuts the connection as a network would. */
    cut() { this.#inner.terminate ? this.#inner.terminate() : this.#inner.close(); }
  };
}
