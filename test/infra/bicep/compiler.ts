import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { JsonObject } from "./json.ts";

export const root = join(import.meta.dirname, "..", "..", "..");

/** Where `dotnet restore test/infra/bicep` puts the compilers of the project file. */
const restored = join(root, ".local", "bicep");

const [current = "", oldest = ""] = [
  ...readFileSync(join(import.meta.dirname, "compilers.csproj"), "utf8").matchAll(/\[([\d.]+)\]/g),
].map(([, version]) => version);

/** Why there is nothing to compile with, for whoever reads that tests did not run. */
export const withoutCompiler = `no Bicep ${current} or newer: dotnet restore test/infra/bicep`;

/** The compiler that the templates are checked with: the restored one, or a newer one on the `PATH`. */
export function currentCompiler(): string | undefined {
  return restoredCompiler(current) ?? compilerOnPath();
}

/** The oldest compiler that can be had, where it was restored. */
export function oldestCompiler(): string | undefined {
  return restoredCompiler(oldest);
}

function restoredCompiler(version: string): string | undefined {
  if (!existsSync(restored)) return undefined;
  return readdirSync(restored)
    .filter((name) => name.startsWith("azure.bicep.commandline."))
    .flatMap((name) =>
      ["bicep", "bicep.exe"].map((file) => join(restored, name, version, "tools", file)),
    )
    .find((path) => existsSync(path));
}

function compilerOnPath(): string | undefined {
  const { stdout } = spawnSync("bicep", ["--version"], { encoding: "utf8" });
  const version = /\d+\.\d+\.\d+/.exec(stdout ?? "")?.[0];
  if (version === undefined) return undefined;
  const isOlder = version.localeCompare(current, "en", { numeric: true }) < 0;
  return isOlder ? undefined : "bicep";
}

/** What the compiler or its linter says about a place in a template. */
export interface Diagnostic {
  readonly level: "Info" | "Warning" | "Error";
  /** Such as `BCP057`, or the name of a linter rule. */
  readonly code: string;
  /** The absolute path of the template. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Where a deployment is made, as far as a snapshot has to know. */
export interface DeploymentScope {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly deploymentName: string;
  /** Of a template whose target is a resource group. */
  readonly resourceGroup?: string;
  /** Of a template whose target is the subscription. */
  readonly location?: string;
}

/**
 * A running compiler. It is asked over JSON-RPC, so that Azure's types are loaded once for all
 * requests. Requests fail with the compiler's own message.
 *
 * Source: https://github.com/Azure/bicep/blob/main/src/Bicep.Cli/Rpc/ICliJsonRpcProtocol.cs
 */
export class Bicep {
  readonly #process: ChildProcess;
  readonly #connection: MessageConnection;

  constructor(path: string) {
    const child = spawn(path, ["jsonrpc", "--stdio"], {
      stdio: ["pipe", "pipe", "inherit"],
      // What .NET does for a program that runs for long takes nearly half of the time of this one.
      env: { ...process.env, DOTNET_TieredPGO: "0" },
    });
    this.#process = child;
    this.#connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    // Fails what is still being waited for.
    child.once("exit", () => this.#connection.dispose());
    child.once("error", () => this.#connection.dispose());
    this.#connection.listen();
  }

  /** Builds and lints a template and its modules; without `template` where there is an error. */
  async compile(path: string): Promise<{ diagnostics: Diagnostic[]; template?: JsonObject }> {
    const { contents, diagnostics } = await this.#connection.sendRequest<{
      contents?: string | null;
      diagnostics: (Omit<Diagnostic, "file" | "line"> & {
        source: string;
        range: { start: { line: number } };
      })[];
    }>("bicep/compile", { path });
    return {
      diagnostics: diagnostics.map(({ level, code, message, source, range }) => {
        return { level, code, file: source, line: range.start.line + 1, message };
      }),
      ...(contents ? { template: JSON.parse(contents) } : {}),
    };
  }

  /** A template as `bicep format` writes it. */
  async format(path: string): Promise<string> {
    const { contents } = await this.#connection.sendRequest<{ contents: string }>("bicep/format", {
      path,
    });
    return contents;
  }

  /** Absolute paths of all files that a template is built from. */
  async filesOf(path: string): Promise<readonly string[]> {
    const { filePaths } = await this.#connection.sendRequest<{ filePaths: string[] }>(
      "bicep/getFileReferences",
      { path },
    );
    return filePaths;
  }

  /**
   * The resources and outputs of a deployment with the values of a `.bicepparam` file, evaluated as
   * far as that goes offline. What only Azure knows stays an expression.
   */
  async snapshot(path: string, metadata: DeploymentScope): Promise<JsonObject> {
    const { snapshot } = await this.#connection.sendRequest<{ snapshot: string }>(
      "bicep/getSnapshot",
      { path, metadata },
    );
    return JSON.parse(snapshot);
  }

  close(): void {
    this.#process.kill();
  }
}
