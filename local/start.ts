/**
 * `npm start`: builds, and runs the whole system on this machine. Ctrl-C ends all of it.
 * `npm run watch`: the same, with the server built anew and restarted on a change of its source.
 */
import { readArguments, readPort, runCommand } from "./command-line.ts";

const defaultPort = 7071;

const command = process.env.npm_lifecycle_event === "watch" ? "npm run watch" : "npm start";

const usage = `Usage: ${command} -- [options]

Builds the server, and starts it with everything that it needs, on this machine. Ctrl-C ends all of it.`;

await runCommand(async () => {
  const { values } = readArguments(usage, {
    port: { value: "N", description: `the server's port, ${defaultPort} unless given` },
    fresh: { description: "delete what this stack has stored" },
    json: { description: "print one line of JSON when ready, logs to stderr" },
    log: {
      value: "FORMAT",
      description: "of what the server logs: text, or json as it is in Azure",
    },
    data: { value: "FOLDER", description: "the folder to keep data in, .local unless given" },
    domain: {
      value: "FOLDER",
      description: "a folder with the domain.ts to serve, the one of src/domain.ts unless given",
    },
    "client-documents": {
      description:
        "let clients be known by the URL of their document: their first sign-in fetches it",
    },
    build: { description: "build before starting, as npm start does" },
    watch: {
      description: "build, and again with a restart on a change, as npm run watch does",
    },
  });
  const port = readPort("port", values.port) ?? defaultPort;
  // It brings the whole server along, which would keep a refusal waiting.
  const { serve } = await import("./serve.ts");
  await serve({ ...values, port, clientDocuments: values["client-documents"] });
});
