import type { JsonWebKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  CannotRun,
  parseOptions,
  readNumber,
  readOrigin,
  readTarget,
  readTimeout,
  readToken,
} from "../shared/command-line.ts";
import { parseObject } from "../shared/exchange.ts";
import { profiles, type SuiteOptions } from "./prepare.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | { readonly kind: "run"; readonly options: RunOptions; readonly json: boolean };

/** The target may be found by `laptop` instead. */
export type RunOptions = Omit<SuiteOptions, "target"> & {
  readonly target: URL | undefined;
  readonly laptop: LaptopOptions | undefined;
};

export interface LaptopOptions {
  /** Of the stack's server; the stack started last unless given. */
  readonly port: number | undefined;
  /** The folder that the stack was started with; the usual one unless given. */
  readonly dataFolder: string | undefined;
}

export const usage = `Usage: npm run authsuite -- URL [options]

Checks from outside whether an MCP server guards itself as OAuth and MCP ask of it.

  --token TOKEN          an access token that the server accepts; - reads it from standard input
  --expired-token TOKEN  a token of the same authority that has expired
  --signing-key FILE     the authority's private key (JWK), to sign what is wrong in one thing
  --origin ORIGIN        a browser origin that the server allows
  --profile PROFILE      ${profiles.join(" or ")}; by the server's metadata unless given
  --body-limit BYTES     the size that the server allows a body, 4 MiB unless given
  --laptop [PORT]        the laptop stack started last, or at that port: URL, token, key and origin
  --data FOLDER          the folder that the laptop stack was started with
  --only NAME,…          these groups or checks alone
  --skip NAME,…          all but these groups or checks
  --timeout SECONDS      for each request, 10 unless given
  --pause MILLISECONDS   between two requests, for servers that limit them
  --json                 one JSON document instead of text
  --list                 every check with its source, as Markdown
  --help                 this

Exit code: 0 all that applies has passed, 1 there are findings, 2 it could not run, could not judge
everything, or nothing applied.`;

const options = {
  token: { type: "string" },
  "expired-token": { type: "string" },
  "signing-key": { type: "string" },
  origin: { type: "string" },
  profile: { type: "string" },
  "body-limit": { type: "string" },
  laptop: { type: "string" },
  data: { type: "string" },
  only: { type: "string" },
  skip: { type: "string" },
  timeout: { type: "string" },
  pause: { type: "string" },
  json: { type: "boolean" },
  list: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/**
 * Reads the command line.
 *
 * @param stdin where a token may come from that should not stand in a list of processes
 * @throws {CannotRun} saying what is wrong with it
 */
export async function readCommand(
  args: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<Command> {
  const { values, positionals } = parseOptions(withLaptopValue(args), options, usage);
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };

  const { laptop, data } = values;
  const target = readTarget(positionals, usage);
  if (target === undefined && laptop === undefined) {
    throw new CannotRun(`Which server? Give its MCP URL, or --laptop.\n\n${usage}`);
  }
  if (data !== undefined && laptop === undefined) throw new CannotRun("--data is for --laptop.");
  const profile = profiles.find((known) => known === values.profile);
  if (values.profile !== undefined && profile === undefined) {
    throw new CannotRun(`--profile is ${profiles.join(" or ")}, not ${values.profile}.`);
  }
  return {
    kind: "run",
    json: values.json ?? false,
    options: {
      target,
      token: await readToken(values.token, stdin),
      expiredToken: await readToken(values["expired-token"], stdin),
      signingKey: await readKey(values["signing-key"]),
      origin: readOrigin(values.origin),
      profile,
      bodyLimit: readNumber("body-limit", values["body-limit"]),
      timeout: readTimeout(values.timeout),
      pause: readNumber("pause", values.pause, { least: 0 }),
      only: readNames(values.only),
      skip: readNames(values.skip),
      laptop:
        laptop === undefined
          ? undefined
          : { port: readNumber("laptop", laptop || undefined), dataFolder: data },
    },
  };
}

/** `parseArgs` knows no option whose value may be left out. */
function withLaptopValue(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (argument === "--laptop") {
      const next = args[index + 1] ?? "";
      return [`--laptop=${/^\d+$/.test(next) ? next : ""}`];
    }
    return args[index - 1] === "--laptop" && /^\d+$/.test(argument) ? [] : [argument];
  });
}

function readNames(text: string | undefined): string[] | undefined {
  return text?.split(",").map((name) => name.trim());
}

async function readKey(path: string | undefined): Promise<JsonWebKey | undefined> {
  if (path === undefined) return undefined;
  const content = await readFile(path, "utf8").catch(() => {
    throw new CannotRun(`The signing key ${path} cannot be read.`);
  });
  const key = parseObject(content);
  if (key?.d !== undefined) return key;
  throw new CannotRun(`${path} holds no private key as a JWK.`);
}
