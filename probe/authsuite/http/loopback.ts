const loopbackHosts = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether an address leads to the machine that it is used on. */
export function isLoopback(url: URL): boolean {
  return loopbackHosts.test(url.hostname);
}
