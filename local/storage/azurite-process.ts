/**
 * The process that Azurite's blob service runs in, with the command line of `azurite-blob`. It ends
 * when the process that started it disconnects, and so also when that one is killed.
 */
import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import type { Socket } from "node:net";

// Azurite waits for open connections, also for those that never began their TLS handshake.
const connections = new Set<Socket>();
subscribe("net.server.socket", (message) => {
  const { socket } = message as { socket: Socket };
  connections.add(socket);
  socket.once("close", () => connections.delete(socket));
});

process.once("disconnect", () => {
  for (const connection of connections) connection.destroy();
  // On this signal Azurite saves its data and stops; before it has started, nothing listens.
  const stopping = process.emit("SIGTERM", "SIGTERM");
  if (!stopping) process.exit(1);
});

createRequire(import.meta.url)("azurite/dist/src/blob/main.js");
